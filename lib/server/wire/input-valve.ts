/** Stops and starts the reading of one connection, so that a peer that leaves meanwhile is still noticed. */
import type { Duplex } from 'node:stream'
import type { WebSocket } from 'ws'

type Inflated = (error: Error | null, data: Buffer) => void

/** The part of permessage-deflate in `ws` that inflates; it has no public face. */
interface Deflate { decompress?: (this: Deflate, data: Buffer, isLast: boolean, done: Inflated) => void }
interface Deflating { readonly _extensions?: { readonly 'permessage-deflate'?: Deflate } }

const nothing = Buffer.alloc(0)

/**
 * A socket that is paused is left alone by the system calls that would tell of its end. So a glance lets one chunk in
 * every now and then: with it comes the news that the peer is gone.
 *
 * `ws` takes a chunk apart to its end, paused or not, and a chunk of 64 KB may hold messages of many megabytes,
 * deflated. While the valve is shut they stay deflated.
 */
export class InputValve {
  readonly #ws: WebSocket
  #isShut = false
  /** Whether what still comes matters to nobody. */
  #isSpent = false
  #isGuarded = false
  /** A deflated message that waits. */
  #waiting: (() => void) | undefined
  #glance: (() => void) | undefined

  constructor (ws: WebSocket) {
    this.#ws = ws
  }

  get isShut (): boolean {
    return this.#isShut
  }

  /** Whether a glance was asked for and nothing at all has come since. */
  get isGlancing (): boolean {
    return this.#glance !== undefined
  }

  /** Reads no more. */
  shut (): void {
    this.#isShut = true
    this.#guard()
    this.#ws.pause()
  }

  /** Reads on. */
  open (): void {
    this.#isShut = false
    this.#endGlance()
    this.#ws.resume()
    this.#goOn()
  }

  /** Lets one chunk in, now or when there is one, while the valve stays shut. */
  glance (): void {
    if (!this.#isShut || this.#glance !== undefined) return
    this.#glance = () => {
      this.#endGlance()
      if (this.#isShut) this.#ws.pause()
    }
    // behind the listener of ws
    socketOf(this.#ws)?.on('data', this.#glance)
    this.#ws.resume()
  }

  /** Reads to the end, for the peer's close frame is there; nobody hears the messages before it, or inflates them. */
  spend (): void {
    this.#isSpent = true
    this.#ws.removeAllListeners('message')
    this.open()
  }

  #endGlance (): void {
    if (this.#glance === undefined) return
    socketOf(this.#ws)?.removeListener('data', this.#glance)
    this.#glance = undefined
  }

  #goOn (): void {
    const waiting = this.#waiting
    this.#waiting = undefined
    waiting?.()
  }

  /** Puts itself before what inflates messages, where there is such a thing. */
  #guard (): void {
    const deflate = (this.#ws as Deflating)._extensions?.['permessage-deflate']
    if (this.#isGuarded || deflate?.decompress === undefined) return
    this.#isGuarded = true
    const inflate = deflate.decompress
    const decompress: typeof inflate = (data, isLast, done) => {
      if (this.#isSpent) process.nextTick(done, null, nothing)
      else if (this.#isShut) this.#waiting = () => decompress.call(deflate, data, isLast, done)
      else inflate.call(deflate, data, isLast, done)
    }
    deflate.decompress = decompress
    // ws tells of the end only when it is through with what it has
    socketOf(this.#ws)?.once('close', () => this.spend())
  }
}

/** What `ws` reads from; gone once that is closed. */
function socketOf (ws: WebSocket): Duplex | null | undefined {
  return (ws as { readonly _socket?: Duplex | null })._socket
}
