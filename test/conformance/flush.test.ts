/** State on demand: `flush()`, with and without a delay. */
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { implementation, replaced, serve, whole } from '../helpers/conformance/harness.ts'

const { createState } = implementation

// Windows that a case never waits for; a change that arrives all the same was sent for another reason.
const endless = 60_000

t.test('S14 no delay: only flush() sends, merged', async (t) => {
  const state = createState({ a: 0 })
  const served = await serve(t, { state, autoflushDelay: null })
  const client = await served.connect()
  state.set('/a', 1)
  t.strictSame(await client.messagesUntilEcho(), [])
  await served.peer.flush()
  t.strictSame(await client.messagesUntilEcho(), [whole({ a: 1 })])
  state.set('/a', 2)
  state.set('/a', 3)
  t.strictSame(await client.messagesUntilEcho(), [])
  await served.peer.flush()
  t.strictSame(await client.messagesUntilEcho(), [replaced('/a', 3)])
})

t.test('S15 flush() within a window sends now and ends it', async (t) => {
  const state = createState({ a: 0 })
  const served = await serve(t, { state, autoflushDelay: endless })
  const client = await served.connect()
  await served.peer.flush()
  t.strictSame(await client.messagesUntilEcho(), [whole({ a: 0 })])
  state.set('/a', 1)
  await served.peer.flush()
  t.strictSame(await client.messagesUntilEcho(), [replaced('/a', 1)])
  state.set('/a', 2)
  t.strictSame(await client.messagesUntilEcho(), [])
})

t.test('S15 the change after a flush starts a whole new window', async (t) => {
  const delay = 400
  const state = createState({ a: 0 })
  const served = await serve(t, { state, autoflushDelay: delay })
  const client = await served.connect()
  t.strictSame(await client.message(), whole({ a: 0 }))
  state.set('/a', 1)
  await sleep(delay / 2)
  await served.peer.flush()
  const changed = performance.now()
  state.set('/a', 2)
  t.strictSame(await client.messagesUntil(replaced('/a', 2)), [replaced('/a', 1)])
  // The rest of the first window would be half of that; a timer may end a millisecond early, never more.
  t.ok(performance.now() - changed >= delay - 5)
})

t.test('S16 flush() with nothing pending resolves and sends nothing', async (t) => {
  const state = createState(null)
  for (const autoflushDelay of [0, endless, null]) {
    const served = await serve(t, { state, autoflushDelay })
    const client = await served.connect()
    await served.peer.flush()
    await served.peer.flush()
    t.strictSame(await client.messagesUntilEcho(), [])
  }
})

t.test('S17 concurrent flushes all resolve, and what they flush is sent once', async (t) => {
  const state = createState(null)
  const served = await serve(t, { state, autoflushDelay: endless })
  const client = await served.connect()
  state.set('', 1)
  await Promise.all([served.peer.flush(), served.peer.flush(), served.peer.flush()])
  t.strictSame(await client.messagesUntilEcho(), [whole(1)])
})

t.test('S22 a flush that is pending when the connection closes rejects', async (t) => {
  const state = createState(null)
  const served = await serve(t, { state, autoflushDelay: null })
  const client = await served.connect()
  const { peer } = served
  client.ws.pause()
  state.set('', 'x'.repeat(32 * 1024 * 1024)) // more than the sockets between them hold, so that the next one has to wait
  await peer.flush()
  state.set('', 1)
  let settled = false
  const flushed = peer.flush().catch((error: unknown) => error)
  flushed.then(() => { settled = true })
  await sleep(20)
  t.equal(settled, false)
  client.ws.terminate()
  t.ok(implementation.isConnectionClosed(await flushed))
})

t.test('B3 every flush settles, whenever the connection closes', async (t) => {
  const state = createState(0)
  for (let turns = 0; turns < 5; turns++) {
    const served = await serve(t, { state, autoflushDelay: endless })
    const client = await served.connect()
    const { peer } = served
    const flushes: Array<Promise<unknown>> = []
    const flush = () => {
      state.set('', turns * 100 + flushes.length)
      flushes.push(peer.flush().catch((error: unknown) => error))
    }
    flush()
    client.ws.close()
    for (let i = 0; i < turns; i++) {
      await new Promise(setImmediate)
      flush()
    }
    await peer.closed
    flush()
    for (const outcome of await Promise.all(flushes)) {
      t.ok(outcome === undefined || implementation.isConnectionClosed(outcome))
    }
  }
})

t.test('B4 at delay 0 a flush resolves after everything set before it was sent', async (t) => {
  const state = createState(null)
  const served = await serve(t, { state, autoflushDelay: 0 })
  const client = await served.connect()
  for (let i = 1; i <= 20; i++) state.set('', i)
  await served.peer.flush()
  await served.peer.notify('flushed')
  const sent = await client.messagesUntil({ type: 'notify', name: 'flushed', data: null })
  t.strictSame(sent, Array.from({ length: 20 }, (_, i) => whole(i + 1)))
})
