/** What the client does when a connection has ended: docs/protocol.md has the same table. */
import { closeCodes } from '../protocol/close-codes.ts'

/**
 * - `stop`: closes for good, for trying again would end in the same way
 * - `retry`: waits, and tries the same address
 * - `next`: waits, and goes on with the next address
 * - `later`: waits longer than usual, and tries the same address
 */
export type AfterClose = 'stop' | 'retry' | 'next' | 'later'

const exceptions = new Map<number, AfterClose>([
  [closeCodes.unauthorized.code, 'stop'],
  [closeCodes.wrongFraming.code, 'stop'],
  [closeCodes.tryAgainLater.code, 'next'],
  [closeCodes.overLimit.code, 'later']
])

export function afterClose (code: number): AfterClose {
  return exceptions.get(code) ?? 'retry'
}

/**
 * Whether a connection that ended before the server had said anything may have ended because of the framing. These
 * codes say what the reason was; stock servers close with 1000 or nothing when they cannot read a frame.
 */
export function mayBeFraming (code: number): boolean {
  return code === closeCodes.wrongFraming.code ||
    (afterClose(code) === 'retry' && code !== closeCodes.goingAway.code)
}
