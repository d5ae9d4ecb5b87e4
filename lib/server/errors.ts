/** The errors that only the server throws, one class a code; docs/errors.md lists the same. */
import createError from '@fastify/error'

// What makes `register`, `listen` or a call fail

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
  'FST_JUGGLER_NAME_RESERVED', "the empty request name, and those that begin with 'juggler/', are the protocol's own and take no handler", 500)

export const FST_JUGGLER_SCHEMA_INVALID = createError<[string, string]>(
  'FST_JUGGLER_SCHEMA_INVALID', '%s cannot be used: %s', 500)

export const FST_JUGGLER_HANDLER_MISSING = createError<[string]>(
  'FST_JUGGLER_HANDLER_MISSING', 'the contract has requests without a handler: %s', 500)

export const FST_JUGGLER_CONTRACT_UNKNOWN = createError<[string, string]>(
  'FST_JUGGLER_CONTRACT_UNKNOWN', 'the contract has no %s called %s', 500)

export const FST_JUGGLER_CONTRACT_BYPASSED = createError<[string]>(
  'FST_JUGGLER_CONTRACT_BYPASSED', 'the handler of %s does not check what the contract says: register it by what contract.on() returns', 500)

export const FST_JUGGLER_STATE_INVALID = createError<[string]>(
  'FST_JUGGLER_STATE_INVALID', "the function given as option 'state' returned %s, expected a state", 500, TypeError)

export const FST_JUGGLER_STATE_MISSING = createError<[]>(
  'FST_JUGGLER_STATE_MISSING', "viewOf() needs the option 'state': without it each connection has a state of its own", 500)

export const FST_JUGGLER_STATIC_DIR = createError<[string]>(
  'FST_JUGGLER_STATIC_DIR', "option 'staticDir': %s", 500)

export const FST_JUGGLER_ROUTE_TAKEN = createError<[string, string, string]>(
  'FST_JUGGLER_ROUTE_TAKEN', "the route '%s' is there twice, since the option '%s' makes it as well: %s", 500)

export const FST_JUGGLER_SECRET_EXPOSED = createError<[string]>(
  'FST_JUGGLER_SECRET_EXPOSED', "option '%s': the file lies inside 'staticDir' and would be served to clients; move it elsewhere", 500)

export const FST_JUGGLER_HTPASSWD_UNREADABLE = createError<[string, string]>(
  'FST_JUGGLER_HTPASSWD_UNREADABLE', "option 'htpasswdFile': cannot read '%s' (%s)", 500)

export const FST_JUGGLER_HTPASSWD_INVALID = createError<[number, string]>(
  'FST_JUGGLER_HTPASSWD_INVALID', "option 'htpasswdFile': line %d %s", 500)

export const FST_JUGGLER_PEM_INVALID = createError<[string]>(
  'FST_JUGGLER_PEM_INVALID', "option 'pemFile': %s", 500)

export const FST_JUGGLER_WEBSOCKET_LATE = createError<[]>(
  'FST_JUGGLER_WEBSOCKET_LATE',
  'fastify-juggler has registered @fastify/websocket already: register yours before it, or use what is there', 500)

// What requests and upgrades are answered with. Anybody can cause these, so they take no stack trace.

export const FST_JUGGLER_FRAMING_UNKNOWN = createError<[]>(
  'FST_JUGGLER_FRAMING_UNKNOWN', "the query parameter 'framing' must be 'plain' or 'segmented'", 400, Error, false)

export const FST_JUGGLER_PATHS_INVALID = createError<[string]>(
  'FST_JUGGLER_PATHS_INVALID', "the query parameter 'path': %s", 400, Error, false)

export const FST_JUGGLER_VIEW_REFUSED = createError<[]>(
  'FST_JUGGLER_VIEW_REFUSED', 'nothing of this state is for you to see', 403, Error, false)

export const FST_JUGGLER_UPGRADE_REQUIRED = createError<[]>(
  'FST_JUGGLER_UPGRADE_REQUIRED', 'this path speaks WebSocket only', 426, Error, false)

export const FST_JUGGLER_CLOSING = createError<[]>(
  'FST_JUGGLER_CLOSING', 'the server is shutting down', 503, Error, false)

export const FST_JUGGLER_CONNECTIONS_FULL = createError<[]>(
  'FST_JUGGLER_CONNECTIONS_FULL', 'the server has as many connections as it takes: try again later', 503, Error, false)

export const FST_JUGGLER_ADDRESS_FULL = createError<[]>(
  'FST_JUGGLER_ADDRESS_FULL', 'your address has as many connections as it may have: try again later', 429, Error, false)

export const FST_JUGGLER_UPGRADES_PENDING = createError<[]>(
  'FST_JUGGLER_UPGRADES_PENDING', 'too many upgrades wait for their answer: try again later', 503, Error, false)

export const FST_JUGGLER_UPGRADE_TIMEOUT = createError<[]>(
  'FST_JUGGLER_UPGRADE_TIMEOUT', 'the upgrade could not be answered in time', 504, Error, false)

export const FST_JUGGLER_UPGRADE_UNCLAIMED = createError<[]>(
  'FST_JUGGLER_UPGRADE_UNCLAIMED', 'nothing here upgrades connections on this path', 404, Error, false)

export const FST_JUGGLER_HEADERS_UNSERVABLE = createError<[]>(
  'FST_JUGGLER_HEADERS_UNSERVABLE', 'a request that offers another protocol has too many headers', 431, Error, false)

export const FST_JUGGLER_UNAUTHORIZED = createError<[]>(
  'FST_JUGGLER_UNAUTHORIZED', 'the user name or password is wrong', 401, Error, false)

export const FST_JUGGLER_THROTTLED = createError<[]>(
  'FST_JUGGLER_THROTTLED', 'too many failed logins from this address: try again later', 429, Error, false)

export const FST_JUGGLER_LOGIN_BUSY = createError<[]>(
  'FST_JUGGLER_LOGIN_BUSY', 'too many logins are being checked: try again later', 503, Error, false)

export const FST_JUGGLER_HOST_REFUSED = createError<[]>(
  'FST_JUGGLER_HOST_REFUSED', 'this host name is not served here', 403, Error, false)

export const FST_JUGGLER_ORIGIN_REFUSED = createError<[]>(
  'FST_JUGGLER_ORIGIN_REFUSED', 'this origin may not connect', 403, Error, false)
