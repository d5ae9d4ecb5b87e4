/** What the two framings have in common: the decoder's contract, and how to tell one framing from the other. */
import * as closeCodes from './close-codes.ts'
import { ProtocolFault } from './fault.ts'
import type { Framing } from '../../types/protocol.ts'

/** What one inbound WebSocket text message is: a whole message, part of one, a ping, or an answer to one. */
export interface Inbound {
  /** a whole message of the protocol */
  readonly text?: string
  /** segmented: to be answered by a pong with this payload */
  readonly ping?: string
  /** segmented: the payload of an answer to a ping */
  readonly pong?: string
}

/**
 * Decodes one WebSocket message.
 *
 * @param text - of that message
 * @param bytes - how long it is in UTF-8, or at most; default: three times as many as its UTF-16 code units
 * @throws ProtocolFault 4400, 1009 (too large) or 4406 (the other framing)
 */
export type Decoder = (text: string, bytes?: number) => Inbound

/**
 * The framing that a peer speaks, from the first WebSocket message that it sent; `undefined` for what is neither's. JSON
 * numbers, which would be a protocol error in plain framing, are not taken for segments: a segmented peer's first
 * message starts with an object, and a stock peer's ping is a bare `2`.
 */
export function framingOf (text: string): Framing | undefined {
  if (/^[{ \t\n\r]/.test(text)) return 'plain'
  return /^(?:[01][{ \t\n\r]|[23](?![\d.eE]))/.test(text) ? 'segmented' : undefined
}

/** The fault of a peer that speaks `spoken` where the connection has the other framing; its reason says what to do. */
export function wrongFraming (spoken: Framing): ProtocolFault {
  const own = spoken === 'plain' ? 'segmented' : 'plain'
  return new ProtocolFault(closeCodes.wrongFraming, `this connection is ${own}; connect with ?framing=${spoken}`)
}

/**
 * Refuses text that is longer than a limit in bytes of UTF-8. They are counted only where it may be.
 *
 * @param bytes - how long it is at most
 * @returns how long it is, or may be
 * @throws ProtocolFault 1009
 */
export function refuseOver (limit: number, text: string, bytes: number): number {
  if (bytes > limit) bytes = utf8Length(text)
  if (bytes > limit) throw new ProtocolFault(closeCodes.tooLarge)
  return bytes
}

/** Length of text in bytes of UTF-8; a lone surrogate counts three, as the replacement character that it becomes. */
export function utf8Length (text: string): number {
  return new TextEncoder().encode(text).length
}
