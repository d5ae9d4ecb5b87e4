/** What the client does when a connection has ended: docs/protocol.md has the same table. */
import * as closeCodes from '../protocol/close-codes.ts'

/**
 * - `stop`: closes for good, for trying again would end in the same way
 * - `next`: waits, and goes on with the next address
 * - `later`: waits longer than usual, and tries the same address
 * - `slowly`: waits from 30 s up to 5 min, and tries the same address
 *
 * After every other code the client waits, and tries the same address.
 */
export type AfterClose = 'stop' | 'next' | 'later' | 'slowly'

/** By close code; a test compares them with `closeCodes`. */
export const afterClose: Readonly<Partial<Record<number, AfterClose>>> = {
  4401: 'slowly',
  4406: 'stop',
  1013: 'next',
  4429: 'later'
}

/**
 * Whether a connection that ended before the server had said anything may have ended because of the framing. Stock
 * servers close with 1000, or without a code, when they cannot read a frame. The codes that are excluded here say
 * themselves what the reason was.
 */
export function mayBeFraming (code: number): boolean {
  return code === closeCodes.wrongFraming.code || (!afterClose[code] && code !== closeCodes.goingAway.code)
}

/**
 * Whether a server that was sent something, and had said nothing itself, closed on purpose and with nothing that
 * explains it. 1006 is no such code: it is also what a cable that was pulled looks like.
 */
export const closedWithoutReason = (code: number): boolean =>
  [1000, 1002, 1003, 1005, 1007, 1008, 1011, closeCodes.protocolError.code].includes(code)
