/** What the app holds of one client: the public face of a connection, which checks what the app passes in. */
import type { FastifyBaseLogger, FastifyRequest } from 'fastify'
import type { JsonValue } from '../../../types/json.ts'
import type { CloseInfo } from '../../../types/protocol.ts'
import type { Connection, NotifyOptions } from '../../../types/server.ts'
import type { State } from '../../../types/state.ts'
import type { View } from '../../../types/views.ts'
import { closeCodes } from '../../protocol/close-codes.ts'
import { describe } from '../describe.ts'
import { FST_JUGGLER_ARGUMENT_INVALID } from '../errors.ts'
import { readFlush } from './notify-options.ts'

/** Longest reason in bytes of UTF-8 (RFC 6455, section 5.5: a control frame holds 125, two of them the code). */
const maxReason = 123

/** What the facade passes on to; the connection itself has more, which is not the app's. */
export interface ConnectionInternals {
  readonly id: string
  readonly remote: string
  readonly request: FastifyRequest
  readonly state: State<JsonValue>
  readonly view: View
  readonly log: FastifyBaseLogger
  readonly signal: AbortSignal
  readonly closed: Promise<CloseInfo>
  readonly isOpen: boolean
  flush (): Promise<void>
  notify (name: string, data?: unknown, flush?: boolean): Promise<void>
  close (info: CloseInfo): void
}

export class ConnectionFacade implements Connection {
  readonly #connection: ConnectionInternals

  constructor (connection: ConnectionInternals) {
    this.#connection = connection
  }

  get id (): string {
    return this.#connection.id
  }

  get remote (): string {
    return this.#connection.remote
  }

  get request (): FastifyRequest {
    return this.#connection.request
  }

  get state (): State<JsonValue> {
    return this.#connection.state
  }

  get view (): View {
    return this.#connection.view
  }

  get log (): FastifyBaseLogger {
    return this.#connection.log
  }

  get signal (): AbortSignal {
    return this.#connection.signal
  }

  get closed (): Promise<CloseInfo> {
    return this.#connection.closed
  }

  get isOpen (): boolean {
    return this.#connection.isOpen
  }

  flush (): Promise<void> {
    return this.#connection.flush()
  }

  notify (name: string, data?: unknown, options?: NotifyOptions): Promise<void> {
    return this.#connection.notify(name, data, readFlush('notify()', options))
  }

  close (code?: number, reason?: string): Promise<void> {
    if (code !== undefined && !(code === 1000 || (Number.isInteger(code) && code >= 3000 && code <= 4999))) {
      throw new FST_JUGGLER_ARGUMENT_INVALID('close()', 'the code 1000 or one from 3000 to 4999', describe(code))
    }
    if (reason !== undefined && (typeof reason !== 'string' || Buffer.byteLength(reason) > maxReason)) {
      throw new FST_JUGGLER_ARGUMENT_INVALID('close()', `a reason of at most ${maxReason} bytes`, describe(reason))
    }
    this.#connection.close({
      code: code ?? closeCodes.normal.code,
      reason: reason ?? (code === undefined || code === closeCodes.normal.code ? closeCodes.normal.reason : '')
    })
    return Promise.resolve()
  }
}
