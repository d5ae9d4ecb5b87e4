/** What a client is told of a request that failed: the error's data or message, and what of it is only logged. */
import { randomUUID } from 'node:crypto'
import type { FastifyBaseLogger } from 'fastify'
import type { JsonValue } from '../../../types/json.ts'
import type { RequestMessage } from '../../../types/protocol.ts'
import { encodeResponse } from '../../protocol/messages.ts'

/** What the answers to failed requests go by. */
export interface FailureSettings {
  /** Whether messages of unexpected errors reach the client; otherwise it gets the reference of a log line. */
  readonly exposeErrors: boolean
  readonly router: {
    /** Whether a name has a handler of its own, so that it is known text and may be logged. */
    has (name: string): boolean
  }
}

/** Whose logger is taken only where there is something to log: most connections never make one. */
export interface FailureLog { readonly log: FastifyBaseLogger }

/** The response to a request whose handler threw, or returned what JSON cannot carry. */
export function encodeFailure ({ id, name }: RequestMessage, error: unknown, settings: FailureSettings, owner: FailureLog): string {
  try {
    return encodeResponse(id, false, failureData(name, error, settings, owner))
  } catch (unsendable) {
    // A JugglerError may hold data that JSON cannot carry. What an Error has to say is text.
    return encodeResponse(id, false, failureText(name, unsendable, settings, owner))
  }
}

/** Reading the properties of a thrown object may itself throw, and what that throws may be such an object as well. */
function failureText (name: string, error: unknown, settings: FailureSettings, owner: FailureLog): JsonValue {
  try {
    return failureData(name, error, settings, owner)
  } catch {
    return ''
  }
}

function failureData (name: string, error: unknown, { exposeErrors, router }: FailureSettings, owner: FailureLog): JsonValue {
  const { code, data } = Object(error) as { code?: unknown, data?: JsonValue }
  // The code is asked and not the class, which is another one where the app has two copies of this package.
  if (code === 'JUGGLER_REQUEST_FAILED' && data !== undefined) return data
  const { log } = owner
  const context = { err: error, ...(router.has(name) ? { request: name } : {}) }
  if (code === 'JUGGLER_CONNECTION_CLOSED') {
    log.debug(context, 'request handler gave up: the connection is closed')
  } else if (exposeErrors) {
    log.info(context, 'request handler failed')
  } else {
    const reference = randomUUID()
    log.error({ ...context, reference }, 'request handler failed')
    return `internal error, reference ${reference}`
  }
  return messageOf(error)
}

/** The text of whatever was thrown; what has none says nothing. */
function messageOf (error: unknown): string {
  if (typeof error === 'string') return error
  const message: unknown = Object(error).message
  return typeof message === 'string' ? message : ''
}
