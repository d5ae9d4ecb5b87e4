/** Where the runtime has put a WebSocket of its own in the place of `ws`: a stand-in for the socket, which sends by it. */
import type { Duplex } from 'node:stream'
import { constants, inflateRawSync } from 'node:zlib'
import type { WebSocket } from 'ws'

/** What the frames of a message are written to: a socket, or what stands in for it. */
export type FrameSink = Pick<Duplex, 'write' | 'writableLength'>

/** Of `ws`, not documented: what a WebSocket writes its frames with. A test says which version has it. */
interface WithSender { readonly _sender?: { readonly _socket?: unknown } | null }

/**
 * What to write ready frames to. It is the socket where the WebSocket writes its own frames to it as well. Bun replaces
 * `ws` by its own, which has the socket but does not write to it as a stream does: of what is written there directly,
 * only as much arrives as the kernel takes at once, and nothing says so. What is given to its `send` arrives.
 */
export function frameSinkOf (ws: WebSocket, socket: Duplex): FrameSink {
  return (ws as unknown as WithSender)._sender?._socket === socket ? socket : new SendingSocket(ws)
}

const pingOpcode = 0x09

/** Takes ready frames, and sends by the WebSocket what is in them. In order, and without holding any back. */
class SendingSocket {
  readonly #ws: WebSocket
  /** Payloads of the fragments of a message that goes on. */
  #fragments: Buffer[] = []
  #compressed = false
  /** Bytes of frames that were given to the WebSocket, and have not left. */
  writableLength = 0

  constructor (ws: WebSocket) {
    this.#ws = ws
  }

  write (frames: Buffer, done?: unknown): boolean {
    const callback = typeof done === 'function' ? done as (error?: Error) => void : undefined
    const messages = this.#read(frames)
    this.writableLength += frames.length
    let waiting = messages.length
    const left = (error?: Error | null) => {
      if (--waiting > 0) return
      this.writableLength -= frames.length
      callback?.(error ?? undefined)
    }
    // A fragment leaves with the last one of its message.
    if (waiting === 0) left()
    for (const message of messages) this.#ws.send(message, { binary: false, compress: false }, left)
    return true
  }

  /** The messages that end in these frames, which are whole, of a server, and of text; pings among them go on at once. */
  #read (frames: Buffer): Buffer[] {
    const messages: Buffer[] = []
    for (let start = 0; start < frames.length;) {
      const first = frames[start]!
      const short = frames[start + 1]!
      const header = short < 126 ? 2 : short === 126 ? 4 : 10
      const length = short < 126 ? short : short === 126 ? frames.readUInt16BE(start + 2) : frames.readUIntBE(start + 4, 6)
      const end = start + header + length
      if ((first & 0x0f) === pingOpcode) {
        this.#ws.ping(frames.subarray(start + header, end))
        start = end
        continue
      }
      if (this.#fragments.length === 0) this.#compressed = (first & 0x40) !== 0
      this.#fragments.push(frames.subarray(start + header, end))
      start = end
      if ((first & 0x80) === 0) continue
      const payload = this.#fragments.length === 1 ? this.#fragments[0]! : Buffer.concat(this.#fragments)
      this.#fragments = []
      messages.push(this.#compressed ? inflated(payload) : payload)
    }
    return messages
  }
}

/** RFC 7692, section 7.2.2: the end of a deflated message is left out on the wire. */
const inflated = (payload: Buffer): Buffer =>
  inflateRawSync(Buffer.concat([payload, Buffer.from([0, 0, 0xff, 0xff])]), { finishFlush: constants.Z_SYNC_FLUSH })
