/** `app.juggler.stats()` counts what a user of it would look for. */
import { setImmediate as turn } from 'node:timers/promises'
import t from 'tap'
import { createState } from '../../lib/index.ts'
import type { JugglerStats } from '../../types/stats.ts'
import { startApp } from '../helpers/app.ts'
import { connectPeer, refusal } from '../helpers/peer.ts'

const keyed = (id: number, name: string, key: string): string => JSON.stringify({ type: 'request', id, name, data: null, key })

t.test('connections and what goes over them', async (t) => {
  const state = createState({ n: 0 })
  const { app, origin } = await startApp(t, { juggler: { state, autoflushDelay: 0 } })
  const stats = (): JugglerStats => app.juggler.stats()
  t.match(stats(), { connections: { open: 0, closing: 0, opened: 0, closed: {}, refused: 0 }, running: 0, commands: 0, limits: {} })
  const peers = await Promise.all(Array.from({ length: 3 }, () => connectPeer(t, `${origin}/ws`)))
  for (const peer of peers) await peer.next()
  for (let n = 1; n <= 4; n++) {
    state.set('/n', n)
    for (const peer of peers) await peer.next()
  }
  const before = stats()
  t.match(before.connections, { open: 3, opened: 3 })
  t.equal(before.flushes.messages, 5, 'the whole and four changes, each made once')
  t.equal(before.flushes.deliveries, 15)
  t.match(before.flushes.bytes, { count: 5 })
  t.ok(before.flushes.diffTime > 0 && before.flushes.encodeTime > 0)
  t.equal(before.traffic.messagesSent, 15)
  peers[0]!.ws.close(4001)
  peers[1]!.ws.terminate()
  while (stats().connections.open > 1) await turn()
  const after = stats()
  t.match(after.connections, { open: 1, opened: 3, closed: { 4001: 1, 1006: 1 } })
  t.equal(after.traffic.messagesSent, 15, 'those of connections that have gone stay')
  t.ok(after.traffic.bytesSent >= before.traffic.bytesSent && after.traffic.bytesReceived > before.traffic.bytesReceived)
  const drained = app.juggler.drain({ over: 0 })
  t.equal(await refusal(t, `${origin}/ws`), 503)
  await drained
  t.match(stats().connections, { open: 0, refused: 1 })
})

t.test('what differences take counts as well where messages say their revision', async (t) => {
  const state = createState({ n: 0 })
  const { app, origin } = await startApp(t, { juggler: { state, autoflushDelay: 0 } })
  const peers = await Promise.all(['?epoch=&revision=', '?epoch=&revision=', '?epoch=&revision=&journal=a'].map((query) => connectPeer(t, `${origin}/ws${query}`)))
  for (const peer of peers) await peer.next()
  const before = app.juggler.stats().flushes.diffTime
  state.set('/n', 1)
  for (const peer of peers) await peer.next()
  t.ok(before > 0 && app.juggler.stats().flushes.diffTime > before)
})

t.test('bytes that were sent do not become fewer where what waited is dropped', async (t) => {
  const { app, origin } = await startApp(t, { juggler: { maxBufferedBytes: 50_000_000 } })
  const peer = await connectPeer(t, `${origin}/ws`)
  peer.ws.pause()
  app.juggler.broadcast('large', 'x'.repeat(20_000_000))
  app.juggler.broadcast('large', 'x'.repeat(20_000_000))
  await turn()
  const { bytesSent } = app.juggler.stats().traffic
  t.ok(bytesSent < 20_000_000, `${bytesSent} bytes`)
  peer.ws.terminate()
  while (app.juggler.stats().connections.closed[1006] === undefined) await turn()
  t.ok(app.juggler.stats().traffic.bytesSent >= bytesSent)
})

