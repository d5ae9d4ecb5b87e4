/** Sees to it that every upgrade of an HTTP server comes to an end, whichever part of the app answers it. */
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { SilentSockets } from './silent-sockets.ts'

export type UpgradeListener = (request: IncomingMessage, socket: Duplex, head: Buffer) => void

/** Node keeps the response that is assigned to a socket here; ws and light-my-request read it as well. */
type AssignedSocket = Duplex & { _httpMessage?: ServerResponse | null }

const guards = new WeakMap<object, UpgradeGuard>()

const refusal = 'HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 0\r\n\r\n'

/**
 * One for each HTTP server, however many registrations the app has.
 *
 * ```
 * 'upgrade' ─▶ dispatched to Fastify ─▶ 101: the socket is the WebSocket's
 *                        │
 *                        ├─▶ any other answer: the socket ends with it
 *                        └─▶ no answer when the app closes: the socket is destroyed
 * ```
 *
 * Node stops caring for a socket once it has emitted 'upgrade', and Fastify answers on it like on any other, so that
 * without this a 404 would leave it open, and the server could never close.
 */
export class UpgradeGuard {
  readonly #server: Server
  /** Hands an upgrade to Fastify: the listener of the first @fastify/websocket that was registered here. */
  #dispatch: UpgradeListener | undefined
  readonly #sockets = new WeakMap<IncomingMessage, Duplex>()
  /** Upgrades without an answer, and what their sockets had written before. */
  readonly #unanswered = new Map<Duplex, number>()
  /** Whether a path is one of the app's WebSocket routes. */
  readonly #routes = new Set<(path: string) => boolean>()
  readonly #listener: UpgradeListener
  readonly #forget: (this: Duplex) => void
  readonly #silent: SilentSockets
  #closing = false

  static of (server: Server): UpgradeGuard {
    let guard = guards.get(server)
    if (guard === undefined) guards.set(server, guard = new UpgradeGuard(server))
    return guard
  }

  private constructor (server: Server) {
    this.#server = server
    this.#silent = new SilentSockets(server)
    const unanswered = this.#unanswered
    this.#forget = function () { unanswered.delete(this) }
    this.#listener = (request, socket, head) => this.#onUpgrade(request, socket, head)
    server.on('upgrade', this.#listener)
  }

  /**
   * Takes over the listeners that a registration of @fastify/websocket added: two of them would both answer. The
   * requests that one dispatches can be upgraded by the routes of any.
   *
   * @param before - the listeners before that registration
   */
  adopt (before: readonly unknown[]): void {
    const added = (this.#server.listeners('upgrade') as UpgradeListener[]).filter((listener) => !before.includes(listener))
    for (const listener of added) {
      this.#server.removeListener('upgrade', listener)
      this.#dispatch ??= listener
    }
  }

  /** Adds paths that are answered here even where the app has 'upgrade' listeners of its own. */
  claim (isRoute: (path: string) => boolean): void {
    this.#routes.add(isRoute)
  }

  /** The socket of an upgrade, whose owner the caller becomes. The response is let go, and with it what it holds. */
  take (request: IncomingMessage): Duplex | undefined {
    const socket = this.#sockets.get(request)
    if (socket === undefined) return undefined
    this.#sockets.delete(request)
    this.#unanswered.delete(socket)
    socket.removeListener('close', this.#forget)
    const { _httpMessage: response } = socket as AssignedSocket
    response?.detachSocket(socket as Socket)
    return socket
  }

  /** Refuses upgrades from now on. */
  close (): void {
    this.#closing = true
  }

  /** Destroys what has not been answered, or has not asked anything; what was answered with 101 is somebody's. */
  destroyUnanswered (): void {
    this.#silent.destroy()
    for (const [socket, written] of this.#unanswered) {
      const { _httpMessage: response } = socket as AssignedSocket
      if ((socket as Socket).bytesWritten === written || response?.headersSent === true) socket.destroy()
    }
  }

  #onUpgrade (request: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.#silent.spoke(request)
    this.#sockets.set(request, socket)
    // another @fastify/websocket has dispatched it already
    if (isDispatched(socket)) this.#watch(socket)
    else if (this.#isOurs(request)) this.#handle(request, socket, head)
    // somebody else may dispatch it still, in a listener after this one
    else process.nextTick(() => { if (isDispatched(socket)) this.#watch(socket) })
  }

  #handle (request: IncomingMessage, socket: Duplex, head: Buffer): void {
    if (this.#closing) {
      socket.on('error', noop)
      socket.end(refusal, () => socket.destroy())
    } else if (this.#dispatch !== undefined) {
      this.#watchFrom(socket)
      this.#dispatch.call(this.#server, request, socket, head)
      this.#watch(socket)
    }
  }

  /** Where the app listens for upgrades itself, what is no WebSocket route of Fastify's is left to it. */
  #isOurs (request: IncomingMessage): boolean {
    if (this.#server.listenerCount('upgrade') === 1) return true
    const path = (request.url ?? '').split('?', 1)[0]!
    for (const isRoute of this.#routes) if (isRoute(path)) return true
    return false
  }

  #watchFrom (socket: Duplex): void {
    // an injected connection's stream does not count, and the server does not wait for it
    if ((socket as Partial<Socket>).bytesWritten === undefined) return
    this.#unanswered.set(socket, (socket as Socket).bytesWritten)
    socket.on('close', this.#forget)
  }

  /** Has the socket end with the answer. An upgrade to WebSocket does not go by the response. */
  #watch (socket: Duplex): void {
    if (!this.#unanswered.has(socket) && !socket.destroyed) this.#watchFrom(socket)
    const response = (socket as AssignedSocket)._httpMessage
    if (response?.writableFinished) endSocket.call(response)
    else response?.once('finish', endSocket)
  }
}

const noop = () => {}

const isDispatched = (socket: Duplex): boolean => (socket as AssignedSocket)._httpMessage != null

function endSocket (this: ServerResponse): void {
  const { socket } = this
  // an injected connection's stream has no destroySoon
  if (typeof socket?.destroySoon === 'function') socket.destroySoon()
  else socket?.end()
}
