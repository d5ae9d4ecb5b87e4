/** The Fastify plugin. */
import type {
  FastifyContextConfig, FastifyInstance, FastifyReply, FastifyRequest, FastifySchema, preHandlerHookHandler
} from 'fastify'
import fp from 'fastify-plugin'
import type { WebSocket } from 'ws'
import type { JsonValue } from '../types/json.ts'
import type { FastifyJugglerOptions } from '../types/options.ts'
import type { ConnectionHandler, Juggler } from '../types/server.ts'
import type { ReadableState, State } from '../types/state.ts'
import type { View } from '../types/views.ts'
import { closeCodes } from './protocol/close-codes.ts'
import { Contracts } from './server/contract.ts'
import { describe } from './server/describe.ts'
import { Engine } from './server/engine.ts'
import {
  FST_JUGGLER_DECORATOR_PRESENT, FST_JUGGLER_HTTP2, FST_JUGGLER_STATE_INVALID, FST_JUGGLER_STATE_MISSING,
  FST_JUGGLER_UNAUTHORIZED
} from './server/errors.ts'
import type { Authentication } from './server/http/authentication.ts'
import { guard as protectScope, serve } from './server/http/index.ts'
import { answerRenewal, dropChallenge } from './server/http/renewal.ts'
import { remoteAddress } from './server/http/remote.ts'
import { retirementOf } from './server/retirement.ts'
import { tellHandlers } from './server/connection-handlers.ts'
import { createJuggler } from './server/juggler.ts'
import type { Arrival, StateBinding } from './server/connection/arrival.ts'
import { storeOf } from './server/sync/mirror.ts'
import { isReadableState } from './server/sync/readable-state.ts'
import { readOptions } from './server/options.ts'
import type { Settings } from './server/options.ts'
import { HandlerSchemas } from './server/requests/schemas/handler-schemas.ts'
import { compactRequest } from './server/connection/compact-request.ts'
import { framingOf } from './server/upgrade/framing-query.ts'
import { requireUpgrade } from './server/upgrade/require-upgrade.ts'
import { provideWebSocket } from './server/upgrade/websocket.ts'
import { ViewChoice, pathsOf } from './server/views/choice.ts'
import { StateView } from './server/views/view.ts'
import { compileViews } from './server/views/view-filters.ts'
import { frameSinkOf } from './server/wire/sending-socket.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** Connections, state and requests of the juggler protocol; the option `name` gives it another name. */
    juggler: Juggler
  }
}

