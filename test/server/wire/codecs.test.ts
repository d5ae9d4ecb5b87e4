import t from 'tap'
import type { WebSocket } from 'ws'
import { frameEncoding } from '../../../lib/server/wire/encoded-message.ts'
import { Transport } from '../../../lib/server/wire/codecs.ts'

/** A WebSocket with what a negotiation of permessage-deflate came to. */
const negotiated = (params: object | undefined): WebSocket => ({ _extensions: params === undefined ? {} : { 'permessage-deflate': { params } } }) as unknown as WebSocket

const options = { maxPayload: 100, maxSegmentSize: 10, compression: true }

t.test('a decoder of segments is a connection\'s own, one of plain framing is shared', async (t) => {
  const transport = new Transport(options)
  t.equal(transport.decoder('plain'), transport.decoder('plain'))
  t.not(transport.decoder('segmented'), transport.decoder('segmented'))
})

t.test('frames are deflated for who takes them without context and in the full window', async (t) => {
  const transport = new Transport(options)
  const full = negotiated({ server_no_context_takeover: true })
  t.equal(transport.encoding('plain', full), frameEncoding('plain', 10, true))
  t.equal(transport.encoding('segmented', full), frameEncoding('segmented', 10, true))
  for (const params of [undefined, {}, { server_no_context_takeover: true, server_max_window_bits: 14 }]) {
    t.equal(transport.encoding('plain', negotiated(params)), frameEncoding('plain', 10, false))
  }
  t.equal(new Transport({ ...options, compression: false }).encoding('plain', full), frameEncoding('plain', 10, false))
})
