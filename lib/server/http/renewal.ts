/** Renewals: how a page whose WebSocket was refused asks over HTTP whether its login is good, and gets a new ticket. */
import type { FastifyReply, FastifyRequest } from 'fastify'

/**
 * Its value is the path that the browser asks for, as the browser sees it: behind a proxy that strips a prefix only
 * the browser knows that. A page of another site cannot send it unasked, since a header of one's own needs a preflight.
 */
export const renewHeader = 'x-juggler-renew'

/** What a cookie's `Path` can hold (RFC 6265, section 4.1.1): visible characters of ASCII, no semicolon. */
const cookiePathPattern = /^\/[\x21-\x3a\x3c-\x7e]{0,1023}$/

/** Whether a request is a renewal, provided that it is on the WebSocket route. */
export function isRenewal (request: FastifyRequest): boolean {
  return request.method === 'GET' && !request.ws && request.headers[renewHeader] !== undefined
}

/** The path of the WebSocket as the browser of a renewal sees it; `undefined` where it says nothing that a cookie can hold. */
export function renewedPath (request: FastifyRequest): string | undefined {
  const path = request.headers[renewHeader]
  return typeof path === 'string' && cookiePathPattern.test(path) ? path : undefined
}

/** Answers a renewal that has passed every check. A hook that runs behind those of the route. */
export async function answerRenewal (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> {
  return isRenewal(request) ? reply.code(204).send() : undefined
}

/** Without its challenge a refusal opens no login dialog, which nobody could answer on a wall. */
export async function dropChallenge (request: FastifyRequest, reply: FastifyReply, payload: unknown): Promise<unknown> {
  if (isRenewal(request)) reply.removeHeader('www-authenticate').header('cache-control', 'no-store')
  return payload
}
