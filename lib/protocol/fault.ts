/** What a peer did against the protocol, with the close code that answers it. */
import type { CloseCode } from '../../types/protocol.ts'
import type { LimitName } from '../../types/stats.ts'
import * as closeCodes from './close-codes.ts'

/**
 * Input that ends the connection. `close` is what to close it with: its reason says what was wrong and never repeats
 * what the peer sent, so that it can be logged and sent (at most 123 bytes, RFC 6455, section 5.5).
 */
export class ProtocolFault extends Error {
  override readonly name = 'ProtocolFault'
  declare readonly close: CloseCode
  /** The limit that the peer ran into, where the code alone does not say it. */
  declare limit?: LimitName

  /**
   * @param close - code to close with
   * @param reason - default: the reason of that code
   */
  constructor (close: CloseCode = closeCodes.protocolError, reason = close.reason) {
    super(reason)
    this.close = { code: close.code, reason }
  }
}

/** The fault of a message or segment that cannot be read: 4400. */
export const protocolError = (reason: string): ProtocolFault => new ProtocolFault(closeCodes.protocolError, reason)
