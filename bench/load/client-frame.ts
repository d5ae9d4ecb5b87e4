/** WebSocket frames as a client sends them: masked (RFC 6455, section 5.3). */

const mask = Buffer.from([0x2a, 0x11, 0x5c, 0x73])

/** One unfragmented frame. */
export function clientFrame (opcode: number, payload: Buffer): Buffer {
  const head = payload.length < 126
    ? Buffer.from([0x80 | opcode, 0x80 | payload.length])
    : Buffer.from([0x80 | opcode, 0x80 | 126, payload.length >> 8, payload.length & 0xff])
  return Buffer.concat([head, mask, payload.map((byte, i) => byte ^ mask[i & 3]!)])
}

/**
 * Writes eight digits over a place of a frame.
 *
 * @param start - where the frame begins
 * @param at - the place in it
 */
export function putDigits (buffer: Buffer, start: number, at: number, value: number): void {
  const head = (buffer[start + 1]! & 0x7f) < 126 ? 6 : 8
  for (let i = 7; i >= 0; i--) {
    buffer[start + at + i] = (0x30 + value % 10) ^ mask[(at + i - head) & 3]!
    value = Math.floor(value / 10)
  }
}
