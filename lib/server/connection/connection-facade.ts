/** What the app holds of one client: the public face of a link. */
import type { FastifyBaseLogger, FastifyRequest } from 'fastify'
import type { JsonValue } from '../../../types/json.ts'
import type { CloseInfo } from '../../../types/protocol.ts'
import type { Connection } from '../../../types/server.ts'
import type { State } from '../../../types/state.ts'
import { closeCodes } from '../../protocol/close-codes.ts'
import { describe, FST_JUGGLER_ARGUMENT_INVALID } from '../errors.ts'
import type { Link } from './connection.ts'

/** Longest reason in bytes of UTF-8 (RFC 6455, section 5.5: a control frame holds 125, two of them the code). */
const maxReason = 123

export class ServerConnection implements Connection {
  readonly #link: Link

  constructor (link: Link) {
    this.#link = link
  }

  get id (): string {
    return this.#link.id
  }

  get remote (): string {
    return this.#link.remote
  }

  get request (): FastifyRequest {
    return this.#link.request
  }

  get state (): State<JsonValue> {
    return this.#link.state
  }

  get log (): FastifyBaseLogger {
    return this.#link.log
  }

  get signal (): AbortSignal {
    return this.#link.signal
  }

  get closed (): Promise<CloseInfo> {
    return this.#link.closed
  }

  get isOpen (): boolean {
    return this.#link.isOpen
  }

  flush (): Promise<void> {
    return this.#link.flush()
  }

  notify (name: string, data?: unknown): Promise<void> {
    return this.#link.notify(name, data)
  }

  close (code?: number, reason?: string): Promise<void> {
    if (code !== undefined && !(code === 1000 || (Number.isInteger(code) && code >= 3000 && code <= 4999))) {
      throw new FST_JUGGLER_ARGUMENT_INVALID('close()', 'the code 1000 or one from 3000 to 4999', describe(code))
    }
    if (reason !== undefined && (typeof reason !== 'string' || Buffer.byteLength(reason) > maxReason)) {
      throw new FST_JUGGLER_ARGUMENT_INVALID('close()', `a reason of at most ${maxReason} bytes`, describe(reason))
    }
    this.#link.close({
      code: code ?? closeCodes.normal.code,
      reason: reason ?? (code === undefined || code === closeCodes.normal.code ? closeCodes.normal.reason : '')
    })
    return Promise.resolve()
  }
}
