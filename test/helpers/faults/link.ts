/** A TCP proxy whose line can be harmed in several ways while it is in use, and mended. */
import { once } from 'node:events'
import { createServer, connect } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises'
import type { Test } from 'tap'

/**
 * What the line does: it passes everything; nothing comes any more, and what is sent waits; what is sent is lost, in
 * both directions or in one, the end of a connection too; each byte goes by itself; everything comes 100 ms later.
 */
export type Manner = 'pass' | 'hold' | 'swallow' | 'swallow down' | 'swallow up' | 'bytes' | 'delay'

const delay = 100

export class Link {
  readonly port: number
  /** Bytes from the server after which a connection is reset, once for each number. */
  readonly resets: number[] = []
  /** How many connections there have been. */
  connections = 0
  #manner: Manner = 'pass'
  #mended: (() => void) | undefined
  #mending: Promise<void> | undefined
  readonly #pairs = new Set<readonly [near: Socket, far: Socket]>()

  private constructor (port: number) {
    this.port = port
  }

  static async start (t: Test, target: number): Promise<Link> {
    const server = createServer({ allowHalfOpen: true, noDelay: true }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const link = new Link((server.address() as AddressInfo).port)
    server.on('connection', (near) => link.#join(near, connect({ port: target, host: '127.0.0.1', allowHalfOpen: true, noDelay: true })))
    t.teardown(() => {
      link.cut()
      link.manner = 'pass'
      server.close()
    })
    return link
  }

  get manner (): Manner {
    return this.#manner
  }

  set manner (manner: Manner) {
    this.#manner = manner
    if (manner === 'hold') this.#mending ??= new Promise((resolve) => { this.#mended = resolve })
    else {
      this.#mended?.()
      this.#mending = undefined
    }
  }

  /** Ends all connections, on both sides. */
  cut (): void {
    for (const pair of this.#pairs) for (const socket of pair) socket.destroy()
  }

  /** Resets all connections, on both sides. */
  reset (): void {
    for (const pair of this.#pairs) for (const socket of pair) socket.resetAndDestroy()
  }

  /** Ends what goes to the server, and nothing else: it may still answer. */
  endUpwards (): void {
    for (const [, far] of this.#pairs) far.end()
  }

  /** Has bytes come that nobody has sent. */
  inject (direction: 'up' | 'down', bytes: Buffer): void {
    for (const [near, far] of this.#pairs) (direction === 'up' ? far : near).write(bytes)
  }

  #join (near: Socket, far: Socket): void {
    const pair = [near, far] as const
    const reset = this.resets.shift()
    this.connections++
    this.#pairs.add(pair)
    for (const socket of pair) socket.on('error', () => {}).on('close', () => { this.#pairs.delete(pair) })
    this.#pump('up', near, far)
    this.#pump('down', far, near, reset)
  }

  async #pump (direction: 'up' | 'down', from: Socket, to: Socket, reset = Infinity): Promise<void> {
    const swallows = () => this.#manner === 'swallow' || this.#manner === `swallow ${direction}`
    let passed = 0
    try {
      for await (const chunk of from as AsyncIterable<Buffer>) {
        await this.#mending
        passed += chunk.length
        if (passed > reset) {
          const rest = chunk.subarray(0, chunk.length - (passed - reset))
          if (rest.length > 0) await new Promise((resolve) => { to.write(rest, resolve) })
          for (const socket of [from, to]) socket.resetAndDestroy()
          return
        }
        if (!swallows()) await this.#pass(chunk, to)
      }
      await this.#mending
      if (!swallows()) to.end()
    } catch {
      // One side was cut or reset: so is the other, unless nothing gets through.
      await this.#mending
      if (!swallows()) to.destroy()
    }
  }

  async #pass (chunk: Buffer, to: Socket): Promise<void> {
    if (to.destroyed) return
    if (this.#manner === 'delay') await sleep(delay)
    if (this.#manner !== 'bytes') {
      if (!to.write(chunk)) await Promise.race([once(to, 'drain'), once(to, 'close')])
      return
    }
    for (const byte of chunk) {
      to.write(Buffer.from([byte]))
      await turn()
    }
  }
}
