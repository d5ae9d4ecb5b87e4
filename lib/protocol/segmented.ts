/** Segmented framing (hat-juggler 0.7 and newer): each frame is a header character and a payload. */
import { closeCodes } from './close-codes.ts'
import { exceeds, framingOf, utf8Length, wrongFraming } from './framing.ts'
import { ProtocolFault } from './fault.ts'
import type { Decoder, Inbound } from './framing.ts'

/** The header of a frame: what follows it. */
export const segmentHeader = Object.freeze({
  /** The last segment of a message, or all of it. */
  last: '0',
  /** A segment of a message that goes on. */
  more: '1',
  /** A payload to be sent back in a pong; may stand between the segments of a message. */
  ping: '2',
  pong: '3'
})

/** Small segments are joined whenever this many have come, or each would cost many times its text. */
const joinAfter = 1024

/**
 * The frames of one message. No frame is longer than header and `maxSegmentSize` characters, unless a surrogate pair
 * needs two where one is allowed: pairs are never cut (their halves would not survive UTF-8). An empty message is one
 * frame; no other has an empty payload.
 *
 * @param maxSegmentSize - at least 1
 */
export function encodeSegments (text: string, maxSegmentSize: number): string[] {
  const frames: string[] = []
  let start = 0
  while (text.length - start > maxSegmentSize) {
    let end = start + maxSegmentSize
    if (isHighSurrogate(text.charCodeAt(end - 1)) && isLowSurrogate(text.charCodeAt(end))) {
      end += maxSegmentSize === 1 ? 1 : -1
    }
    if (end === text.length) break
    frames.push(segmentHeader.more + text.slice(start, end))
    start = end
  }
  frames.push(segmentHeader.last + text.slice(start))
  return frames
}

const isHighSurrogate = (unit: number) => unit >= 0xd800 && unit <= 0xdbff
const isLowSurrogate = (unit: number) => unit >= 0xdc00 && unit <= 0xdfff

/**
 * Puts the segments of one connection together. A peer that cut a surrogate pair (the stock JavaScript client does)
 * sent two replacement characters instead, which are taken as they are.
 */
export class SegmentedDecoder implements Decoder {
  readonly #maxPayload: number
  #joined = ''
  #parts: string[] | undefined
  #bytes = 0

  /** @param maxPayload - largest message in bytes of UTF-8, reassembled, headers not counted; also of a ping's payload */
  constructor (maxPayload: number) {
    this.#maxPayload = maxPayload
  }

  /**
   * @param frame - text of one WebSocket message
   * @param bytes - its length in UTF-8, where the caller knows it (then of every frame)
   * @throws ProtocolFault 4400, 1009, or 4406 for plain framing
   */
  decode (frame: string, bytes?: number): Inbound {
    const header = frame[0]
    const payload = frame.slice(1)
    switch (header) {
      case segmentHeader.last:
        this.#count(payload, bytes)
        return { kind: 'message', text: this.#take(payload) }
      case segmentHeader.more:
        this.#count(payload, bytes)
        if (payload !== '') this.#add(payload)
        return more
      case segmentHeader.ping:
        if (exceeds(frame, this.#maxPayload + 1, bytes)) throw new ProtocolFault(closeCodes.tooLarge)
        return { kind: 'ping', payload }
      case segmentHeader.pong:
        return pong
    }
    if (header === undefined) throw new ProtocolFault(closeCodes.protocolError, 'the frame is empty')
    if (framingOf(frame) === 'plain') throw wrongFraming('plain')
    throw new ProtocolFault(closeCodes.protocolError, 'the header of the segment is unknown')
  }

  /** Adds up the bytes of a message; without the caller's count, what they are at most, until that needs a closer look. */
  #count (payload: string, bytes: number | undefined): void {
    this.#bytes += bytes === undefined ? payload.length * 3 : bytes - 1
    if (this.#bytes <= this.#maxPayload) return
    if (bytes === undefined) this.#bytes = utf8Length(this.#text() + payload)
    if (this.#bytes > this.#maxPayload) throw new ProtocolFault(closeCodes.tooLarge)
  }

  #add (part: string): void {
    this.#parts ??= []
    if (this.#parts.push(part) === joinAfter) {
      this.#joined += this.#parts.join('')
      this.#parts = undefined
    }
  }

  #text (): string {
    return this.#parts === undefined ? this.#joined : this.#joined + this.#parts.join('')
  }

  #take (last: string): string {
    const text = this.#text() + last
    this.#joined = ''
    this.#parts = undefined
    this.#bytes = 0
    return text
  }
}

const more: Inbound = Object.freeze({ kind: 'more' })
const pong: Inbound = Object.freeze({ kind: 'pong' })