t.test('requests by the names of handlers and how they ended', async (t) => {
  let release = (): void => {}
  const { app, origin } = await startApp(t, { juggler: { parallelRequests: true } })
  app.juggler.handle('plain', () => 1)
  app.juggler.handle('async', async () => { await turn() })
  app.juggler.handle('failing', () => { throw new Error('broken') })
  app.juggler.handle('checked', { schema: { data: { type: 'number' } } }, () => 1)
  app.juggler.handle('endless', { timeout: 5 }, () => new Promise(() => {}))
  app.juggler.handle('once', { once: true }, () => 1)
  app.juggler.handle('slow once', { once: true }, () => new Promise<void>((resolve) => { release = resolve }))
  const peer = await connectPeer(t, `${origin}/ws`)
  for (const [id, name] of ['plain', 'plain', 'async', 'failing', 'checked', 'endless', '__proto__', 'x'.repeat(100), 'y'].entries()) await peer.ask(id, name, null)
  for (const id of [100, 101]) {
    peer.send(keyed(id, 'once', 'k'))
    await peer.next()
  }
  for (const id of [102, 103]) peer.send(keyed(id, 'slow once', 's'))
  await peer.echo()
  t.equal(app.juggler.stats().running, 2)
  release()
  await peer.next()
  await peer.next()
  const { requests, commands, running } = app.juggler.stats()
  const counts = Object.fromEntries(Object.entries(requests).map(([name, results]) =>
    [name, Object.fromEntries(Object.entries(results).map(([result, { count }]) => [result, count]))]))
  t.same(counts, {
    plain: { success: 2 },
    async: { success: 1 },
    failing: { error: 1 },
    checked: { refused: 1 },
    endless: { timeout: 1 },
    once: { success: 1, repeated: 1 },
    'slow once': { success: 1, repeated: 1 },
    other: { error: 3 }
  })
  t.ok(requests['endless']!.timeout!.sum >= 4)
  t.equal(commands, 2)
  t.equal(running, 0)
})

t.test('a handler called other is counted with those that have none', async (t) => {
  const { app, origin } = await startApp(t)
  app.juggler.handle('other', () => 1)
  const peer = await connectPeer(t, `${origin}/ws`)
  await peer.ask(1, 'other')
  await peer.ask(2, 'unknown')
  t.match(app.juggler.stats().requests, { other: { success: { count: 1 }, error: { count: 1 } } })
})

t.test('limits that somebody ran into, by name', async (t) => {
  const { app, origin } = await startApp(t, {
    juggler: { maxPayload: 1000, limits: { maxJsonDepth: 3, maxJsonElements: 20, connections: 2, requestsInFlight: 1, requestsPerSecond: 1000 }, parallelRequests: true }
  })
  app.juggler.handle('endless', () => new Promise(() => {}))
  const each = async (text: string, code: number): Promise<void> => {
    const peer = await connectPeer(t, `${origin}/ws`)
    peer.send(text)
    t.match(await peer.closed, { code })
    while (app.juggler.connections.size > 0) await turn()
  }
  await each('x'.repeat(1001), 1009)
  await each(JSON.stringify({ type: 'request', id: 1, name: 'a', data: [[[[[[1]]]]]] }).padEnd(200), 4429)
  await each(JSON.stringify({ type: 'request', id: 1, name: 'a', data: new Array(100).fill(1) }), 4429)
  const peer = await connectPeer(t, `${origin}/ws`)
  for (let id = 0; id < 3; id++) peer.request(id, 'endless')
  while (app.juggler.stats().limits.requestsInFlight === undefined) await turn()
  await connectPeer(t, `${origin}/ws`)
  t.equal(await refusal(t, `${origin}/ws`), 503)
  t.same(app.juggler.stats().limits, { maxPayload: 1, maxJsonDepth: 1, maxJsonElements: 1, requestsInFlight: 1, connections: 1 })
})

t.test('who does not read is behind, by how long and with how much', async (t) => {
  const state = createState({ text: '' })
  const { app, origin } = await startApp(t, { juggler: { state, autoflushDelay: 0, maxBufferedBytes: 10_000 } })
  const [slow, quick] = [await connectPeer(t, `${origin}/ws`), await connectPeer(t, `${origin}/ws`)]
  await slow.next()
  await quick.next()
  slow.ws.pause()
  for (let n = 0; app.juggler.stats().behind.connections === 0; n++) {
    state.set('/text', `${n}`.padEnd(500_000))
    await quick.next()
  }
  const { behind } = app.juggler.stats()
  t.equal(behind.connections, 1)
  t.ok(behind.age > 0, `${behind.age} ms`)
  // More than the system takes.
  app.juggler.broadcast('long', 'x'.repeat(15_000_000))
  await quick.next()
  const { output } = app.juggler.stats().buffered
  t.ok(output > 1_000_000 && output < 17_000_000, `${output} bytes`)
  slow.ws.resume()
  while (app.juggler.stats().behind.connections > 0) await turn()
  t.equal(app.juggler.stats().buffered.output, 0)
  while (app.juggler.stats().roundTrips.count === 0) await turn()
})
