/** Which handler answers which request. */
import type { JsonValue } from '../../../types/json.ts'
import type { Connection, FallbackRequestHandler, RequestHandler } from '../../../types/server.ts'
import { JugglerError } from '../../errors.ts'
import { describe } from '../describe.ts'
import { FST_JUGGLER_ARGUMENT_INVALID, FST_JUGGLER_HANDLER_DUPLICATE, FST_JUGGLER_NAME_RESERVED } from '../errors.ts'

export class Router {
  readonly #handlers = new Map<string, RequestHandler>()
  #fallback: FallbackRequestHandler | undefined

  /** @throws FST_JUGGLER_ARGUMENT_INVALID, FST_JUGGLER_HANDLER_DUPLICATE, FST_JUGGLER_NAME_RESERVED */
  handle (name: string, handler: RequestHandler): void {
    if (typeof name !== 'string') throw new FST_JUGGLER_ARGUMENT_INVALID('handle()', 'a name', describe(name))
    if (name === '') throw new FST_JUGGLER_NAME_RESERVED()
    if (typeof handler !== 'function') {
      throw new FST_JUGGLER_ARGUMENT_INVALID(`handle('${name}')`, 'a function', describe(handler))
    }
    if (this.#handlers.has(name)) throw new FST_JUGGLER_HANDLER_DUPLICATE(`requests called '${name}'`)
    this.#handlers.set(name, handler)
  }

  /** @throws FST_JUGGLER_ARGUMENT_INVALID, FST_JUGGLER_HANDLER_DUPLICATE */
  onRequest (handler: FallbackRequestHandler): void {
    if (typeof handler !== 'function') {
      throw new FST_JUGGLER_ARGUMENT_INVALID('onRequest()', 'a function', describe(handler))
    }
    if (this.#fallback !== undefined) throw new FST_JUGGLER_HANDLER_DUPLICATE('requests of other names')
    this.#fallback = handler
  }

  /** Whether a name has a handler of its own, so that it is known text and may be logged. */
  has (name: string): boolean {
    return this.#handlers.has(name)
  }

  /**
   * Calls the handler of a request.
   *
   * @returns what the handler returns, perhaps a promise
   * @throws what the handler throws; JugglerError where there is none
   */
  call (connection: Connection, name: string, data: JsonValue): unknown {
    const handler = this.#handlers.get(name)
    if (handler !== undefined) return handler(connection, data)
    if (this.#fallback !== undefined) return this.#fallback(connection, name, data)
    throw new JugglerError('request handler not implemented')
  }
}
