/** The front door of an HTTP server's upgrades: whose each one is, and that each comes to an end. */
import type { IncomingMessage } from 'node:http'
import type { Server } from 'node:net'
import type { Duplex } from 'node:stream'
import { FST_JUGGLER_CLOSING, FST_JUGGLER_UPGRADES_PENDING } from '../errors.ts'
import { isWebSocketOffer, serveAgain, takeWebSocketOnly } from './other-protocols.ts'
import { PendingUpgrades } from './pending-upgrades.ts'
import type { UpgradeSocket } from './pending-upgrades.ts'
import { SilentSockets } from './silent-sockets.ts'

export type UpgradeListener = (request: IncomingMessage, socket: Duplex, head: Buffer) => void

/** Whether Fastify would route a request to a WebSocket route. */
export type IsSocketRoute = (request: IncomingMessage) => boolean

const guards = new WeakMap<object, UpgradeGuard>()

/**
 * One for each HTTP server, however many registrations the app has.
 *
 * An event goes to all of its listeners, and an upgrade that two of them answer ends the process, as does one that is
 * answered before an earlier request of its connection. So the guard stands before the listeners:
 *
 * ```
 * 'upgrade' ─┬─▶ another protocol ─▶ served like any request
 *            └─▶ when earlier answers are out ─┬─▶ a WebSocket route of Fastify's ─▶ Fastify
 *                                              └─▶ any other path ─▶ the app's listeners; without any, Fastify
 * ```
 *
 * Node stops caring for a socket once it has emitted 'upgrade'. What becomes of one is in PendingUpgrades.
 */
export class UpgradeGuard {
  readonly #server: Server
  /** Hands an upgrade to Fastify: the listener of the first @fastify/websocket that was registered here. */
  #dispatch: UpgradeListener | undefined
  /** Calls the app's listeners. */
  readonly #emit: (...args: Parameters<UpgradeListener>) => void
  readonly #sockets = new WeakMap<IncomingMessage, Duplex>()
  readonly #routes = new Set<IsSocketRoute>()
  readonly #pending = new PendingUpgrades()
  readonly #silent: SilentSockets
  #full = false
  #warn: ((details: object, message: string) => void) | undefined
  #reached: ((remote: string | undefined) => void) | undefined
  #closing = false

  static of (server: Server): UpgradeGuard {
    let guard = guards.get(server)
    if (guard === undefined) guards.set(server, guard = new UpgradeGuard(server))
    return guard
  }

