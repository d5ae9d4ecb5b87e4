/** What `fastify.juggler` is. */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { ContractDefinition } from '../../types/contract.ts'
import type {
  ConnectionHandler, FallbackRequestHandler, HandleOptions, Juggler, RequestHandler
} from '../../types/server.ts'
import type { ReadableState } from '../../types/state.ts'
import type { View } from '../../types/views.ts'
import { encodeNotify } from '../protocol/messages.ts'
import { kContract } from '../contract/symbol.ts'
import { readFlush } from './connection/notify-options.ts'
import type { Contracts } from './contract.ts'
import { describe } from './describe.ts'
import type { Engine } from './engine.ts'
import { FST_JUGGLER_ARGUMENT_INVALID } from './errors.ts'
import { ignorable } from './ignorable.ts'
import { maxDelay } from './option-rules.ts'
import { readHandleOptions } from './requests/handle-options.ts'
import type { HandlerSchemas } from './requests/schemas/handler-schemas.ts'
import { isReadableState } from './sync/readable-state.ts'

/** Over how many ms the ends of connections are spread that are drained. */
const defaultOver = 10_000

export interface JugglerParts {
  readonly engine: Engine
  readonly schemas: HandlerSchemas
  readonly contracts: Contracts
  /** Called for each new connection, in order. */
  readonly handlers: ConnectionHandler[]
  readonly state: ReadableState<unknown> | undefined
  /** Longest wait in ms for handlers that run. */
  readonly handlerTimeout: number
  /** Whether the app is ready. */
  isReady (): boolean
  viewOf (request: FastifyRequest): Promise<View>
}

/** @param scope - where it is used: its shared schemas and its compilers are those of the handlers */
export function createJuggler (parts: JugglerParts, scope: FastifyInstance): Juggler {
  const { engine, schemas, contracts, handlers, state } = parts
  const { router, hooks, connections } = engine
  const juggler: Juggler = {
    state,
    connections: connections.view,
    // The types of state and data are the caller's word: it knows which state its connections see.
    onConnection (handler: ConnectionHandler<never>) {
      if (typeof handler !== 'function') {
        throw new FST_JUGGLER_ARGUMENT_INVALID('onConnection()', 'a function', describe(handler))
      }
      handlers.push(handler as ConnectionHandler)
    },
    handle (name: string, ...rest: unknown[]) {
      const [options, handler]: [HandleOptions, unknown] = rest.length > 1 ? [readHandleOptions(name, rest[0] as HandleOptions), rest[1]] : [{}, rest[0]]
      contracts.hold(name, options.schema)
      const route = router.handle(name, options, handler as RequestHandler)
      try {
        schemas.add(name, route, scope)
      } catch (error) {
        // Once the app is ready the schemas are compiled at once, and without its checks no handler may run.
        router.remove(name)
        throw error
      }
    },
    onRequest (handler) {
      router.onRequest(handler as FallbackRequestHandler)
    },
    addHook (name: string, hook: unknown) {
      hooks.add(name, hook)
    },
    broadcast (name, data, options) {
      const flush = readFlush('broadcast()', options, ['state'])
      if (options !== undefined && 'state' in options) checkState('broadcast()', options.state)
      connections.broadcast(encodeNotify(name, data), options?.state, flush)
    },
    flush (state) {
      if (state !== undefined) checkState('flush()', state)
      return ignorable(connections.flush(state))
    },
    viewOf: (request) => parts.viewOf(request),
    stats: () => engine.stats(),
    ready: () => parts.isReady() && !connections.closing,
    drain (options = {}) {
      const { over = defaultOver } = Object(options) as { over?: number }
      if (!Number.isInteger(over) || over < 0 || over > maxDelay) {
        throw new FST_JUGGLER_ARGUMENT_INVALID('drain()', `an 'over' in ms from 0 to ${maxDelay}`, describe(over))
      }
      return ignorable(connections.drain(over, parts.handlerTimeout))
    }
  }
  // Not enumerable: it is for contracts alone.
  return Object.defineProperty(juggler, kContract, { value: (definition: ContractDefinition) => contracts.take(definition, juggler) })
}

/** The state of a room that does not exist must not make everybody hear what is meant for a few. */
function checkState (call: string, state: unknown): void {
  if (!isReadableState(state)) throw new FST_JUGGLER_ARGUMENT_INVALID(call, 'a state', describe(state))
}
