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

t.test('the state is deflated for who takes the full window, by itself for who forgets it between messages', async (t) => {
  const codecs = new Codecs(options)
  const forgetting = negotiated({ server_no_context_takeover: true })
  t.equal(codecs.encoding('plain', forgetting), messageEncoding('plain', 10, true))
  t.equal(codecs.encoding('segmented', forgetting), messageEncoding('segmented', 10, true))
  for (const params of [{}, { server_max_window_bits: 15 }]) t.equal(codecs.encoding('plain', negotiated(params)), messageEncoding('plain', 10, true, true))
  for (const params of [undefined, { server_no_context_takeover: true, server_max_window_bits: 14 }, { server_max_window_bits: 9 }]) {
    t.equal(codecs.encoding('plain', negotiated(params)), messageEncoding('plain', 10, false))
  }
  t.equal(new Codecs({ ...options, compression: false }).encoding('plain', forgetting), messageEncoding('plain', 10, false))
})
