/** Makes @fastify/websocket available to the plugin, without getting into anybody's way. */
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import fastifyWebsocket from '@fastify/websocket'
import type { FastifyInstance, RouteHandlerMethod, RouteOptions } from 'fastify'
import type { WebSocket, WebSocketServer } from 'ws'
import { closeCodes } from '../../protocol/close-codes.ts'
import { FST_JUGGLER_OPTION_CONFLICT } from '../errors.ts'
import type { Monitor } from '../operations/monitor.ts'
import { bindingsOf } from './fastify-internals.ts'
import { refuseLateWebSocket } from './late-registration.ts'
import { SocketRoutes } from './socket-routes.ts'
import { UpgradeGuard } from './upgrades.ts'

/** The plugin's options that concern the server of WebSockets. */
export interface WebSocketSettings {
  readonly maxPayload: number
  readonly compression: boolean
  readonly limits: { readonly pendingUpgrades: number }
}

export interface WebSocketSupport {
  /** The socket of a WebSocket that was made from a request. */
  take (ws: WebSocket, request: IncomingMessage): Duplex
  /** Whether the client of an upgrade has left, or has been told that it waited for too long. */
  isOver (request: IncomingMessage): boolean
  /** From here on nobody but the caller looks after the WebSocket. To be called when it has listeners of its own. */
  disown (ws: WebSocket): void
  /** Refuses upgrades, and closes what the app's own WebSocket routes have open where nobody else would. */
  close (): void
  /** Ends at the deadline what is still open, and upgrades that were never answered. */
  terminate (): void
}

/** Servers that a registration of this plugin made. */
const ownServers = new WeakSet<WebSocketServer>()

/** Frame headers of segmented framing do not count towards `maxPayload`. */
const frameHeader = 1

/**
 * Registers @fastify/websocket where no ancestor has it. Where the app has, its settings hold.
 *
 * @throws FST_JUGGLER_OPTION_CONFLICT
 */
export async function provideWebSocket (
  fastify: FastifyInstance, settings: WebSocketSettings, monitor: Pick<Monitor, 'limit'>
): Promise<WebSocketSupport> {
  const guard = UpgradeGuard.of(fastify.server)
  guard.limit(
    settings.limits.pendingUpgrades,
    (details, message) => fastify.log.warn(details, message),
    (remote) => monitor.limit('pendingUpgrades', undefined, remote)
  )
  if (!fastify.hasDecorator('websocketServer')) await registerWebSocket(fastify, settings, guard)
  const server = fastify.websocketServer
  if (ownServers.has(server)) widen(server, settings)
  else checkAppsOwn(fastify, server, settings)
  fastify.addHook('onListen', async () => {
    for (const server of bindingsOf(fastify)) guard.include(server)
  })
  rememberListeners(server)
  return {
    take: (ws, request) => {
      // so far the newest one is that of @fastify/websocket, which adds it right before the handler is called
      added.set(ws, { ...added.get(ws), error: ws.listeners('error').at(-1) })
      return guard.take(request) ?? (ws as unknown as { _socket: Duplex })._socket
    },
    isOver: (request) => guard.isOver(request),
    disown: (ws) => disown(server, ws),
    close: () => {
      guard.close()
      if (!ownServers.has(server)) return
      for (const ws of server.clients) ws.close(closeCodes.goingAway.code, closeCodes.goingAway.reason)
    },
    terminate: () => {
      guard.destroyUnanswered()
      if (!ownServers.has(server)) return
      for (const ws of server.clients) ws.terminate()
    }
  }
}

