/** The errors of the HTTP side, one class a code; `lib/server/errors.ts` exports them with the rest of the server's. */
import createError from '@fastify/error'

// What makes `register` or `listen` fail

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

// What requests are answered with. Anybody can cause these, so they take no stack trace.

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
