/** WebSocket frames as a server sends them (RFC 6455, section 5.2): text, continuation or ping, unmasked. */

const fin = 0x80
const rsv1 = 0x40
const continuation = 0x00
const textOpcode = 0x01
const pingOpcode = 0x09

/** Longest payload that is left in one frame; longer ones are fragmented, so that a ping need not wait for them. */
export const maxUnfragmented = 1024 * 1024
/** Payload of a fragment. */
export const fragmentSize = 256 * 1024

const headerSize = (length: number) => length < 126 ? 2 : length < 65536 ? 4 : 10

/** Writes a frame header and returns the offset behind it. */
function writeHeader (target: Buffer, offset: number, first: number, length: number): number {
  target[offset] = first
  if (length < 126) {
    target[offset + 1] = length
    return offset + 2
  }
  if (length < 65536) {
    target[offset + 1] = 126
    target[offset + 2] = length >> 8
    target[offset + 3] = length & 0xff
    return offset + 4
  }
  target[offset + 1] = 127
  target.writeUInt16BE(0, offset + 2)
  target.writeUIntBE(length, offset + 4, 6)
  return offset + 10
}

/** Writes text of a known length in UTF-8; where that equals the length in characters it is ASCII, and a plain copy. */
function writeText (target: Buffer, offset: number, text: string, byteLength: number): void {
  target.write(text, offset, byteLength, byteLength === text.length ? 'latin1' : 'utf8')
}

/**
 * One unfragmented text frame.
 *
 * @param prefix - an ASCII character put before the text, or `''`
 * @param byteLength - of the text
 */
export function textFrame (prefix: string, text: string, byteLength = Buffer.byteLength(text)): Buffer {
  const length = prefix.length + byteLength
  const frame = Buffer.allocUnsafe(headerSize(length) + length)
  let offset = writeHeader(frame, 0, fin | textOpcode, length)
  if (prefix !== '') frame[offset++] = prefix.charCodeAt(0)
  writeText(frame, offset, text, byteLength)
  return frame
}

/** @param payload - ASCII, 125 characters at most */
export function pingFrame (payload: string): Buffer {
  const frame = Buffer.allocUnsafe(2 + payload.length)
  frame.write(payload, writeHeader(frame, 0, fin | pingOpcode, payload.length), 'latin1')
  return frame
}

/** Several unfragmented text frames behind each other in one buffer; what the prefix is for `textFrame` goes before each text. */
export function textFrames (prefix: string, texts: readonly string[]): Buffer {
  if (texts.length === 1) return textFrame(prefix, texts[0]!)
  const lengths = new Array<number>(texts.length)
  let total = 0
  for (let i = 0; i < texts.length; i++) {
    const length = lengths[i] = Buffer.byteLength(texts[i]!)
    total += headerSize(prefix.length + length) + prefix.length + length
  }
  const frames = Buffer.allocUnsafe(total)
  let offset = 0
  for (let i = 0; i < texts.length; i++) {
    const length = lengths[i]!
    offset = writeHeader(frames, offset, fin | textOpcode, prefix.length + length)
    if (prefix !== '') frames[offset++] = prefix.charCodeAt(0)
    writeText(frames, offset, texts[i]!, length)
    offset += length
  }
  return frames
}

/**
 * A text message from its payload, a buffer for each frame. Control frames may go between fragments (RFC 6455,
 * section 5.4), so that whoever writes can let a ping pass.
 *
 * @param compressed - whether the payload is deflated: RSV1 stands on the first frame (RFC 7692, section 6)
 */
export function payloadFrames (payload: Buffer, compressed: boolean): Buffer[] {
  const first = textOpcode | (compressed ? rsv1 : 0)
  if (payload.length <= maxUnfragmented) return [payloadFrame(fin | first, payload)]
  const frames: Buffer[] = []
  for (let start = 0; start < payload.length; start += fragmentSize) {
    const end = Math.min(start + fragmentSize, payload.length)
    const opening = start === 0 ? first : continuation
    frames.push(payloadFrame(end === payload.length ? fin | opening : opening, payload.subarray(start, end)))
  }
  return frames
}

function payloadFrame (first: number, payload: Buffer): Buffer {
  const frame = Buffer.allocUnsafe(headerSize(payload.length) + payload.length)
  payload.copy(frame, writeHeader(frame, 0, first, payload.length))
  return frame
}