async function registerWebSocket (
  fastify: FastifyInstance, settings: WebSocketSettings, guard: UpgradeGuard
): Promise<void> {
  const before = fastify.server.listeners('upgrade')
  const routes = new SocketRoutes(fastify)
  const restore = keepPlainRoutes(fastify)
  await fastify.register(fastifyWebsocket, {
    options: {
      maxPayload: settings.maxPayload + frameHeader,
      // By itself ws answers with the first that a client offers, as if it were spoken here (RFC 6455, section 4.2.2).
      handleProtocols: () => false,
      perMessageDeflate: settings.compression && deflateOptions
    },
    // the plugin closes what is open, with a code
    preClose: (done) => done()
  })
  restore()
  guard.adopt(before)
  guard.claim((request) => routes.has(request))
  refuseLateWebSocket(fastify)
  ownServers.add(fastify.websocketServer)
}

/**
 * Clients forget their window, so that no connection keeps one for what it reads. Whether the client keeps the window of
 * what it is sent is its own choice: what is deflated is the same for all who do, and for all who do not.
 */
const deflateOptions = { clientNoContextTakeover: true }

/** Several registrations share a server: it takes what any of them takes, and each checks for itself. */
function widen (server: WebSocketServer, { maxPayload, compression }: WebSocketSettings): void {
  const { options } = server
  options.maxPayload = Math.max(options.maxPayload ?? 0, maxPayload + frameHeader)
  if (compression) options.perMessageDeflate = deflateOptions
}

function checkAppsOwn (
  fastify: FastifyInstance, server: WebSocketServer, { maxPayload, compression }: WebSocketSettings
): void {
  if (compression) {
    throw new FST_JUGGLER_OPTION_CONFLICT('compression', 'an @fastify/websocket that the app registered itself')
  }
  const limit = server.options.maxPayload ?? 0
  if (limit === 0 || limit > maxPayload + frameHeader) {
    fastify.log.warn({ maxPayload, appMaxPayload: limit }, "the app's @fastify/websocket takes larger messages than " +
      "the option 'maxPayload' of the juggler plugin: they are refused once they are in memory")
  }
}

/**
 * @fastify/websocket opens a WebSocket on every route of its scope, and closes it at once where the route has no
 * WebSocket handler. Plain routes answer an upgrade like any other request instead.
 *
 * @returns to be called when @fastify/websocket has added its own hook
 */
function keepPlainRoutes (fastify: FastifyInstance): () => void {
  const handlers = new WeakMap<RouteOptions, RouteHandlerMethod>()
  fastify.addHook('onRoute', (route) => {
    if (route.websocket !== true && route.wsHandler === undefined) handlers.set(route, route.handler)
  })
  return () => {
    fastify.addHook('onRoute', (route) => {
      const handler = handlers.get(route)
      if (handler !== undefined) route.handler = handler
    })
  }
}

/**
 * Takes a WebSocket out of the server's care: closing all `clients` would close it without a code. The listeners that
 * the server and @fastify/websocket added hold on to the request and its reply for as long as the connection lives.
 *
 * It comes after the owner has added listeners: an emitter that loses the last one of an event becomes a dictionary,
 * of half a kilobyte.
 */
function disown (server: WebSocketServer, ws: WebSocket): void {
  server.clients.delete(ws)
  const { error, close = [] } = added.get(ws) ?? {}
  added.delete(ws)
  removeListener(ws, 'error', error)
  for (const listener of close) removeListener(ws, 'close', listener)
}

/** Listeners of a WebSocket that are not ours to keep: those of the server and of @fastify/websocket. */
const added = new WeakMap<WebSocket, { close?: readonly unknown[], error?: unknown }>()

const observed = new WeakSet<WebSocketServer>()

/** Remembers which listeners the server gives a WebSocket, before anybody else could add any. */
function rememberListeners (server: WebSocketServer): void {
  if (observed.has(server)) return
  observed.add(server)
  server.prependListener('connection', (ws) => { added.set(ws, { close: ws.listeners('close') }) })
}

function removeListener (ws: WebSocket, event: 'error' | 'close', listener: unknown): void {
  if (typeof listener === 'function' && ws.listenerCount(event) > 1) ws.removeListener(event, listener as () => void)
}
