/** Which handler answers which request, and what it has said about itself. */
import type { JsonValue } from '../../../types/json.ts'
import type { Connection, FallbackRequestHandler, HandleOptions, RequestContext, RequestHandler } from '../../../types/server.ts'
import type { JugglerStats } from '../../../types/stats.ts'
import { JugglerError } from '../../errors.ts'
import { isReserved } from '../../protocol/reserved-names.ts'
import { describe } from '../describe.ts'
import { Outcomes } from '../operations/outcomes.ts'
import { FST_JUGGLER_ARGUMENT_INVALID, FST_JUGGLER_HANDLER_DUPLICATE, FST_JUGGLER_NAME_RESERVED } from '../errors.ts'

/** What answers requests of one name, or of all others. */
export interface Route {
  readonly options: HandleOptions
  /** How its requests have ended. */
  readonly outcomes: Outcomes
  /** @returns what the handler returns, perhaps a promise */
  call (connection: Connection, name: string, data: unknown, context: RequestContext): unknown
  /**
   * Checks data; there once the schema is compiled.
   *
   * @returns what the handler is to get, or a promise of it
   * @throws JugglerError `JUGGLER_DATA_INVALID`; a promise rejects with it
   */
  validate?: ((data: JsonValue) => unknown) | undefined
  /**
   * Makes JSON text of a result; there once the schema is compiled.
   *
   * @throws ResultError; a promise rejects with it
   */
  write?: ((result: unknown) => string | Promise<string>) | undefined
}

const noOptions: HandleOptions = Object.freeze({})

/** What requests are counted as whose name has no handler: clients choose those, and there is no end of them. */
export const otherNames = 'other'

export class Router {
  readonly #routes = new Map<string, Route>()
  readonly #others = new Outcomes()
  readonly #missing: Route = {
    options: noOptions,
    outcomes: this.#others,
    call () {
      throw new JugglerError('request handler not implemented')
    }
  }

  #fallback: Route | undefined

  /** @throws FST_JUGGLER_ARGUMENT_INVALID, FST_JUGGLER_HANDLER_DUPLICATE, FST_JUGGLER_NAME_RESERVED */
  handle (name: string, options: HandleOptions, handler: RequestHandler): Route {
    if (typeof name !== 'string') throw new FST_JUGGLER_ARGUMENT_INVALID('handle()', 'a name', describe(name))
    if (isReserved(name)) throw new FST_JUGGLER_NAME_RESERVED()
    if (typeof handler !== 'function') {
      throw new FST_JUGGLER_ARGUMENT_INVALID(`handle('${name}')`, 'a function', describe(handler))
    }
    if (this.#routes.has(name)) throw new FST_JUGGLER_HANDLER_DUPLICATE(`requests called '${name}'`)
    const route: Route = {
      options,
      outcomes: name === otherNames ? this.#others : new Outcomes(),
      call: (connection, _name, data, context) => handler(connection, data as JsonValue, context)
    }
    this.#routes.set(name, route)
    return route
  }

  remove (name: string): void {
    this.#routes.delete(name)
  }

  /** @throws FST_JUGGLER_ARGUMENT_INVALID, FST_JUGGLER_HANDLER_DUPLICATE */
  onRequest (handler: FallbackRequestHandler): void {
    if (typeof handler !== 'function') {
      throw new FST_JUGGLER_ARGUMENT_INVALID('onRequest()', 'a function', describe(handler))
    }
    if (this.#fallback !== undefined) throw new FST_JUGGLER_HANDLER_DUPLICATE('requests of other names')
    this.#fallback = {
      options: noOptions,
      outcomes: this.#others,
      call: (connection, name, data, context) => handler(connection, name, data as JsonValue, context)
    }
  }

  /** Whether a name has a handler of its own, so that it is known text and may be logged. */
  has (name: string): boolean {
    return this.#routes.has(name)
  }

  /** What answers requests of a name; where there is nothing, what says so. */
  route (name: string): Route {
    return this.#routes.get(name) ?? this.#fallback ?? this.#missing
  }

  /** How the requests of each name have ended, and those of all others. */
  read (): JugglerStats['requests'] {
    const named = [...this.#routes].map(([name, { outcomes }]) => [name, outcomes.read()] as const)
    return Object.fromEntries([...named, [otherNames, this.#others.read()]])
  }
}
