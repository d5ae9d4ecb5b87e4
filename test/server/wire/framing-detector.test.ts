import t from 'tap'
import { createState } from '../../../lib/index.ts'
import type { FastifyJugglerOptions } from '../../../types/options.ts'
import { startApp } from '../../helpers/app.ts'
import { connectPeer } from '../../helpers/peer.ts'

t.test('auto: nothing is sent until the first frame tells the framing', async (t) => {
  const options: FastifyJugglerOptions = { framing: 'auto', framingTimeout: 60_000, state: createState(1), autoflushDelay: 0 }
  const { app, origin } = await startApp(t, { juggler: options })
  const peer = await connectPeer(t, `${origin}/ws`)
  app.juggler.broadcast('held')
  peer.send(' {"type":"request","id":1,"name":"","data":1}')
  const plain = [await peer.next(), await peer.next(), await peer.next()].map(({ type }) => type).sort()
  t.strictSame(plain, ['notify', 'response', 'state'])
  const segmented = await connectPeer(t, `${origin}/ws`)
  segmented.send('2')
  const texts = [await segmented.nextText(), await segmented.nextText()].sort()
  t.match(texts, [/^0{"type":"state"/, '3'])
})

t.test('auto: a client that stays silent gets plain framing', async (t) => {
  const { origin } = await startApp(t, { juggler: { framing: 'auto', framingTimeout: 1, state: createState(1), autoflushDelay: 0 } })
  const peer = await connectPeer(t, `${origin}/ws`)
  t.match(await peer.next(), { type: 'state' })
})

t.test('auto: the timer ends with the connection', async (t) => {
  const { app, origin } = await startApp(t, { juggler: { framing: 'auto', framingTimeout: 2 ** 31 - 1 } })
  const peer = await connectPeer(t, `${origin}/ws`)
  const [connection] = app.juggler.connections
  peer.ws.close()
  await connection!.closed
  await app.close()
})

t.test('a client of the other framing is switched over where it was sent nothing, else told what to do', async (t) => {
  const state = createState<unknown>(null)
  const { origin } = await startApp(t, { juggler: { state, autoflushDelay: 0 } })
  const peer = await connectPeer(t, `${origin}/ws`)
  peer.send('0{"type":"request","id":1,"name":"","data":1}')
  t.match(await peer.nextText(), /^0{.*"id":1/)
  const reverse = await connectPeer(t, `${origin}/ws?framing=segmented`)
  t.match(await reverse.ask(2, ''), { id: 2 })
  state.set('', 1)
  const late = await connectPeer(t, `${origin}/ws`)
  await late.next()
  late.send('0{"type":"request","id":1,"name":"","data":1}')
  t.match(await late.closed, { code: 4406, reason: 'this connection is plain; connect with ?framing=segmented' })
  const second = await connectPeer(t, `${origin}/ws?framing=segmented`)
  second.send('3')
  second.send('{"type":"request","id":1,"name":""}')
  t.match(await second.closed, { code: 4406 }, 'only the first frame tells')
})
