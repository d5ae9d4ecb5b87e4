/** Segmented framing (hat-juggler 0.7 and newer): a WebSocket message is a segment, of a header character and a payload. */
import { protocolError } from './fault.ts'
import { framingOf, refuseOver, wrongFraming } from './framing.ts'
import type { Decoder } from './framing.ts'

/** The header of the last segment of a message, or of all of it. */
export const headerLast = '0'
/** The header of a segment of a message that goes on. */
export const headerMore = '1'
/** The header of a payload to be sent back in a pong; may stand between the segments of a message. */
export const headerPing = '2'
export const headerPong = '3'

/** Small segments are joined whenever this many have come, or each would cost many times its text. */
const joinAfter = 1024

/**
 * The segments of one message. None is longer than header and `maxSegmentSize` characters, unless a surrogate pair
 * needs two where one is allowed: pairs are never cut (their halves would not survive UTF-8). An empty message is one
 * segment; no other has an empty payload.
 *
 * @param maxSegmentSize - at least 1
 */
export function encodeSegments (text: string, maxSegmentSize: number): string[] {
  const segments: string[] = []
  let start = 0
  for (;;) {
    let end = start + maxSegmentSize
    // A pair that starts at the last character would be cut.
    if (text.codePointAt(end - 1)! > 0xffff) end += maxSegmentSize === 1 ? 1 : -1
    if (end >= text.length) break
    segments.push(headerMore + text.slice(start, end))
    start = end
  }
  segments.push(headerLast + text.slice(start))
  return segments
}

/**
 * Puts the segments of one connection together. A peer that cut a surrogate pair (the stock JavaScript client does)
 * sent two replacement characters instead, which are taken as they are.
 *
 * @param maxPayload - largest message in bytes of UTF-8, reassembled, headers not counted; also of a ping's payload
 */
export function segmentedDecoder (maxPayload: number): Decoder {
  let joined = ''
  let parts: string[] = []
  /** Bytes of UTF-8 of the message under way. */
  let size = 0
  const textOf = () => joined + parts.join('')

  return (segment, bytes = segment.length * 3) => {
    const header = segment[0]
    const payload = segment.slice(1)
    if (header === headerPong) return { pong: payload }
    if (header === headerPing) {
      refuseOver(maxPayload + 1, segment, bytes)
      return { ping: payload }
    }
    if (header !== headerLast && header !== headerMore) {
      throw framingOf(segment) === 'plain' ? wrongFraming('plain') : protocolError('unknown segment header')
    }
    if (payload !== '' && parts.push(payload) === joinAfter) {
      joined = textOf()
      parts = []
    }
    size += bytes - 1
    if (size > maxPayload) size = refuseOver(maxPayload, textOf(), size)
    if (header === headerMore) return {}
    const text = textOf()
    joined = ''
    parts = []
    size = 0
    return { text }
  }
}
