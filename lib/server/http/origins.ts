/** Which `Origin` may upgrade, and which `Host` is served: the defences against other sites and against DNS rebinding. */
import type { FastifyRequest } from 'fastify'
import type { OriginCheck } from '../../../types/options.ts'

/** A host name, an IPv4 address or an IPv6 one in brackets, and perhaps a port. */
const hostPattern = /^(?:\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::\d{1,5})?$/i
/** Scheme and authority, without user, path or anything behind it (RFC 6454, section 6.1). */
const originPattern = /^[a-z][a-z0-9+.-]*:\/\/[^/?#\\@\s]+$/i

/**
 * An origin in one spelling: lower case, no default port.
 *
 * @returns `undefined` for what is no origin, `null` included: every sandboxed frame has that one
 */
export function normalizeOrigin (text: string): string | undefined {
  if (!originPattern.test(text)) return undefined
  try {
    const url = new URL(text)
    return url.origin === 'null' ? text.toLowerCase() : url.origin
  } catch {
    return undefined
  }
}

/**
 * A `Host` in one spelling: lower case, without the default port of the scheme where one is given.
 *
 * @returns `undefined` for what is no host
 */
export function normalizeHost (text: string, scheme: 'http:' | 'https:' = 'http:'): string | undefined {
  if (!hostPattern.test(text)) return undefined
  try {
    return new URL(`${scheme}//${text}`).host
  } catch {
    return undefined
  }
}

/**
 * Makes the check of the option `allowedOrigins`. Requests without `Origin` pass: browsers always send one with a
 * WebSocket upgrade, so those are not browsers, and nobody's cookies ride on them unasked.
 */
export function originCheck (allowed: true | readonly string[] | OriginCheck | undefined): (request: FastifyRequest) => boolean | Promise<boolean> {
  if (allowed === true) return () => true
  if (typeof allowed === 'function') {
    return (request) => request.headers.origin === undefined || allowed(request.headers.origin, request)
  }
  if (allowed !== undefined) {
    const origins = new Set(allowed.map((origin) => normalizeOrigin(origin)))
    return ({ headers: { origin } }) => origin === undefined || (normalizeOrigin(origin) !== undefined && origins.has(normalizeOrigin(origin)))
  }
  return isSameOrigin
}

/**
 * Host and port alone are compared: behind a proxy that ends TLS the scheme here is another one. Each side's default
 * port is taken from the origin's scheme, so `https://a` fits the hosts `a` and `a:443`.
 */
function isSameOrigin (request: FastifyRequest): boolean {
  const { origin } = request.headers
  if (origin === undefined) return true
  const normal = normalizeOrigin(origin)
  if (normal === undefined) return false
  const { protocol, host } = new URL(normal)
  return (protocol === 'http:' || protocol === 'https:') && host === normalizeHost(request.host, protocol)
}

/**
 * Makes the check of the option `allowedHosts`. An entry without a port stands for every port; one with a default port
 * also for hosts without any, since browsers leave it out. `request.host` takes `X-Forwarded-Host` into account where
 * the app's `trustProxy` does.
 */
export function hostCheck (allowed: readonly string[]): (request: FastifyRequest) => boolean {
  const entries = new Set(allowed.map(spellHost))
  return ({ host }) => {
    if (!hostPattern.test(host)) return false
    const full = host.toLowerCase()
    const name = full.replace(/:\d+$/, '')
    // which of the two it is the scheme would tell, but a proxy may have ended TLS
    return entries.has(full) || entries.has(name) || (name === full && (entries.has(`${name}:80`) || entries.has(`${name}:443`)))
  }
}

/** A host as browsers write it (an IPv6 address in its short form, …), but with the port that it has. */
function spellHost (text: string): string {
  const port = /:\d+$/.exec(text)?.[0] ?? ''
  return new URL(`http://${text.slice(0, text.length - port.length)}`).hostname + port
}

/** Whether a text may stand in `allowedHosts`. */
export function isHost (text: string): boolean {
  return normalizeHost(text) !== undefined
}
