/** A message ready for the wire: encoded at most once per encoding, then the same buffers for every socket. */
import { encodeSegments, headerLast, headerPing } from '../../protocol/segmented.ts'
import { newCost } from '../operations/monitor.ts'
import type { MessageCost } from '../operations/monitor.ts'
import { newProbe, probePayload } from './age-gate.ts'
import { deflatePayload, deflatePayloadLater } from './deflate.ts'
import type { DeflateMemory, RememberedFrames } from './deflate-memory.ts'
import { maxUnfragmented, payloadFrames, pingFrame, textFrame, textFrames } from './ws-frame.ts'
import type { Framing } from '../../../types/protocol.ts'

/** How a connection takes its messages. Equal encodings are the same object: compare them with `===`. */
export interface MessageEncoding {
  readonly framing: Framing
  /** Segmented: longest payload of a segment in characters; plain: 0. */
  readonly maxSegmentSize: number
  /** Whether messages of the state may be deflated: negotiated, and with the full window. */
  readonly deflate: boolean
  /** Whether the peer keeps its window between messages, so that one may refer to the one before it. */
  readonly remembers: boolean
  /** The same without deflating. */
  readonly raw: MessageEncoding
}

const encodings = new Map<string, MessageEncoding>()

/** The ping of a probe. In segmented framing it is a message of that framing's own. */
export const probePing = ({ framing }: MessageEncoding, number: number): Buffer =>
  framing === 'plain' ? pingFrame(probePayload(number)) : textFrame(headerPing, probePayload(number))

/** The encoding with these properties, always the same object, so that it can be the key of a cache. */
export function messageEncoding (framing: Framing, maxSegmentSize: number, deflate: boolean, remembers = false): MessageEncoding {
  const size = framing === 'plain' ? 0 : maxSegmentSize
  const key = `${framing} ${size} ${deflate} ${remembers}`
  let encoding = encodings.get(key)
  if (encoding === undefined) {
    encoding = Object.freeze({
      framing, maxSegmentSize: size, deflate, remembers, get raw () { return deflate ? messageEncoding(framing, size, false) : encoding! }
    })
    encodings.set(key, encoding)
  }
  return encoding
}

/** Whether text of a length in characters, at most 16 KB, becomes one frame. */
export const isOneFrame = ({ framing, maxSegmentSize }: MessageEncoding, length: number): boolean =>
  framing === 'plain' || length <= maxSegmentSize

/** Longest text in bytes that is deflated on the event loop (about 2 ms); longer ones are deflated in the thread pool. */
const maxSyncDeflate = 256 * 1024
/** Segments go into one buffer up to about this size: what a ping may have to wait for. */
const groupSize = 64 * 1024

/**
 * The text of one message, and its bytes in whatever encodings the receivers have. The buffers hold whole WebSocket
 * frames. All sockets share them, so they must never be written to: a slow socket may hold one for as long as it lives.
 */
export class EncodedMessage {
  readonly text: string
  /** Undefined: it is no message of the state. */
  readonly cost: MessageCost | undefined
  /** The revision of the state that it leads to; -1: it leads to none that has a name. */
  readonly revision: number
  #byteLength = -1
  // Nearly every message is asked for in one encoding, so the first needs no map.
  #encoding: MessageEncoding | undefined
  #buffers: readonly Buffer[] | undefined
  #more: Map<MessageEncoding, readonly Buffer[]> | undefined
  #preparing: Map<MessageEncoding, Promise<void>> | undefined
  #probe = 0
  /** With a ping behind it, by the frame. */
  #probed: Map<Buffer, Buffer> | undefined
  #variants: Map<string, EncodedMessage> | undefined
  /** Of the stream that many sockets get: what was deflated before it. */
  memory: DeflateMemory | undefined
  /** Which texts it is like. */
  #kind = ''
  #remembered: Map<MessageEncoding, RememberedFrames> | undefined

  constructor (text: string, cost?: MessageCost, revision = -1) {
    this.text = text
    this.cost = cost
    this.revision = revision
  }

