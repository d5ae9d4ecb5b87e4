/** What `fastify.juggler` is. */
import type {
  ConnectionHandler, FallbackRequestHandler, Juggler, RequestHandler
} from '../../types/server.ts'
import type { ReadableState } from '../../types/state.ts'
import { encodeNotify } from '../protocol/messages.ts'
import type { Connections } from './connection/connections.ts'
import { readFlush } from './connection/notify-options.ts'
import { describe } from './describe.ts'
import { FST_JUGGLER_ARGUMENT_INVALID } from './errors.ts'
import { ignorable } from './ignorable.ts'
import { isReadableState } from './sync/readable-state.ts'
import type { Hooks } from './requests/hooks.ts'
import type { Router } from './requests/router.ts'

export interface JugglerParts {
  readonly router: Router
  readonly hooks: Hooks
  readonly connections: Connections
  /** Called for each new connection, in order. */
  readonly handlers: ConnectionHandler[]
  readonly state: ReadableState<unknown> | undefined
}

export function createJuggler ({ router, hooks, connections, handlers, state }: JugglerParts): Juggler {
  return {
    state,
    connections: connections.view,
    // The type of the state is the caller's word: it knows which state its connections see.
    onConnection (handler: ConnectionHandler<never>) {
      if (typeof handler !== 'function') {
        throw new FST_JUGGLER_ARGUMENT_INVALID('onConnection()', 'a function', describe(handler))
      }
      handlers.push(handler as ConnectionHandler)
    },
    handle (name: string, second: object, third?: RequestHandler) {
      if (third !== undefined) refuseOptions(name, second)
      router.handle(name, (third === undefined ? second : third) as RequestHandler)
    },
    addHook (name: string, hook: unknown) {
      hooks.add(name, hook)
    },
    onRequest (handler) {
      router.onRequest(handler as FallbackRequestHandler)
    },
    broadcast (name, data, options) {
      const flush = readFlush('broadcast()', options, ['state'])
      if (options !== undefined && 'state' in options) checkState('broadcast()', options.state)
      connections.broadcast(encodeNotify(name, data), options?.state, flush)
    },
    flush (state) {
      if (state !== undefined) checkState('flush()', state)
      return ignorable(connections.flush(state))
    }
  }
}

/** None exists yet, and one that is passed over in silence, such as a schema, would be taken for a check that is made. */
function refuseOptions (name: string, options: object): void {
  if (typeof options !== 'object' || options === null) {
    throw new FST_JUGGLER_ARGUMENT_INVALID(`handle('${name}')`, 'an object of options', describe(options))
  }
  const [option] = Object.keys(options)
  if (option !== undefined) {
    throw new FST_JUGGLER_ARGUMENT_INVALID(`handle('${name}')`, 'no options yet', describe(option))
  }
}

/** The state of a room that does not exist must not make everybody hear what is meant for a few. */
function checkState (call: string, state: unknown): void {
  if (!isReadableState(state)) throw new FST_JUGGLER_ARGUMENT_INVALID(call, 'a state', describe(state))
}
