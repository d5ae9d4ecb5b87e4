import t from 'tap'
import type { WebSocket } from 'ws'
import { messageEncoding } from '../../../lib/server/wire/encoded-message.ts'
import { Codecs } from '../../../lib/server/wire/codecs.ts'

/** A WebSocket with what a negotiation of permessage-deflate came to. */
const negotiated = (params: object | undefined): WebSocket => ({ _extensions: params === undefined ? {} : { 'permessage-deflate': { params } } }) as unknown as WebSocket

const options = { maxPayload: 100, maxSegmentSize: 10, compression: true, limits: { maxSegments: 3 } }

t.test('a decoder of segments is a connection\'s own, one of plain framing is shared', async (t) => {
  const codecs = new Codecs(options)
  t.equal(codecs.decoder('plain'), codecs.decoder('plain'))
  t.not(codecs.decoder('segmented'), codecs.decoder('segmented'))
})

t.test('frames are deflated for who takes them without context and in the full window', async (t) => {
  const codecs = new Codecs(options)
  const full = negotiated({ server_no_context_takeover: true })
  t.equal(codecs.encoding('plain', full), messageEncoding('plain', 10, true))
  t.equal(codecs.encoding('segmented', full), messageEncoding('segmented', 10, true))
  for (const params of [undefined, {}, { server_no_context_takeover: true, server_max_window_bits: 14 }]) {
    t.equal(codecs.encoding('plain', negotiated(params)), messageEncoding('plain', 10, false))
  }
  t.equal(new Codecs({ ...options, compression: false }).encoding('plain', full), messageEncoding('plain', 10, false))
})
