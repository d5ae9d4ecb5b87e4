/** Where browsers find what the plugin serves: behind a proxy that strips a prefix it is not where the app has it. */
import type { FastifyRequest } from 'fastify'
import { isPeerTrusted } from './remote.ts'
import { joinPath } from './url-path.ts'

/** Finds the path of the plugin's `/` as the browser of a request sees it; `undefined`: nobody has said. */
export type PublicPath = (request: FastifyRequest) => string | undefined

/** Segments of visible ASCII. Nothing in them makes a URL another one, or a cookie's attribute two. */
const prefixPattern = /^(?:\/[\w.~!$&'()*+=:@%-]+)+$/
/** Prefixes that are longer are nobody's. */
const maxPrefixLength = 1024

/**
 * The option `publicPath` goes first, since the app's owner knows; then `X-Forwarded-Prefix`, where the app's
 * `trustProxy` trusts the proxy that sent it.
 *
 * @param option - the option `publicPath`
 * @param prefix - the plugin's whole prefix in the app
 */
export function publicPathOf (option: string | undefined, prefix: string): PublicPath {
  if (option !== undefined) return () => option
  // one with parameters differs for each request: what browsers ask for is all that is known
  if (/[:*]/.test(prefix)) return () => undefined
  return (request) => {
    const forwarded = forwardedPrefix(request)
    return forwarded === undefined ? undefined : joinPath(joinPath(forwarded, prefix), '')
  }
}

/** Several proxies, each of which strips a prefix, list them in the order in which the browser's URL has them. */
function forwardedPrefix (request: FastifyRequest): string | undefined {
  const header = request.headers['x-forwarded-prefix']
  if (header === undefined || !isPeerTrusted(request)) return undefined
  const prefixes = String(header).split(',').map((prefix) => prefix.trim().replace(/\/+$/, ''))
  const whole = prefixes.join('')
  if (whole === '' || (whole.length <= maxPrefixLength && prefixPattern.test(whole))) return whole
  request.log.debug('a malformed X-Forwarded-Prefix header was ignored')
  return undefined
}
