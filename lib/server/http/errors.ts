/** The coded errors of the HTTP side, part of the server's catalogue; docs/errors.md lists them. */
import createError from '@fastify/error'

/** What makes `register` or `listen` fail. */
export const StaticDirError = createError('FST_JUGGLER_STATIC_DIR', "option 'staticDir': %s", 500)
export const RouteTakenError = createError('FST_JUGGLER_ROUTE_TAKEN', "route %s is taken: the option '%s' needs it (%s)", 500)
export const SecretExposedError = createError('FST_JUGGLER_SECRET_EXPOSED', "option '%s': the file lies inside 'staticDir' and would be served to clients; move it elsewhere", 500)
export const HtpasswdUnreadableError = createError('FST_JUGGLER_HTPASSWD_UNREADABLE', "option 'htpasswdFile': cannot read '%s' (%s)", 500)
export const HtpasswdInvalidError = createError('FST_JUGGLER_HTPASSWD_INVALID', "option 'htpasswdFile': line %d %s", 500)
export const PemInvalidError = createError('FST_JUGGLER_PEM_INVALID', "option 'pemFile': %s", 500)

/** What a request is answered with. They cost no stack trace, since anybody can cause them. */
export const UnauthorizedError = createError('FST_JUGGLER_UNAUTHORIZED', 'user name or password is wrong', 401, Error, false)
export const ThrottledError = createError('FST_JUGGLER_THROTTLED', 'too many failed logins from this address; try again later', 429, Error, false)
export const LoginBusyError = createError('FST_JUGGLER_LOGIN_BUSY', 'too many logins are being checked; try again later', 503, Error, false)
export const HostRefusedError = createError('FST_JUGGLER_HOST_REFUSED', 'this host name is not served here', 403, Error, false)
export const OriginRefusedError = createError('FST_JUGGLER_ORIGIN_REFUSED', 'this origin may not connect', 403, Error, false)
export const UpgradeRequiredError = createError('FST_JUGGLER_UPGRADE_REQUIRED', 'this path speaks WebSocket', 426, Error, false)
