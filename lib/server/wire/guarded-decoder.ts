/** Decoders as a server needs them: what a peer makes it keep is weighed, and a message that goes on has to come to its end. */
import type { Framing } from '../../../types/protocol.ts'
import { closeCodes } from '../../protocol/close-codes.ts'
import { ProtocolFault } from '../../protocol/fault.ts'
import type { Decoder, Inbound } from '../../protocol/framing.ts'
import { plainDecoder } from '../../protocol/plain.ts'
import { headerLast, headerMore, segmentedDecoder } from '../../protocol/segmented.ts'

/** What a WebSocket message is, and what it weighs. */
export interface WeighedInbound extends Inbound {
  /** Bytes of heap that the text takes, or what has come of a message that goes on, at most. */
  readonly heap?: number
}

/**
 * Decodes one WebSocket message.
 *
 * @param text - of that message
 * @param bytes - how long it is in UTF-8
 * @throws ProtocolFault what a `Decoder` throws, or 4429 (too many segments, or too slow)
 */
export type GuardedDecoder = (text: string, bytes: number) => WeighedInbound

export interface DecoderLimits {
  /** Largest message in bytes of UTF-8. */
  readonly maxPayload: number
  /** Most segments of a message, empty ones included. */
  readonly maxSegments: number
}

/** @param now - a clock in ms that never goes back */
export function guardedDecoder (framing: Framing, limits: DecoderLimits, now = () => performance.now()): GuardedDecoder {
  return framing === 'plain' ? weighed(plainDecoder(limits.maxPayload)) : paced(segmentedDecoder(limits.maxPayload), limits.maxSegments, now)
}

const weighed = (decode: Decoder): GuardedDecoder => (text, bytes) =>
  ({ text: decode(text, bytes).text!, heap: heapOf(text.length, bytes === text.length) })

/**
 * A message that never comes to its end costs its peer nothing and us memory; a drop of it every now and then would
 * keep the connection alive. So it has to come at the pace of the slowest line that anybody may have.
 */
function paced (decode: Decoder, maxSegments: number, now: () => number): GuardedDecoder {
  /** Of the message under way: its segments, characters, bytes of UTF-8, and when the first came. */
  let segments = 0
  let length = 0
  let size = 0
  let isAscii = true
  let startedAt = 0

  return (segment, bytes) => {
    if (segments > 0 && isTooSlow(size, now() - startedAt)) {
      throw new ProtocolFault(closeCodes.overLimit, 'a message in segments comes too slowly')
    }
    const header = segment[0]
    if (header !== headerLast && header !== headerMore) return decode(segment, bytes)
    if (++segments > maxSegments) {
      throw new ProtocolFault(closeCodes.overLimit, `a message has more than ${maxSegments} segments`)
    }
    length += segment.length - 1
    size += bytes - 1
    isAscii &&= bytes === segment.length
    const { text } = decode(segment, bytes)
    const heap = heapOf(length, isAscii)
    if (text === undefined) {
      if (segments === 1) startedAt = now()
      return { heap }
    }
    segments = length = size = 0
    isAscii = true
    return { text, heap }
  }
}

/** One byte a character where a text is ASCII, else perhaps two. */
const heapOf = (length: number, isAscii: boolean): number => isAscii ? length : length * 2

/** A message that comes in parts has this long, in ms, and longer by what of it has come. */
const patience = 60_000
/** The slowest line that is waited for, in bytes per ms: 32 kbit a second. */
const slowest = 4

/**
 * Whether a message takes too long.
 *
 * @param bytes - that have come of it
 * @param ms - since it began, or a little less
 */
export const isTooSlow = (bytes: number, ms: number): boolean => ms > patience + bytes / slowest