  private constructor (server: Server) {
    this.#server = server
    this.#silent = new SilentSockets(server)
    this.#pending.onTimeout = (path) => this.#warn?.({ path },
      "an upgrade was answered with 504: it waited for too long in a hook, or in the function given as option 'state'")
    // Node, and other listeners, take notice of whether there is one
    server.on('upgrade', guarded)
    const emit = server.emit as (this: Server, event: string | symbol, ...args: unknown[]) => boolean
    const guard = this
    this.#emit = (...args) => emit.call(server, 'upgrade', ...args)
    server.emit = function (this: Server, event: string | symbol, ...args: unknown[]): boolean {
      if (event !== 'upgrade') return emit.call(this, event, ...args)
      guard.#onUpgrade(...args as Parameters<UpgradeListener>)
      return true
    } as Server['emit']
    takeWebSocketOnly(server)
  }

  /** Serves another server's upgrades of other protocols as well: Fastify has one for each address of `localhost`. */
  include (server: Server): void {
    takeWebSocketOnly(server)
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

  /** Adds routes that are answered by Fastify even where the app has 'upgrade' listeners of its own. */
  claim (isRoute: IsSocketRoute): void {
    this.#routes.add(isRoute)
  }

  /**
   * Of several registrations the one that lets most upgrades wait decides, and the first one logs and counts.
   *
   * @param reached - called with the address of each upgrade that is refused
   */
  limit (pendingUpgrades: number, warn: (details: object, message: string) => void, reached: (remote: string | undefined) => void): void {
    this.#reached ??= reached
    this.#pending.limit = Math.max(this.#pending.limit, pendingUpgrades)
    this.#warn ??= warn
  }

  /** The socket of an upgrade, whose owner the caller becomes. The response is let go, and with it what it holds. */
  take (request: IncomingMessage): Duplex | undefined {
    const socket = this.#sockets.get(request) as UpgradeSocket | undefined
    if (socket === undefined) return undefined
    this.#sockets.delete(request)
    this.#pending.release(socket)
    socket._httpMessage?.detachSocket(socket)
    return socket
  }

  /** Whether nobody is there any more to whom an upgrade could be answered. */
  isOver (request: IncomingMessage): boolean {
    const socket = this.#sockets.get(request)
    return socket !== undefined && (socket.destroyed || !socket.writable)
  }

  /** Refuses upgrades from now on. */
  close (): void {
    this.#closing = true
  }

  /** Destroys what has not been answered, or has not asked anything. */
  destroyUnanswered (): void {
    this.#silent.destroy()
    this.#pending.destroy()
  }

  #onUpgrade (request: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.#silent.spoke(request)
    this.#sockets.set(request, socket)
    // the server does not wait for an injected connection, nor is there a request before it
    if (!isReal(socket)) return this.#handOn(request, socket, head)
    const room = !isWebSocketOffer(request) || this.#pending.makeRoom()
    if (!room) this.#refused(socket)
    else this.#full = false
    this.#pending.add(socket, request)
    whenAnswered(socket, () => {
      if (!socket.writable) socket.destroy()
      else if (!isWebSocketOffer(request)) this.#serve(request, socket, head)
      else if (this.#closing) this.#pending.refuse(socket, new FST_JUGGLER_CLOSING())
      else if (!room) this.#pending.refuse(socket, new FST_JUGGLER_UPGRADES_PENDING())
      else {
        this.#pending.offer(socket)
        this.#handOn(request, socket, head)
        this.#pending.noticeAsked(socket)
      }
    })
  }

  #serve (request: IncomingMessage, socket: UpgradeSocket, head: Buffer): void {
    this.#pending.release(socket)
    serveAgain(request, socket, head, this.#server)
  }

  #handOn (request: IncomingMessage, socket: Duplex, head: Buffer): void {
    if (this.#dispatch === undefined || !this.#isFastifys(request)) return this.#emit(request, socket, head)
    for (const listener of this.#server.rawListeners('upgrade')) {
      if (isOnce(listener)) listener.call(this.#server, request, socket, head)
    }
    this.#dispatch.call(this.#server, request, socket, head)
  }

  /** Where the app listens for upgrades itself, what is no WebSocket route of Fastify's is left to it. */
  #isFastifys (request: IncomingMessage): boolean {
    const others = this.#server.rawListeners('upgrade').filter((listener) => listener !== guarded && !isOnce(listener))
    if (others.length === 0) return true
    for (const isRoute of this.#routes) if (isRoute(request)) return true
    return false
  }

  #refused (socket: UpgradeSocket): void {
    this.#reached?.(socket.remoteAddress)
    if (this.#full) return
    this.#full = true
    this.#warn?.({ pendingUpgrades: this.#pending.limit }, 'upgrades are answered with 503: as many as ' +
      "'limits.pendingUpgrades' allows wait in hooks, or in the function given as option 'state'")
  }
}

/** The guard stands before the listeners, so that there is nothing left to do here. */
function guarded (): void {}

/** Whoever wants to hear of one upgrade serves none: `once(server, 'upgrade')` waits for somebody to come. */
function isOnce (listener: object): boolean {
  return 'listener' in listener
}

function isReal (socket: Duplex): socket is UpgradeSocket {
  return (socket as Partial<UpgradeSocket>).bytesWritten !== undefined
}

/**
 * Calls back when every earlier request of the connection has its answer: a client may send an upgrade behind others
 * without waiting, and Node assigns their responses to the socket one after the other.
 */
function whenAnswered (socket: UpgradeSocket, done: () => void): void {
  const earlier = socket._httpMessage
  if (earlier == null) done()
  // Node's own listener, which assigns the next one, came before this
  else earlier.once('finish', () => whenAnswered(socket, done))
}
