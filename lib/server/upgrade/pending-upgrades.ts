/** The list of upgrade sockets that nobody owns yet: who waits, for whom, for how long, and how each wait ends. */
import { IncomingMessage } from 'node:http'
import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { FST_JUGGLER_UPGRADE_TIMEOUT, FST_JUGGLER_UPGRADE_UNCLAIMED } from '../errors.ts'
import { answerText } from './answer-text.ts'

/** Node keeps the response that is assigned to a socket here; ws and light-my-request read it as well. */
export type UpgradeSocket = Socket & { _httpMessage?: ServerResponse | null }

/**
 * - `behind`: answers to earlier requests of the same connection are still to be sent
 * - `offered`: listeners of the app have seen the upgrade, and none has shown yet that it takes it
 * - `asked`: a response to it is assigned to the socket, so that Fastify runs hooks and will answer
 * - `refused`: it has its answer, which has not left yet
 */
type Phase = 'behind' | 'offered' | 'asked' | 'refused'

interface Entry {
  readonly request: IncomingMessage
  phase: Phase
  /** Seconds in this phase. */
  age: number
  /** What the socket had written when this phase began. */
  written: number
}

/** Longest stay in s in each phase that we can end. Earlier answers take as long as they take, like all of HTTP. */
const patience = { offered: 10, asked: 30, refused: 10 }

const tick = 1000

/**
 * A socket is in the list from its arrival until somebody owns it:
 *
 * ```
 * behind ─▶ offered ─┬─▶ somebody listens for data, or has written: it is theirs
 *    │         │     └─▶ 10 s: 404
 *    │         ▼
 *    └──────▶ asked ─┬─▶ 101: the WebSocket listens for data
 *                    ├─▶ any other answer: the socket ends with it
 *                    └─▶ 30 s: 504
 * ```
 *
 * A client that leaves, and `destroy`, end every wait. Nothing is read in the meantime: the bytes are the owner's.
 */
export class PendingUpgrades {
  /** How many may wait at one time. */
  limit = 0
  /** Called with the path of an upgrade that was in its hooks for too long. */
  onTimeout: (path: string) => void = () => {}
  readonly #entries = new Map<UpgradeSocket, Entry>()
  readonly #offered = new Set<UpgradeSocket>()
  #refused = 0
  #timer: NodeJS.Timeout | undefined
  readonly #onClose: (this: UpgradeSocket) => void
  readonly #onEnd: (this: UpgradeSocket) => void
  readonly #onListener: (this: UpgradeSocket, event: string | symbol) => void

