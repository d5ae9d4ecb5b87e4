import type { Socket } from 'node:net'
import t from 'tap'
import { createState } from '../../lib/index.ts'
import { startApp } from '../helpers/app.ts'
import { connectPeer } from '../helpers/peer.ts'
import type { Peer } from '../helpers/peer.ts'

const received = (peer: Peer): number => (peer.ws as unknown as { _socket: Socket })._socket.bytesRead
const devices = Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`device${i}`, { temp: i, status: 'ok', tags: ['a', 'b', 'c'] }]))

t.test('what is large is deflated once for all who negotiated it, and the others get it plain', async (t) => {
  const state = createState<unknown>(devices)
  const { app, origin } = await startApp(t, { juggler: { state, compression: true, autoflushDelay: 0 } })
  const size = JSON.stringify(devices).length
  for (const framing of ['plain', 'segmented']) {
    const deflating = await connectPeer(t, `${origin}/ws?framing=${framing}`, { perMessageDeflate: true })
    t.match(deflating.ws.extensions, /permessage-deflate/)
    const plain = await connectPeer(t, `${origin}/ws?framing=${framing}`, { perMessageDeflate: false })
    const small = await connectPeer(t, `${origin}/ws?framing=${framing}`, { perMessageDeflate: { serverMaxWindowBits: 10 } })
    const text = await deflating.nextText()
    t.equal(await plain.nextText(), text)
    t.equal(await small.nextText(), text)
    t.ok(received(deflating) < size / 4, `${received(deflating)} of ${size} bytes`)
    t.ok(received(plain) > size)
    t.ok(received(small) > size, 'a window smaller than ours cannot take the shared frames')
  }
  t.equal(app.juggler.connections.size, 6)
})

t.test('responses, notifications and state stay in order, whatever is deflated', async (t) => {
  const state = createState<unknown>(null)
  const { app, origin } = await startApp(t, { juggler: { state, compression: true, autoflushDelay: null } })
  app.juggler.handle('mix', async (connection, data) => {
    await connection.notify('before', 'x'.repeat(2000))
    state.set('', 'y'.repeat(1_000_000) + String(data))
    await connection.flush()
    connection.notify('small', 1)
    return data
  })
  const peer = await connectPeer(t, `${origin}/ws`, { perMessageDeflate: true })
  for (let i = 0; i < 5; i++) {
    peer.request(i, 'mix', i)
    t.strictSame([await peer.next(), await peer.next(), await peer.next(), await peer.next()].map(({ type, name, id }) => name ?? id ?? type), ['before', 'state', 'small', i])
  }
})

t.test('what a client deflates is read, and its limit counts what it becomes', async (t) => {
  const { origin } = await startApp(t, { juggler: { compression: true, maxPayload: 100_000 } })
  const peer = await connectPeer(t, `${origin}/ws`, { perMessageDeflate: { threshold: 0 } })
  const data = 'z'.repeat(90_000)
  t.equal((await peer.ask(1, '', data)).data, data)
  peer.request(2, '', 'z'.repeat(110_000))
  t.equal((await peer.closed).code, 1009)
})

t.test('without the option nothing is negotiated', async (t) => {
  const { origin } = await startApp(t)
  t.equal((await connectPeer(t, `${origin}/ws`, { perMessageDeflate: true })).ws.extensions, '')
})