async function plugin (fastify: FastifyInstance, options: FastifyJugglerOptions): Promise<void> {
  const settings = readOptions(options)
  if (speaksHttp2Alone(fastify)) throw new FST_JUGGLER_HTTP2()
  if (fastify.hasDecorator(settings.name)) throw new FST_JUGGLER_DECORATOR_PRESENT(settings.name)

  const engine = new Engine({
    settings,
    poisoning: fastify.initialConfig,
    warn: (details, message) => fastify.log.warn(details, message)
  })
  const websocket = await provideWebSocket(fastify, settings, engine.monitor)
  const { router, connections } = engine
  const schemas = new HandlerSchemas()
  const contracts = new Contracts(router)
  const handlers: ConnectionHandler[] = []
  const state = typeof settings.state === 'object' ? settings.state : undefined
  const views = settings.views && settings.view && new ViewChoice(settings.view, compileViews(settings.views), (details, message) => fastify.log.warn(details, message))
  const shared = state && bindingOf(state)
  let isReady = false
  const parts = { engine, schemas, contracts, handlers, state, handlerTimeout: settings.handlerTimeout, isReady: () => isReady, viewOf }
  const jugglers = new WeakMap<FastifyInstance, Juggler>()
  fastify.decorate(settings.name, {
    // The scope that asks is the one whose schemas count.
    getter (this: FastifyInstance) {
      let juggler = jugglers.get(this)
      if (juggler === undefined) jugglers.set(this, juggler = createJuggler(parts, this))
      return juggler
    }
  })
  fastify.addHook('onReady', async () => {
    contracts.check()
    schemas.compile()
    isReady = true
  })

  let authentication: Authentication | undefined

  // fastify-plugin takes the encapsulation away, and the prefix with it: routes are in a scope of their own
  const { prefix } = settings
  if (prefix === '') await protect(fastify)
  await fastify.register(async (scope) => {
    if (prefix !== '') await protect(scope)
    await serve(fastify, scope, settings, prefix !== '')
    addSocketRoute(scope)
  }, { ...options, prefix })

  let deadline: NodeJS.Timeout | undefined
  let ended: Promise<void> | undefined
  const retiring = retirementOf(fastify.server, async () => {
    websocket.close()
    await engine.retire()
  })
  fastify.addHook('preClose', async () => {
    // Nothing else of the app closes before the handlers have come to their end.
    await retiring()
    // The HTTP server waits for the sockets anyway; not to wait here lets all registrations close at the same time.
    ended = engine.close()
    deadline = setTimeout(websocket.terminate, settings.shutdownTimeout)
  })
  fastify.addHook('onClose', async () => {
    clearTimeout(deadline)
    await ended
  })

  async function protect (scope: FastifyInstance): Promise<void> {
    ({ authentication } = await protectScope(scope, settings, fullPrefix(fastify, prefix), isSocketRoute))
    authentication?.onRevoked(() => {
      for (const connection of connections.open()) {
        if (!isCurrent(connection.request)) connection.close(closeCodes.unauthorized)
      }
    })
  }

  function addSocketRoute (scope: FastifyInstance): void {
    const chosen = new WeakMap<FastifyRequest, Pick<Arrival, 'state' | 'view' | 'paths'>>()

    // Behind all hooks that may refuse the request, so that nobody learns of a state who may not see it.
    const prepare = async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
      if (!request.ws) return
      if (websocket.isOver(request.raw)) return abandon(reply)
      framingOf(request, settings.framing)
      const paths = pathsOf(request)
      const view = await views?.of(request)
      if (websocket.isOver(request.raw)) return abandon(reply)
      chosen.set(request, { state: await stateFor(request), view, paths })
      if (websocket.isOver(request.raw)) return abandon(reply)
      try {
        connections.admit(() => remoteOf(request, settings))
      } catch (error) {
        reply.header('retry-after', '1')
        throw error
      }
      // the user may have been removed while the state was looked up
      if (!isCurrent(request)) throw new FST_JUGGLER_UNAUTHORIZED()
    }

    const accept = (ws: WebSocket, request: FastifyRequest): void => {
      const arrival = {
        ws,
        socket: frameSinkOf(ws, websocket.take(ws, request.raw)),
        request,
        remote: remoteOf(request, settings),
        framing: framingOf(request, settings.framing),
        ...chosen.get(request)!
      }
      compactRequest(request)
      const connection = engine.accept(arrival)
      chosen.delete(request)
      websocket.disown(ws)
      tellHandlers(connection, handlers)
    }

    scope.route({
      ...settings.route,
      method: 'GET',
      url: settings.wsPath,
      // @fastify/swagger describes the app's own API
      schema: { hide: true, ...settings.route.schema } as FastifySchema,
      config: { ...settings.route.config, [kSocketRoute]: connections } as FastifyContextConfig,
      preHandler: [settings.route.preHandler ?? [], prepare as preHandlerHookHandler, answerRenewal].flat(),
      onSend: dropChallenge,
      handler: requireUpgrade,
      wsHandler: accept
    })
  }

  async function stateFor (request: FastifyRequest): Promise<StateBinding | undefined> {
    return typeof settings.state === 'function' ? bindingOf(await settings.state(request)) : shared
  }

  async function viewOf (request: FastifyRequest): Promise<View> {
    const view = await views?.of(request)
    const binding = await stateFor(request)
    if (binding === undefined) throw new FST_JUGGLER_STATE_MISSING()
    return new StateView(view?.key, view?.filter, () => binding.store)
  }

  function isCurrent (request: FastifyRequest): boolean {
    return authentication?.isCurrent(request) ?? true
  }

  function isSocketRoute (request: FastifyRequest): boolean {
    return (request.routeOptions.config as { [kSocketRoute]?: unknown } | undefined)?.[kSocketRoute] === connections
  }
}

/** Marks the WebSocket route of a registration. */
const kSocketRoute = Symbol('juggler.socketRoute')

function speaksHttp2Alone ({ initialConfig: { http2, https } }: FastifyInstance): boolean {
  return http2 === true && !(typeof https === 'object' && https.allowHTTP1)
}

function fullPrefix (fastify: FastifyInstance, prefix: string): string {
  return fastify.prefix.replace(/\/$/, '') + prefix
}

/** Ends what Fastify does for an upgrade that was answered already, or whose client has left. */
function abandon (reply: FastifyReply): void {
  reply.hijack()
  reply.log.debug('nobody waits for the answer to this upgrade any more')
}

function remoteOf (request: FastifyRequest, { trustForwarded }: Settings): string {
  // an injected request has no socket
  return request.raw.socket ? remoteAddress(request, trustForwarded) ?? '' : ''
}

function bindingOf (state: ReadableState<unknown>): StateBinding {
  if (!isReadableState(state)) throw new FST_JUGGLER_STATE_INVALID(describe(state))
  return { state: state as State<JsonValue>, store: storeOf(state) }
}

export const fastifyJuggler = fp(plugin, { name: 'fastify-juggler', fastify: '5.x' })
export default fastifyJuggler
