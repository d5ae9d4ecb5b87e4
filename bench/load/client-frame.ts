/** WebSocket frames as a client sends them: masked (RFC 6455, section 5.3). */

const mask = Buffer.from([0x2a, 0x11, 0x5c, 0x73])

/** One unfragmented frame. */
export function clientFrame (opcode: number, payload: Buffer): Buffer {
  const head = payload.length < 126
    ? Buffer.from([0x80 | opcode, 0x80 | payload.length])
    : Buffer.from([0x80 | opcode, 0x80 | 126, payload.length >> 8, payload.length & 0xff])
  return Buffer.concat([head, mask, payload.map((byte, i) => byte ^ mask[i & 3]!)])
}
