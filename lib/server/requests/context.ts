/** What a handler is told of its request. */
import type { FastifyBaseLogger } from 'fastify'
import type { RequestId, RequestMessage } from '../../../types/protocol.ts'
import type { Connection, RequestContext } from '../../../types/server.ts'

/** Most handlers look at none of this, so that nothing is made before it is asked for. */
export class HandlerContext implements RequestContext {
  readonly #connection: Connection
  readonly #request: RequestMessage
  readonly #source: { readonly signal: AbortSignal }
  #log: FastifyBaseLogger | undefined

  /** @param source - of the signal: the connection, or whatever else tells that nobody waits any more */
  constructor (connection: Connection, request: RequestMessage, source: { readonly signal: AbortSignal } = connection) {
    this.#connection = connection
    this.#request = request
    this.#source = source
  }

  get name (): string {
    return this.#request.name
  }

  get id (): RequestId {
    return this.#request.id
  }

  get signal (): AbortSignal {
    return this.#source.signal
  }

  get log (): FastifyBaseLogger {
    return (this.#log ??= this.#connection.log.child({ request: this.name, requestId: this.id }))
  }
}
