/** The client's address as `connection.remote` gives it. */
import { isIP } from 'node:net'
import type { FastifyRequest } from 'fastify'
import parseForwarded from 'forwarded-parse'

/** More hops, of addresses for documentation, than anybody counts: whoever lets the first through trusts everyone. */
const manyHops = ['198.51.100.1', ...Array.from({ length: 64 }, () => '192.0.2.1')]

/**
 * `request.ip`; with `trustForwarded`, what `Forwarded` (RFC 7239) says, where the app's `trustProxy` trusts the peer.
 *
 * Without a `trustProxy` nobody is trusted. With one that names proxies (addresses or a function) the
 * elements are walked from the last one back while they are trusted proxies, as Fastify does with
 * `X-Forwarded-For`. With `trustProxy: true` there is nothing to walk by, and the last element is taken, which the
 * nearest proxy wrote: what stands before it a client may have made up.
 */
export function remoteAddress (request: FastifyRequest, trustForwarded: boolean): string {
  const header = request.headers.forwarded
  if (!trustForwarded || header === undefined) return request.ip
  const hops = forwardedHops(header)
  if (hops === undefined) {
    request.log.debug('a malformed Forwarded header was ignored')
    return request.ip
  }
  const last = hops.at(-1)
  if (last === undefined) return request.ip
  if (walk(request, manyHops) === manyHops[0]) return last
  return walk(request, hops)
}

/** Whether the app's `trustProxy` trusts who is at the other end of the connection. */
export function isPeerTrusted (request: FastifyRequest): boolean {
  // an injected request may have no socket
  return request.raw.socket !== undefined && walk(request, [manyHops[0] as string]) === manyHops[0]
}

/**
 * The `for` of each element in order, without quotes, brackets and ports; obfuscated ones (`_hidden`, `unknown`) as
 * they are.
 *
 * @returns `undefined` for a malformed header
 */
export function forwardedHops (header: string): string[] | undefined {
  try {
    return parseForwarded(header).flatMap(({ for: node }) => node === undefined || node === '' ? [] : [nodeName(node)])
  } catch {
    return undefined
  }
}

/** RFC 7239, section 6: `IPv4[:port]`, `"[IPv6][:port]"`, `unknown` or `_token`, the last two with a port as well. */
function nodeName (node: string): string {
  const bracketed = /^\[([^\]]*)\](?::[\w.-]+)?$/.exec(node)?.[1]
  if (bracketed !== undefined) return bracketed
  if (isIP(node) !== 0) return node
  return node.replace(/:[\w.-]+$/, '')
}

/**
 * Asks the app's `trustProxy` about hops. It shows in `request.ip` alone, so a request is made up that differs in its
 * `X-Forwarded-For`, and reads it. Where there is no `trustProxy`, or the peer is not trusted, the peer comes out.
 */
function walk (request: FastifyRequest, hops: readonly string[]): string {
  // a quoted node may hold what separates the items of that header
  const list = hops.map((hop) => /[\s,]/.test(hop) ? 'unknown' : hop).join(', ')
  const raw = { headers: { 'x-forwarded-for': list }, socket: request.raw.socket, connection: request.raw.socket }
  return (Object.create(request, { raw: { value: raw } }) as FastifyRequest).ip
}
