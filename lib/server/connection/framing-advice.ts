/** What to say of a client that may speak the other framing. */
import type { FastifyRequest } from 'fastify'
import type { Framing } from '../../../types/protocol.ts'

/** How long (s) after it came a client closes that cannot read what it is sent first; a whole second more for rounding. */
const atOnce = 3

/**
 * A stock client that cannot read its first message closes at once, with 1000 or without a code, and comes back. It
 * says nothing of why. Who names the framing in the URL is of no other.
 *
 * @param framing - the connection's
 * @param code - that the client closed with, before it had sent anything
 * @param age - of the connection, in s
 * @returns a line for the log, where that is the likely cause
 */
export function framingAdvice (request: FastifyRequest, framing: Framing, code: number, age: number): string | undefined {
  if ((code !== 1000 && code !== 1005) || age > atOnce || Object(request.query).framing !== undefined) return undefined
  const other = framing === 'plain' ? 'segmented' : 'plain'
  return `a client closed right after its first message: if it speaks the other framing, it needs ?framing=${other} in its URL`
}
