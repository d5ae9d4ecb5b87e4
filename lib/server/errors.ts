/** The errors that only the server throws, one class a code; docs/errors.md lists the same. */
import createError from '@fastify/error'

export * from './http/errors.ts'

export const FST_JUGGLER_OPTION_INVALID = createError<[string, string, string]>(
  'FST_JUGGLER_OPTION_INVALID', "option '%s' is %s, expected %s", 500, TypeError)

export const FST_JUGGLER_OPTION_UNKNOWN = createError<[string, string]>(
  'FST_JUGGLER_OPTION_UNKNOWN', "option '%s' is unknown%s", 500, TypeError)

export const FST_JUGGLER_OPTION_CONFLICT = createError<[string, string]>(
  'FST_JUGGLER_OPTION_CONFLICT', "option '%s' does not go with %s", 500)

export const FST_JUGGLER_DECORATOR_PRESENT = createError<[string]>(
  'FST_JUGGLER_DECORATOR_PRESENT', "the instance already has a decorator called '%s': choose another with the option 'name'", 500)

export const FST_JUGGLER_HTTP2 = createError<[]>(
  'FST_JUGGLER_HTTP2', "a server of HTTP/2 alone never upgrades to WebSocket: set 'https.allowHTTP1' or do without 'http2'", 500)

export const FST_JUGGLER_ARGUMENT_INVALID = createError<[string, string, string]>(
  'FST_JUGGLER_ARGUMENT_INVALID', '%s expects %s, not %s', 500, TypeError)

export const FST_JUGGLER_HANDLER_DUPLICATE = createError<[string]>(
  'FST_JUGGLER_HANDLER_DUPLICATE', 'there is a handler for %s already', 500)

export const FST_JUGGLER_NAME_RESERVED = createError<[]>(
  'FST_JUGGLER_NAME_RESERVED', "the empty request name is the protocol's echo and takes no handler", 500)

export const FST_JUGGLER_STATE_INVALID = createError<[string]>(
  'FST_JUGGLER_STATE_INVALID', "the function given as option 'state' returned %s, expected a state", 500, TypeError)

// What upgrades are answered with. Anybody can cause these, so they take no stack trace.

export const FST_JUGGLER_FRAMING_UNKNOWN = createError<[]>(
  'FST_JUGGLER_FRAMING_UNKNOWN', "the query parameter 'framing' must be 'plain' or 'segmented'", 400, Error, false)

export const FST_JUGGLER_UPGRADE_REQUIRED = createError<[]>(
  'FST_JUGGLER_UPGRADE_REQUIRED', 'this path speaks WebSocket only', 426, Error, false)

export const FST_JUGGLER_CLOSING = createError<[]>(
  'FST_JUGGLER_CLOSING', 'the server is shutting down', 503, Error, false)

/** How an error names a value: its type, and the value itself where it is short and plain. */
export function describe (value: unknown): string {
  switch (typeof value) {
    case 'string': return value.length <= 64 ? `'${value}'` : `a string of ${value.length} characters`
    case 'object':
      if (value === null) return 'null'
      if (Array.isArray(value)) return 'an array'
      return value instanceof Date ? 'a date' : 'an object'
    case 'function': return 'a function'
    case 'symbol': return 'a symbol'
    case 'bigint': return `${value}n`
    default: return String(value)
  }
}
