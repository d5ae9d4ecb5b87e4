/** What speaks of the state comes behind it, and a client never sees it before. */
import t from 'tap'
import { createState } from '../../lib/index.ts'
import { startApp } from '../helpers/app.ts'
import { connectPeer } from '../helpers/peer.ts'

t.test('an alarm comes behind the speed that it speaks of', async (t) => {
  const plant = createState({ speed: 0 })
  const { app, origin } = await startApp(t, { juggler: { state: plant, autoflushDelay: 60_000 } })
  const peers = [await connectPeer(t, `${origin}/ws`), await connectPeer(t, `${origin}/ws?framing=segmented`)]
  for (const connection of app.juggler.connections) await connection.flush()
  for (const peer of peers) await peer.nextText()
  plant.set('/speed', 3100)
  app.juggler.broadcast('alarm', 3100, { flush: true })
  for (const peer of peers) {
    t.match(await peer.nextText(), /"type":"state".*3100/)
    t.match(await peer.nextText(), /"type":"notify".*3100/)
  }
  plant.set('/speed', 5)
  const [connection] = app.juggler.connections
  await connection!.notify('slower', 5, { flush: true })
  t.match(await peers[0]!.nextText(), /"type":"state".*5/)
  t.match(await peers[0]!.nextText(), /"type":"notify"/)
  await app.juggler.flush(plant)
  t.match(await peers[1]!.nextText(), /"type":"state".*5/)
  await app.juggler.flush()
  app.juggler.broadcast('nothing new', null, { flush: true, state: plant })
  for (const peer of peers) t.match(await peer.nextText(), /nothing new/)
})

t.test('a state that nobody has touched is null, and who asked for that is told it before what speaks of it', async (t) => {
  const { app, origin } = await startApp(t, { juggler: { autoflushDelay: null } })
  const [one, other] = [await connectPeer(t, `${origin}/ws?announce=1`), await connectPeer(t, `${origin}/ws?announce=1`)]
  const empty = { type: 'state', diff: [] }
  const [connection] = app.juggler.connections
  connection!.notify('alone', null, { flush: true })
  t.strictSame(await one.next(), empty)
  t.match(await one.next(), { name: 'alone' })
  app.juggler.broadcast('all', null, { flush: true })
  t.match(await one.next(), { name: 'all' })
  t.strictSame(await other.next(), empty)
  t.match(await other.next(), { name: 'all' })
})

t.test('at a slow client too, however much waits before it, and in the order of the calls', async (t) => {
  const plant = createState<{ n: number, bulk: string }>({ n: 0, bulk: '' })
  const { app, origin } = await startApp(t, { juggler: { state: plant, autoflushDelay: 60_000, maxBufferedBytes: 1000, maxSegmentSize: 1000, maxQueuedBytes: 1e9 } })
  for (const framing of ['plain', 'segmented']) {
    const peer = await connectPeer(t, `${origin}/ws?framing=${framing}`)
    const connection = [...app.juggler.connections].at(-1)!
    peer.ws.pause()
    // more than the kernel takes
    for (let i = 0; i < 20; i++) connection.notify('bulk', 'x'.repeat(1_000_000))
    const told: number[] = []
    for (let n = 1; n <= 5; n++) {
      plant.update((data) => { data.n = n; data.bulk = 'y'.repeat(50_000 * n) })
      connection.notify('at', n, { flush: true })
      connection.notify('plain', n)
    }
    peer.ws.resume()
    let seen = -1
    let last = ''
    const next = async (): Promise<string> => {
      const text = await peer.nextText()
      if (framing === 'plain' || text[0] !== '2') return text
      peer.send(`3${text.slice(1)}`)
      return await next()
    }
    while (last !== 'plain 5') {
      const text = await next()
      if (framing === 'segmented' && text[0] === '1') {
        let whole = text.slice(1)
        for (;;) {
          const more = await next()
          whole += more.slice(1)
          if (more[0] === '0') break
        }
        look(whole)
      } else {
        look(framing === 'segmented' ? text.slice(1) : text)
      }
    }
    t.strictSame(told, [1, 2, 3, 4, 5], framing)
    peer.ws.terminate()

    function look (text: string): void {
      const message = JSON.parse(text)
      if (message.type === 'state') {
        for (const { path, value } of message.diff) seen = path === '' ? value.n : path === '/n' ? value : seen
      } else if (message.name === 'at') {
        told.push(message.data)
        t.ok(seen >= message.data, `${framing}: told of ${message.data}, seen ${seen}`)
      }
      last = `${message.name} ${message.data}`.slice(0, 20)
    }
  }
})

t.test('where the connection closes before the state could go, the notification goes with it', async (t) => {
  const plant = createState(0)
  const { app, origin } = await startApp(t, { juggler: { state: plant, autoflushDelay: 60_000, maxBufferedBytes: 1000, shutdownTimeout: 10_000 } })
  const peer = await connectPeer(t, `${origin}/ws`)
  const [connection] = app.juggler.connections
  peer.ws.pause()
  for (let i = 0; i < 20; i++) connection!.notify('bulk', 'x'.repeat(1_000_000))
  plant.set('', 1)
  const told = connection!.notify('told', 1, { flush: true })
  connection!.notify('last')
  connection!.close()
  await t.rejects(told, { code: 'JUGGLER_CONNECTION_CLOSED' })
  peer.ws.resume()
  let name = ''
  while (name !== 'last') {
    ({ name } = await peer.next())
    t.not(name, 'told')
  }
})

t.test('a state must be one', async (t) => {
  const { app } = await startApp(t)
  for (const state of [null, 'room', {}]) t.throws(() => app.juggler.flush(state as never), { code: 'FST_JUGGLER_ARGUMENT_INVALID' })
  t.throws(() => app.juggler.broadcast('x', 1, { flush: 'yes' } as never), { code: 'FST_JUGGLER_ARGUMENT_INVALID' })
})