  constructor () {
    const list = this
    this.#onClose = function () { list.release(this) }
    this.#onEnd = function () { list.#leave(this) }
    this.#onListener = function (event) {
      // before the listener is there, so that it finds the socket as it came
      if (event === 'data' || event === 'readable') list.release(this)
      // an assigned response listens for the end of its socket
      else if (event === 'close') list.noticeAsked(this)
    }
  }

  /** Whether no more upgrades may wait, even if one gives way that nobody has claimed so far. */
  makeRoom (): boolean {
    if (this.#entries.size - this.#refused < this.limit) return true
    const [oldest] = this.#offered
    if (oldest === undefined) return false
    this.refuse(oldest, new FST_JUGGLER_UPGRADE_UNCLAIMED())
    return true
  }

  add (socket: UpgradeSocket, request: IncomingMessage): void {
    this.#entries.set(socket, { request, phase: 'behind', age: 0, written: 0 })
    socket.on('close', this.#onClose)
    socket.on('end', this.#onEnd)
    socket.on('error', destroy)
    socket.on('newListener', this.#onListener)
    this.#timer ??= setInterval(() => this.#sweep(), tick).unref()
  }

  /** The answers before it are out, and listeners of the app are about to see it. */
  offer (socket: UpgradeSocket): void {
    this.#enter(socket, 'offered')
  }

  /** Has the socket end with its answer, where a response to its upgrade is assigned. */
  noticeAsked (socket: UpgradeSocket): void {
    const entry = this.#entries.get(socket)
    const response = socket._httpMessage
    if (entry === undefined || entry.phase === 'asked' || response?.req !== entry.request) return
    this.#enter(socket, 'asked')
    if (response.writableFinished) endSocket.call(response)
    else response.once('finish', endSocket)
  }

  /** Somebody owns the socket from here on. */
  release (socket: UpgradeSocket): void {
    const entry = this.#entries.get(socket)
    if (entry === undefined) return
    this.#entries.delete(socket)
    this.#offered.delete(socket)
    if (entry.phase === 'refused') this.#refused--
    socket.removeListener('close', this.#onClose)
    socket.removeListener('end', this.#onEnd)
    socket.removeListener('newListener', this.#onListener)
    socket.removeListener('error', destroy)
  }

  /** Answers with an error of ours, and ends the socket when the answer has left. */
  refuse (socket: UpgradeSocket, error: Error & { statusCode?: number, code: string }): void {
    const entry = this.#enter(socket, 'refused')
    if (entry === undefined) return
    socket.end(answerText(error), () => socket.destroy())
    // hooks that run still learn of it by the request's signal
    abort(entry.request)
  }

  /** Destroys whatever nobody has answered. Behind an answer to an earlier request a socket stays until that is out. */
  destroy (): void {
    for (const [socket, { phase, written }] of this.#entries) {
      if (phase === 'behind') continue
      if (phase === 'refused' || socket.bytesWritten === written || socket._httpMessage?.headersSent === true) socket.destroy()
      else this.release(socket)
    }
  }

  #enter (socket: UpgradeSocket, phase: Phase): Entry | undefined {
    const entry = this.#entries.get(socket)
    if (entry === undefined || entry.phase === 'refused') return undefined
    if (phase === 'offered') this.#offered.add(socket)
    else this.#offered.delete(socket)
    if (phase === 'refused') this.#refused++
    entry.phase = phase
    entry.age = 0
    entry.written = socket.bytesWritten
    return entry
  }

  /** The client has sent its last byte: whoever waits for an answer stays for it, and nobody else can be left. */
  #leave (socket: UpgradeSocket): void {
    const entry = this.#entries.get(socket)
    if (entry === undefined || entry.phase === 'refused') return
    if (entry.phase !== 'behind' && socket.bytesWritten > entry.written) return
    socket.destroy()
    abort(entry.request)
  }

  #sweep (): void {
    // Only now, and not with the last entry: where one upgrade comes after the other, each would begin a timer.
    if (this.#entries.size === 0) {
      clearInterval(this.#timer)
      this.#timer = undefined
    }
    for (const [socket, entry] of this.#entries) {
      entry.age++
      if (entry.phase === 'behind') continue
      if (entry.phase === 'refused') {
        if (entry.age >= patience.refused) socket.destroy()
      } else if (socket.bytesWritten > entry.written) {
        // with a response on its way the end of that is waited for; else whoever wrote is the owner
        if (socket._httpMessage?.headersSent !== true) this.release(socket)
      } else if (hasLeft(socket)) this.#leave(socket)
      else if (entry.age >= patience[entry.phase]) this.#giveUp(socket, entry)
    }
  }

  #giveUp (socket: UpgradeSocket, { phase, request }: Entry): void {
    if (phase === 'offered') {
      this.refuse(socket, new FST_JUGGLER_UPGRADE_UNCLAIMED())
    } else {
      // the query may hold a token
      this.onTimeout((request.url ?? '').split('?', 1)[0]!)
      this.refuse(socket, new FST_JUGGLER_UPGRADE_TIMEOUT())
    }
  }
}

/**
 * Whether the client has ended, although bytes of it wait to be read: a stream says 'end' only when they have been,
 * and has no public way to ask before.
 */
function hasLeft (socket: UpgradeSocket): boolean {
  return (socket as UpgradeSocket & { _readableState: { ended: boolean } })._readableState.ended
}

/** Has the request emit 'close', by which Fastify's `request.signal` and its hook `onRequestAbort` go. */
function abort (request: IncomingMessage): void {
  if (request instanceof IncomingMessage) request.destroy()
}

function destroy (this: UpgradeSocket): void {
  this.destroy()
}

function endSocket (this: ServerResponse): void {
  const { socket } = this
  // an injected connection's stream has no destroySoon
  if (typeof socket?.destroySoon === 'function') socket.destroySoon()
  else socket?.end()
}
