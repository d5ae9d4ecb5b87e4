/** A TCP proxy that harms one connection at one byte, and lets all later ones pass. */
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import type { AddressInfo, Server, Socket } from 'node:net'

export type Direction = 'down' | 'up'
/**
 * What happens at the byte: the connection is dropped; nothing comes any more though it stays; the stream is cut in
 * two pieces; the second piece comes later.
 */
export type Harm = 'drop' | 'stall' | 'halve' | 'delay'

export interface Fault { readonly harm: Harm, readonly direction: Direction, readonly at: number }

/** How late the rest is (ms), where it is delayed. */
const lateness = 15

export class FlakyProxy {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  /** Whether the harm was done. */
  hit = false

  private constructor (server: Server) {
    this.#server = server
  }

  static async start (target: number, fault: Fault): Promise<FlakyProxy> {
    const server = createServer({ noDelay: true })
    const proxy = new FlakyProxy(server)
    let first = true
    server.on('connection', (client) => {
      const upstream = connect({ port: target, host: '127.0.0.1', noDelay: true })
      proxy.#join(client, upstream, first ? fault : undefined)
      first = false
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return proxy
  }

  get port (): number {
    return (this.#server.address() as AddressInfo).port
  }

  async stop (): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  #join (client: Socket, upstream: Socket, fault: Fault | undefined): void {
    const end = () => {
      client.destroy()
      upstream.destroy()
    }
    for (const socket of [client, upstream]) {
      this.#sockets.add(socket)
      socket.on('error', () => {}).on('close', () => {
        this.#sockets.delete(socket)
        end()
      })
    }
    this.#pump(upstream, client, fault?.direction === 'down' ? fault : undefined, end)
    this.#pump(client, upstream, fault?.direction === 'up' ? fault : undefined, end)
  }

  #pump (from: Socket, to: Socket, fault: Fault | undefined, end: () => void): void {
    let passed = 0
    let stalled = false
    from.on('data', (chunk: Buffer) => {
      if (stalled) return
      const cut = fault === undefined ? -1 : fault.at - passed
      passed += chunk.length
      if (cut < 0 || cut >= chunk.length) {
        to.write(chunk)
        return
      }
      this.hit = true
      if (cut > 0) to.write(chunk.subarray(0, cut))
      const rest = chunk.subarray(cut)
      switch (fault!.harm) {
        case 'drop':
          // What was written before must arrive, or the harm would be done at an earlier byte.
          to.end(() => end())
          stalled = true
          break
        case 'stall':
          stalled = true
          break
        case 'halve':
          from.pause()
          setImmediate(() => {
            to.write(rest)
            from.resume()
          })
          break
        case 'delay':
          from.pause()
          setTimeout(() => {
            to.write(rest)
            from.resume()
          }, lateness)
      }
    })
  }
}
