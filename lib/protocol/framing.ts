/** What the two framings have in common: the decoder's contract, and how to tell one framing from the other. */
import { closeCodes } from './close-codes.ts'
import { ProtocolFault } from './fault.ts'
import type { Framing } from '../../types/protocol.ts'

/** What one inbound WebSocket text message is. */
export type Inbound =
  /** a whole message of the protocol */
  | { readonly kind: 'message', readonly text: string }
  /** segmented: to be answered by a pong with the same payload */
  | { readonly kind: 'ping', readonly payload: string }
  /** segmented: nothing to do */
  | { readonly kind: 'pong' }
  /** segmented: part of a message that goes on */
  | { readonly kind: 'more' }

export interface Decoder {
  /**
   * @param frame - text of one WebSocket message
   * @param bytes - its length in UTF-8, where the caller knows it (then of every frame)
   * @throws ProtocolFault 4400, 1009 (over the limit) or 4406 (the other framing)
   */
  decode (frame: string, bytes?: number): Inbound
}

/**
 * The framing that a peer speaks, from the first frame that it sent; `undefined` for what is neither's. JSON numbers,
 * which would be a protocol error in plain framing, are not taken for segments: a segmented peer's first message
 * starts with an object, and a stock peer's ping is a bare `2`.
 */
export function framingOf (frame: string): Framing | undefined {
  if (/^[{ \t\n\r]/.test(frame)) return 'plain'
  return /^(?:[01][{ \t\n\r]|[23](?![\d.eE]))/.test(frame) ? 'segmented' : undefined
}

/** The fault of a peer that speaks `spoken` where the connection has the other framing; its reason says what to do. */
export function wrongFraming (spoken: Framing): ProtocolFault {
  return new ProtocolFault(closeCodes.wrongFraming, `this connection is ${spoken === 'plain' ? 'segmented' : 'plain'}; connect with ?framing=${spoken}`)
}

/**
 * Whether text is longer than a limit in bytes of UTF-8. It is counted only where it may be.
 *
 * @param bytes - its length, where the caller knows it
 */
export function exceeds (text: string, limit: number, bytes?: number): boolean {
  return bytes === undefined ? text.length * 3 > limit && utf8Length(text) > limit : bytes > limit
}

/** Length of text in bytes of UTF-8; a lone surrogate counts three, as the replacement character that it becomes. */
export function utf8Length (text: string): number {
  let length = text.length
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit < 0x80) continue
    if (unit < 0x800) length += 1
    else {
      length += 2
      // the low half of a pair: the two together are four bytes
      if (unit >= 0xd800 && unit < 0xdc00) {
        const next = text.charCodeAt(i + 1)
        if (next >= 0xdc00 && next < 0xe000) i++
      }
    }
  }
  return length
}
