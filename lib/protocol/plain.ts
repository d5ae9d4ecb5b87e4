/** Plain framing (hat-juggler up to 0.6): one message per WebSocket text message. */
import { framingOf, refuseOver, wrongFraming } from './framing.ts'
import type { Decoder } from './framing.ts'

/**
 * Takes messages as they come. It keeps nothing between them, so one decoder serves any number of connections.
 *
 * @param maxPayload - largest message in bytes of UTF-8
 */
export const plainDecoder = (maxPayload: number): Decoder => (text, bytes = text.length * 3) => {
  refuseOver(maxPayload, text, bytes)
  // the commonest first: nothing but an object can be a message
  if (text[0] !== '{' && framingOf(text) === 'segmented') throw wrongFraming('segmented')
  return { text }
}
