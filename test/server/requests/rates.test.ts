import t from 'tap'
import { Rates } from '../../../lib/server/requests/rates.ts'
import { startApp } from '../../helpers/app.ts'
import { connectPeer } from '../../helpers/peer.ts'

t.test('a second\'s worth may come at once, and what is more has to be waited for', async (t) => {
  let now = 0
  const rates = new Rates({ requestsPerSecond: 10, bytesPerSecond: 1000 }, () => now)
  t.equal(rates.spend(10, 500), 0)
  t.equal(rates.spend(1, 0), 100)
  now = 100
  t.equal(rates.spend(0, 0), 0)
  now = 10_000
  t.equal(rates.spend(10, 3000), 2000, 'the bucket holds no more than a second, and the longer wait counts')
  const bytes = new Rates({ requestsPerSecond: null, bytesPerSecond: 1000 }, () => now)
  t.equal(bytes.spend(1e6, 1000), 0)
  t.equal(bytes.spend(1, 1), 1)
})

t.test('who sends too fast is read more slowly, and loses nothing', async (t) => {
  const { app, origin } = await startApp(t, { juggler: { limits: { requestsPerSecond: 100 } } })
  app.juggler.handle('count', (_connection, data) => data)
  const [fast, other] = [await connectPeer(t, `${origin}/ws`), await connectPeer(t, `${origin}/ws`)]
  const began = performance.now()
  const padding = 'x'.repeat(4000)
  for (let i = 0; i < 150; i++) fast.request(i, 'count', padding)
  t.match(await other.ask(1, 'count', 1), { data: 1 }, 'others are not touched')
  t.ok(fast.pending < 150, 'who sends too fast waits still')
  for (let i = 0; i < 150; i++) t.equal((await fast.next()).id, i)
  const took = performance.now() - began
  t.ok(took > 250, `${Math.round(took)} ms for 150 at 100 a second with 100 at once`)
  t.equal(fast.ws.readyState, fast.ws.OPEN)
})

t.test('bytes as well, and a connection that ends while it rests leaves no timer', async (t) => {
  const { app, origin } = await startApp(t, { juggler: { limits: { bytesPerSecond: 20_000 } } })
  app.juggler.handle('count', (_connection, data) => (data as string).length)
  const peer = await connectPeer(t, `${origin}/ws`)
  const began = performance.now()
  t.match(await peer.ask(1, 'count', 'x'.repeat(25_000)), { data: 25_000 })
  t.match(await peer.ask(2, 'count', 'x'), { data: 1 })
  t.ok(performance.now() - began > 200)
  peer.request(3, 'count', 'x'.repeat(100_000))
  t.match(await peer.next(), { data: 100_000 })
  const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length
  const before = timers()
  peer.ws.terminate()
  await peer.closed
  while (app.juggler.connections.size > 0) await new Promise(setImmediate)
  t.ok(timers() < before)
})

t.test('who sends more at once than a minute would do for is closed, behind the answers to what came before', async (t) => {
  const { app, origin } = await startApp(t, { juggler: { limits: { requestsPerSecond: 100, bytesPerSecond: 1000 } } })
  app.juggler.handle('count', (_connection, data) => (data as string).length)
  const peer = await connectPeer(t, `${origin}/ws`)
  t.match(await peer.ask(1, 'count', 'x'.repeat(100)), { data: 100 })
  peer.request(2, 'count', 'x'.repeat(62_000))
  t.match(await peer.closed, { code: 4429, reason: "over 60 s' worth of 'bytesPerSecond' at once" })
  t.same(app.juggler.stats().limits, { bytesPerSecond: 1 })
})
