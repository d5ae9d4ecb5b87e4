/** What the log says of a refused origin: which header or option is missing, as far as the request tells. */
import type { FastifyRequest } from 'fastify'
import type { OriginCheck } from '../../../types/options.ts'
import { normalizeHost, normalizeOrigin } from './origins.ts'
import { isPeerTrusted } from './remote.ts'

/** Headers that a proxy adds and browsers do not send. */
const signsOfProxy = ['x-forwarded-for', 'x-forwarded-proto', 'x-forwarded-host', 'x-real-ip', 'forwarded', 'via'] as const

/**
 * Most origins are refused since a proxy in between did not say which host the browser asked for. The sentence names
 * what would let this very request in; whether the origin is one of the owner's, the owner knows.
 */
export function whyRefused (request: FastifyRequest, allowed: true | readonly string[] | OriginCheck | undefined): string {
  if (typeof allowed === 'function') return "the function in the option 'allowedOrigins' refused the origin"
  if (allowed !== undefined) return "the origin is not in the option 'allowedOrigins'"
  const { headers } = request
  const origin = normalizeOrigin(headers.origin ?? '')
  if (origin === undefined) {
    return "the origin is none that can be allowed by name: 'null' is that of sandboxed frames and of files (option 'allowedOrigins')"
  }
  const { protocol, host: asked, port } = new URL(origin)
  const isAsked = (host: string | undefined): boolean => host !== undefined && normalizeHost(host, protocol as 'http:') === asked
  const forwardedHost = headers['x-forwarded-host']?.toString().split(',').at(-1)?.trim()
  const trusted = isPeerTrusted(request)

  if (isAsked(forwardedHost) && !trusted) {
    return "X-Forwarded-Host has the origin's host, but the app's 'trustProxy' does not trust the proxy that sent it: " +
      "set 'trustProxy' to its address"
  }
  if (isAsked(headers.host)) {
    return "Host has the origin's host, but X-Forwarded-Host, which goes first where 'trustProxy' trusts the proxy, has another: " +
      'have the proxy set X-Forwarded-Host to the host that the browser asked for'
  }
  if (port !== '' && isAsked(`${request.host}:${port}`)) {
    return "the host is that of the origin without its port: have the proxy pass it on whole (nginx: 'proxy_set_header Host " +
      "$http_host', since '$host' has no port)"
  }
  const remedy = "have the proxy pass on the host that the browser asked for (nginx: 'proxy_set_header Host $http_host'), or " +
    `send it as X-Forwarded-Host${trusted ? '' : " and set the app's 'trustProxy'"}`
  if (forwardedHost === undefined && signsOfProxy.some((name) => headers[name] !== undefined)) {
    return `the origin is not the host that the request came with, and the proxy in between sent no X-Forwarded-Host: ${remedy}; ` +
      "a page of another site needs the option 'allowedOrigins'"
  }
  return 'the origin is not the host that it connects to: a page of another site needs the option ' +
    `'allowedOrigins'; behind a proxy, ${remedy}`
}
