/** The errors that server and client share, and the table of their codes. */
import type { JsonValue } from '../types/json.ts'

/** Every code of an error thrown in server and client alike, with what it means; docs/errors.md lists the same. */
export const errorCodes = /* @__PURE__ */ Object.freeze({
  JUGGLER_PATH_INVALID: 'the path is neither a JSON Pointer nor a flat array of keys and indexes',
  JUGGLER_PATH_TYPE: 'a container on the path is of the wrong kind for the next key',
  JUGGLER_VALUE_INVALID: 'the value cannot be carried as JSON',
  JUGGLER_PATCH_INVALID: 'the JSON Patch is malformed or does not apply',
  JUGGLER_STATE_BUSY: 'the state was written to while update() ran its recipe',
  JUGGLER_CONNECTION_CLOSED: 'the connection is closed',
  JUGGLER_REQUEST_FAILED: 'the peer answered a request with an error',
  JUGGLER_REQUEST_TIMEOUT: 'a request was not answered in time; whether it was carried out is not known',
  JUGGLER_OPTION_INVALID: 'an option or a listener has a value that cannot be',
  JUGGLER_ADDRESS_INVALID: 'the address of a server is not a ws:, wss:, http: or https: URL',
  JUGGLER_AUTH_BROWSER: 'a browser sends no credentials of ours with a WebSocket: let the page log in instead',
  JUGGLER_CONNECT_FAILED: 'no address could be reached, or took the connection, on the first try',
  JUGGLER_LOGIN_REQUIRED: 'the server refuses the credentials, or wants some; the client goes on trying',
  JUGGLER_LOGIN_REDIRECTED: 'a redirect or a page was the answer, as of a login in front of the server; the client goes on trying',
  JUGGLER_FRAMING_SUSPECTED: 'the server closes when it is sent something: it may speak the other framing',
  JUGGLER_CONTRACT_INVALID: 'what was given for a contract is none, or there is nothing to use it with',
  JUGGLER_CONTRACT_BROKEN: 'what the server sent breaks the contract, in a client that checks it',
  JUGGLER_STATE_DRIFTED: 'the state of this client was not what the server says it is; it takes the whole again',
  JUGGLER_PROTOCOL_ERROR: 'the peer broke the protocol; the connection to it is closed'
})

export type ErrorCode = keyof typeof errorCodes

/** A path, value or patch that the state does not take. The state is as it was. */
export class JugglerStateError extends Error {
  override readonly name = 'JugglerStateError'
  declare readonly code: ErrorCode
  /** The place, as a JSON Pointer, where there is one. */
  declare readonly path: string | undefined

  constructor (code: ErrorCode, message: string, path?: string) {
    super(message)
    this.code = code
    this.path = path
  }
}

/**
 * A client cannot do what it was asked, something keeps it from its server, its server broke the protocol, or an option
 * cannot be; `code` says which.
 */
export class JugglerClientError extends Error {
  override readonly name = 'JugglerClientError'
  declare readonly code: ErrorCode
  /** The HTTP status with which the server refused the connection, where it did and the platform tells: Node does. */
  declare readonly status: number | undefined

  constructor (code: ErrorCode, message: string, cause?: unknown) {
    super(message, cause as ErrorOptions && { cause })
    this.code = code
    // Browsers do not tell, and the file for pages is to be small.
    if (globalThis.process) this.status = (cause as { status?: number } | undefined)?.status
  }
}

/**
 * An error that crosses the wire with data of its own. A handler throws it to answer a request with `success: false`
 * and this data; in the client it is what `send` rejects with.
 */
export class JugglerError extends Error {
  override readonly name = 'JugglerError'
  readonly code = 'JUGGLER_REQUEST_FAILED' satisfies ErrorCode
  /** What is sent: any JSON value. */
  declare readonly data: JsonValue

  /**
   * @param data - what the peer receives: any JSON value
   * @param message - for this side's logs; default: the data where it is a string
   */
  constructor (data: JsonValue = null, message?: string) {
    super(message ?? (typeof data === 'string' ? data : 'request failed'))
    this.data = data
  }
}

/** The connection is closed: what was asked of it did not happen, or nobody knows whether it did. */
export class ConnectionClosedError extends Error {
  override readonly name = 'ConnectionClosedError'
  readonly code = 'JUGGLER_CONNECTION_CLOSED' satisfies ErrorCode
  /** The WebSocket close code, where one is known yet. */
  declare readonly closeCode: number | undefined
  /** The WebSocket close reason, where one is known yet. */
  declare readonly closeReason: string | undefined

  constructor (closeCode?: number, closeReason?: string) {
    super(`connection is closed${closeCode ? ` (${closeCode}${closeReason ? `: ${closeReason}` : ''})` : ''}`)
    this.closeCode = closeCode
    this.closeReason = closeReason
  }
}
