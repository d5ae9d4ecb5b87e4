/** What a handler is told of its request. */
import type { FastifyBaseLogger } from 'fastify'
import type { RequestId, RequestMessage } from '../../../types/protocol.ts'
import type { Connection, RequestContext } from '../../../types/server.ts'

/** Of a request that may outlive its connection, or is given only so much time. */
export interface Deadline {
  /** Aborts with the handler's timeout, or at shutdown; with the connection where the request is no command. */
  readonly signal: AbortSignal
}

/** Most handlers look at none of this, so that nothing is made before it is asked for. */
export class HandlerContext implements RequestContext {
  readonly #connection: Connection
  readonly #request: RequestMessage
  readonly #deadline: Deadline | undefined
  #log: FastifyBaseLogger | undefined

  constructor (connection: Connection, request: RequestMessage, deadline?: Deadline) {
    this.#connection = connection
    this.#request = request
    this.#deadline = deadline
  }

  get name (): string {
    return this.#request.name
  }

  get id (): RequestId {
    return this.#request.id
  }

  get signal (): AbortSignal {
    return (this.#deadline ?? this.#connection).signal
  }

  get log (): FastifyBaseLogger {
    return (this.#log ??= this.#connection.log.child({ request: this.name, requestId: this.id }))
  }
}
