/** Segmented framing (hat-juggler 0.7 and newer): a WebSocket message is a segment, of a header character and a payload. */
import { closeCodes } from './close-codes.ts'
import { ProtocolFault, protocolError } from './fault.ts'
import { framingOf, heapOf, isTooSlow, refuseOver, wrongFraming } from './framing.ts'
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
 * A message that never comes to its end costs its peer nothing and us memory; a drop of it every now and then would
 * keep the connection alive. So it has to come at the pace of the slowest line that anybody may have.
 *
 * @param maxPayload - largest message in bytes of UTF-8, reassembled, headers not counted; also of a ping's payload
 * @param maxSegments - most segments of a message, empty ones included
 * @param now - a clock in ms that never goes back
 */
export function segmentedDecoder (maxPayload: number, maxSegments: number, now = () => performance.now()): Decoder {
  let joined = ''
  let parts: string[] = []
  /** Of the message under way: its segments, characters, bytes of UTF-8, and when the first came. */
  let segments = 0
  let length = 0
  let size = 0
  let isAscii = true
  let startedAt = 0
  const textOf = () => joined + parts.join('')

  return (segment, bytes = segment.length * 3) => {
    const header = segment[0]
    if (segments > 0 && isTooSlow(size, now() - startedAt)) {
      throw new ProtocolFault(closeCodes.overLimit, 'a message in segments comes too slowly')
    }
    const payload = segment.slice(1)
    if (header === headerPong) return { pong: payload }
    if (header === headerPing) {
      refuseOver(maxPayload + 1, segment, bytes)
      return { ping: payload }
    }
    if (header !== headerLast && header !== headerMore) {
      throw framingOf(segment) === 'plain' ? wrongFraming('plain') : protocolError('the header of the segment is unknown')
    }
    if (++segments > maxSegments) {
      throw new ProtocolFault(closeCodes.overLimit, `a message has more than ${maxSegments} segments`)
    }
    if (payload !== '' && parts.push(payload) === joinAfter) {
      joined = textOf()
      parts = []
    }
    length += payload.length
    size += bytes - 1
    isAscii &&= bytes === segment.length
    if (size > maxPayload) size = refuseOver(maxPayload, textOf(), size)
    const heap = heapOf(length, isAscii)
    if (header === headerMore) {
      if (segments === 1) startedAt = now()
      return { heap }
    }
    const text = textOf()
    joined = ''
    parts = []
    segments = length = size = 0
    isAscii = true
    return { text, heap }
  }
}
