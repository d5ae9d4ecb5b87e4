/** The way into one socket, for messages: in which bytes each of them goes. */
import type { WebSocket } from 'ws'
import type { Window } from './deflate-memory.ts'
import type { EncodedMessage, MessageEncoding } from './encoded-message.ts'
import { PingGate } from './ping-gate.ts'
import type { FrameSink } from './sending-socket.ts'

export abstract class FrameGate extends PingGate {
  /** `undefined`: not known yet. */
  encoding: MessageEncoding | undefined
  /** What the peer has in its window, where it keeps that. */
  #window: Window = 0

  constructor (ws: WebSocket, socket: FrameSink, limit: number, pingTimeout: number, encoding: MessageEncoding | undefined) {
    super(ws, socket, limit, pingTimeout)
    this.encoding = encoding
  }

  /** Only the state is deflated: what reflects a request is not to be in one window with it (docs/security.md). */
  protected encodingOf ({ cost }: EncodedMessage): MessageEncoding {
    return cost === undefined ? this.encoding!.raw : this.encoding!
  }

  /**
   * The bytes of a message that is written now: what they may refer to is decided by what was written last.
   *
   * @returns undefined: it is more than one buffer, and `single` was asked for; then it is not to be written
   */
  protected encode (message: EncodedMessage, single = false): readonly Buffer[] | undefined {
    const encoding = this.encodingOf(message)
    const frames = encoding.remembers ? message.remembered(encoding) : undefined
    if (frames !== undefined) {
      const buffers = frames.framesFor(this.#window)
      if (frames.window !== undefined) this.#window = frames.window
      return buffers
    }
    const buffers = message.encode(encoding)
    if (single && buffers.length > 1) return undefined
    // What comes after it refers to nothing in it.
    if (encoding.remembers) this.#window = 0
    return buffers
  }
}