  /** Length of the text in bytes of UTF-8, without any framing. */
  get byteLength (): number {
    if (this.#byteLength === -1) this.#byteLength = Buffer.byteLength(this.text)
    return this.#byteLength
  }

  /**
   * The bytes of this message. Several buffers are one message in pieces: they go in this order and without another
   * message between, but control frames and segmented pings may go between.
   *
   * A long message in an encoding that deflates comes deflated only after `prepare`, else as it is, which every
   * receiver takes as well.
   */
  encode (encoding: MessageEncoding): readonly Buffer[] {
    if (encoding === this.#encoding) return this.#buffers!
    let buffers = this.#more?.get(encoding)
    if (buffers === undefined) {
      const { cost } = this
      const began = cost === undefined ? 0 : performance.now()
      const deflate = encoding.deflate && this.byteLength <= maxSyncDeflate
      buffers = deflate ? deflated(this.#payloads(encoding)) : this.#raw(encoding)
      if (cost !== undefined) cost.encodeTime += performance.now() - began
      // what still waits to be deflated is not the last word
      if (deflate || !encoding.deflate) this.#keep(encoding, buffers)
    }
    return buffers
  }

  /**
   * The same message with a further member, made once for all who get that, and sent then.
   *
   * @param member - as JSON
   * @param kind - where those of its stream have the member as well: names them
   */
  with (member: string, kind?: string): EncodedMessage {
    this.#variants ??= new Map()
    let message = this.#variants.get(member)
    if (message === undefined) {
      message = this.plus(member)
      if (kind !== undefined) {
        message.memory = this.memory
        message.#kind = kind
      }
      this.#variants.set(member, message)
    }
    return message
  }

  /** The same for one who gets it. */
  plus (member: string): EncodedMessage {
    const { cost } = this
    const message = new EncodedMessage(`${this.text.slice(0, -1)},${member}}`, newCost(cost?.diffTime ?? 0), this.revision)
    // What the text took is to be taken down once.
    if (cost !== undefined) cost.diffTime = 0
    return message
  }

  /**
   * How it goes to peers that keep their window, where it is one of a stream of messages; undefined where it is none, or
   * does not fit into one frame.
   */
  remembered (encoding: MessageEncoding): RememberedFrames | undefined {
    if (this.memory === undefined) return undefined
    this.#remembered ??= new Map()
    const known = this.#remembered.get(encoding)
    if (known !== undefined) return known
    const { framing, maxSegmentSize } = encoding
    const { text } = this
    if (this.byteLength > maxSyncDeflate || (framing === 'segmented' && text.length > maxSegmentSize)) return undefined
    const began = performance.now()
    const payload = Buffer.from(framing === 'plain' ? text : headerLast + text)
    const frames = this.memory.next(`${framing} ${maxSegmentSize} ${this.#kind}`, payload)
    this.#remembered.set(encoding, frames)
    if (this.cost !== undefined) this.cost.encodeTime += performance.now() - began
    return frames
  }

  /** The number of the ping that `encodeProbed` puts behind this message. */
  get probe (): number {
    return (this.#probe ||= newProbe())
  }

  /**
   * A message that is one buffer, and behind it a ping, in one buffer: made once for all who are sent it.
   *
   * @param frame - the message in that encoding
   */
  probed (frame: Buffer, encoding: MessageEncoding): Buffer {
    this.#probed ??= new Map()
    let buffer = this.#probed.get(frame)
    if (buffer === undefined) {
      buffer = Buffer.concat([frame, probePing(encoding, this.probe)])
      this.#probed.set(frame, buffer)
    }
    return buffer
  }

  /**
   * Deflates a long message off the event loop, once however many ask for it.
   *
   * @returns `undefined` where `encode` has its last word already; else a promise, never rejected
   */
  prepare (encoding: MessageEncoding): Promise<void> | undefined {
    if (!encoding.deflate || this.byteLength <= maxSyncDeflate) return undefined
    if (encoding === this.#encoding || this.#more?.has(encoding)) return undefined
    this.#preparing ??= new Map()
    let preparing = this.#preparing.get(encoding)
    if (preparing === undefined) {
      preparing = this.#deflateLater(encoding)
      this.#preparing.set(encoding, preparing)
    }
    return preparing
  }

  async #deflateLater (encoding: MessageEncoding): Promise<void> {
    let buffers: Buffer[] = []
    try {
      for (const payload of this.#payloads(encoding)) {
        const shorter = await deflatePayloadLater(payload)
        buffers.push(...payloadFrames(shorter ?? payload, shorter !== undefined))
      }
    } catch {
      // zlib had no memory: not compressed is right as well
      buffers = this.#raw(encoding)
    }
    this.#preparing!.delete(encoding)
    this.#keep(encoding, buffers)
  }

  #keep (encoding: MessageEncoding, buffers: readonly Buffer[]): void {
    if (this.#encoding === undefined) {
      this.#encoding = encoding
      this.#buffers = buffers
    } else {
      this.#more ??= new Map()
      this.#more.set(encoding, buffers)
    }
  }

  /** The bytes without compression. */
  #raw (encoding: MessageEncoding): Buffer[] {
    const { text } = this
    if (encoding.framing === 'plain') {
      return this.byteLength <= maxUnfragmented ? [textFrame('', text, this.byteLength)] : payloadFrames(Buffer.from(text), false)
    }
    if (text.length <= encoding.maxSegmentSize) return [textFrame('0', text, this.byteLength)]
    const buffers: Buffer[] = []
    let group: string[] = []
    let length = 0
    for (const segment of encodeSegments(text, encoding.maxSegmentSize)) {
      group.push(segment)
      length += segment.length
      if (length >= groupSize) {
        buffers.push(textFrames('', group))
        group = []
        length = 0
      }
    }
    if (group.length > 0) buffers.push(textFrames('', group))
    return buffers
  }

  /** Payloads of the WebSocket messages that this message becomes. */
  #payloads (encoding: MessageEncoding): Buffer[] {
    return encoding.framing === 'plain'
      ? [Buffer.from(this.text)]
      : encodeSegments(this.text, encoding.maxSegmentSize).map((segment) => Buffer.from(segment))
  }
}

function deflated (payloads: Buffer[]): Buffer[] {
  return payloads.flatMap((payload) => {
    const shorter = deflatePayload(payload)
    return payloadFrames(shorter ?? payload, shorter !== undefined)
  })
}
