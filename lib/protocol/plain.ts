/** Plain framing (hat-juggler up to 0.6): one message per WebSocket text message. */
import { closeCodes } from './close-codes.ts'
import { ProtocolFault } from './fault.ts'
import { exceeds, framingOf, wrongFraming } from './framing.ts'
import type { Decoder, Inbound } from './framing.ts'

/** Takes frames as they come. It keeps nothing between frames, so one serves any number of connections. */
export class PlainDecoder implements Decoder {
  readonly #maxPayload: number

  /** @param maxPayload - largest message in bytes of UTF-8 */
  constructor (maxPayload: number) {
    this.#maxPayload = maxPayload
  }

  decode (frame: string, bytes?: number): Inbound {
    if (exceeds(frame, this.#maxPayload, bytes)) throw new ProtocolFault(closeCodes.tooLarge)
    // the commonest first: nothing but an object can be a message
    if (frame.charCodeAt(0) !== brace && framingOf(frame) === 'segmented') throw wrongFraming('segmented')
    return { kind: 'message', text: frame }
  }
}

const brace = 0x7b
