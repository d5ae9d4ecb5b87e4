/** How the connections of a registration decode what comes in and encode what goes out. */
import type { WebSocket } from 'ws'
import type { Framing } from '../../../types/protocol.ts'
import { messageEncoding } from './encoded-message.ts'
import type { MessageEncoding } from './encoded-message.ts'
import { guardedDecoder } from './guarded-decoder.ts'
import type { GuardedDecoder } from './guarded-decoder.ts'

export interface CodecOptions {
  readonly maxPayload: number
  readonly maxSegmentSize: number
  readonly compression: boolean
  readonly limits: { readonly maxSegments: number }
}

/** The part of permessage-deflate that `ws` keeps of a negotiation; it has no public face. */
interface Negotiated {
  readonly _extensions?: {
    readonly 'permessage-deflate'?: {
      readonly params?: { readonly server_max_window_bits?: number, readonly server_no_context_takeover?: boolean }
    }
  }
}

/** The window that shared messages are deflated with. */
const fullWindow = 15

export class Codecs {
  readonly #options: CodecOptions
  /** Keeps nothing between messages, so one serves all connections. */
  readonly #plain: GuardedDecoder

  constructor (options: CodecOptions) {
    this.#options = options
    this.#plain = this.#decoder('plain')
  }

  decoder (framing: Framing): GuardedDecoder {
    return framing === 'plain' ? this.#plain : this.#decoder(framing)
  }

  #decoder (framing: Framing): GuardedDecoder {
    const { maxPayload, limits } = this.#options
    return guardedDecoder(framing, { maxPayload, maxSegments: limits.maxSegments })
  }

  encoding (framing: Framing, ws: WebSocket): MessageEncoding {
    const { maxSegmentSize, compression } = this.#options
    const params = compression ? (ws as Negotiated)._extensions?.['permessage-deflate']?.params : undefined
    // A smaller window cannot take what is deflated for everybody.
    const deflates = params !== undefined && (params.server_max_window_bits ?? fullWindow) === fullWindow
    return messageEncoding(framing, maxSegmentSize, deflates, deflates && params.server_no_context_takeover !== true)
  }
}
