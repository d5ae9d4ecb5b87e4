/** What a client is told of a request that failed: the error's data or message, and what of it is only logged. */
import { randomUUID } from 'node:crypto'
import type { FastifyBaseLogger } from 'fastify'
import type { JsonValue } from '../../../types/json.ts'
import { stringify } from '../../protocol/messages.ts'
import type { Floods } from '../operations/floods.ts'
import { JugglerError } from '../../errors.ts'

/** What the answers to failed requests go by. */
export interface FailureSettings {
  /** Whether messages of unexpected errors reach the client; otherwise it gets the reference of a log line. */
  readonly exposeErrors: boolean
  /** Sums up lines of the log. */
  readonly floods: Pick<Floods, 'passes'>
  readonly router: {
    /** Whether a name has a handler of its own, so that it is known text and may be logged. */
    has (name: string): boolean
  }
}

/** Whose logger is taken only where there is something to log: most connections never make one. */
export interface FailureLog { readonly log: FastifyBaseLogger }

/** An answer that says why a request was not carried out, in a form that programs can read. */
export const refusal = (code: string, message: string, more?: Record<string, JsonValue>): JugglerError =>
  new JugglerError({ code, message, ...more }, message)

/** A handler's result that cannot be sent. The client is not told what is wrong with it. */
export class ResultError extends Error {
  override readonly name = 'ResultError'
  readonly errors: unknown

  constructor (message: string, errors?: unknown) {
    super(message)
    this.errors = errors
  }
}

/** The data, as JSON text, of the answer to a request whose handler threw, or returned what JSON cannot carry. */
export function failureText (name: string, error: unknown, settings: FailureSettings, owner: FailureLog): string {
  try {
    return stringify(failureData(name, error, settings, owner))
  } catch (unsendable) {
    // A JugglerError may hold data that JSON cannot carry. What an Error has to say is text.
    return stringify(messageData(name, unsendable, settings, owner))
  }
}

/** Reading the properties of a thrown object may itself throw, and what that throws may be such an object as well. */
function messageData (name: string, error: unknown, settings: FailureSettings, owner: FailureLog): JsonValue {
  try {
    return failureData(name, error, settings, owner)
  } catch {
    return ''
  }
}

function failureData (name: string, error: unknown, { exposeErrors, router, floods }: FailureSettings, owner: FailureLog): JsonValue {
  const { code, data, statusCode } = Object(error) as { code?: unknown, data?: JsonValue, statusCode?: unknown }
  // The code is asked and not the class, which is another one where the app has two copies of this package.
  if (code === 'JUGGLER_REQUEST_FAILED' && data !== undefined) return data
  const { log } = owner
  const context = { err: error, ...(router.has(name) ? { request: name } : {}) }
  if (error instanceof ResultError) {
    if (floods.passes('request handler failed')) log.error({ ...context, errors: error.errors }, 'the result of a request handler was not sent')
    return { code: 'JUGGLER_RESULT_INVALID', message: 'the result breaks its schema' }
  }
  if (code === 'JUGGLER_CONNECTION_CLOSED') {
    log.debug(context, 'request handler gave up: the connection is closed')
    return messageOf(error)
  }
  // As in Fastify: whoever throws with such a status means the peer to know.
  if (typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500) {
    if (floods.passes('request handler refused')) log.info(context, 'request handler refused')
    return messageOf(error)
  }
  const isLogged = floods.passes('request handler failed')
  if (exposeErrors) {
    if (isLogged) log.error(context, 'request handler failed')
    return messageOf(error)
  }
  // A reference to a line that is not there would send its reader on a search.
  if (!isLogged) return 'internal error'
  const reference = randomUUID()
  log.error({ ...context, reference }, 'request handler failed')
  return `internal error, reference ${reference}`
}

/** The text of whatever was thrown; what has none says nothing. */
function messageOf (error: unknown): string {
  if (typeof error === 'string') return error
  const message: unknown = Object(error).message
  return typeof message === 'string' ? message : ''
}
