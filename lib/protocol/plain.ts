/** Plain framing (hat-juggler up to 0.6): one message per WebSocket text message. */
import { framingOf, refuseOver, wrongFraming } from './framing.ts'
import type { Decoder } from './framing.ts'

/**
 * Takes frames as they come. It keeps nothing between frames, so one serves any number of connections.
 *
 * @param maxPayload - largest message in bytes of UTF-8
 */
export const plainDecoder = (maxPayload: number): Decoder => (frame, bytes = frame.length * 3) => {
  refuseOver(maxPayload, frame, bytes)
  // the commonest first: nothing but an object can be a message
  if (frame[0] !== '{' && framingOf(frame) === 'segmented') throw wrongFraming('segmented')
  return { text: frame }
}
