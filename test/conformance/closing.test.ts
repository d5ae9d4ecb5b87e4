/** How connections end, by either side. */
import t from 'tap'
import { gate, implementation, response, serve, whole } from '../helpers/conformance/harness.ts'

t.test('X01 a connection that the server closes ends with 1000, or with the code given', async (t) => {
  const served = await serve(t)
  const client = await served.connect()
  const { peer } = served
  await peer.close()
  t.equal((await client.closed).code, 1000)
  t.equal((await peer.closed).code, 1000)

  const told = await served.connect()
  served.peer.close(4321, 'moved away')
  t.strictSame(await told.closed, { code: 4321, reason: 'moved away' })
})

t.test('X02 the server shuts down: all are closed (here with 1001), running handlers are cancelled without a response', async (t) => {
  const running = gate<AbortSignal>()
  const stuck = gate()
  t.teardown(() => stuck.open())
  const served = await serve(t, {
    autoflushDelay: 0,
    onRequest (peer) {
      running.open(peer.signal)
      return stuck.promise
    }
  })
  const busy = await served.connect()
  const idle = await served.connect()
  busy.request(1, 'x')
  const signal = await running.promise
  t.equal(signal.aborted, false)
  await served.stop()
  t.equal(signal.aborted, true)
  t.equal((await busy.closed).code, 1001)
  t.equal((await idle.closed).code, 1001)
  t.strictSame(await busy.rest(), [])
})

t.test('X03 a client that never answers the close is cut after the shutdown timeout; isOpen is false at once', async (t) => {
  const served = await serve(t, { shutdownTimeout: 50 })
  const deaf = await served.connect()
  const { peer } = served
  deaf.ws.pause()
  t.equal(peer.isOpen, true)
  const closing = peer.close()
  t.equal(peer.isOpen, false)
  t.equal(peer.signal.aborted, true)
  await closing
  await peer.closed

  const deafAtShutdown = await served.connect()
  deafAtShutdown.ws.pause()
  await served.stop()
  t.equal(served.peer.isOpen, false)
})

t.test('X03 no input is read after close()', async (t) => {
  const seen: string[] = []
  const served = await serve(t, { onRequest: (_peer, name) => { seen.push(name) } })
  const client = await served.connect()
  const { peer } = served
  peer.close()
  client.request(1, 'late')
  await client.closed
  await peer.closed
  t.strictSame(await client.rest(), [])
  t.strictSame(seen, [])
})

t.test('X04 the response of a handler that calls close() still goes out', async (t) => {
  const served = await serve(t, {
    shutdownTimeout: 10_000,
    async onRequest (peer, name) {
      await peer.close()
      if (name === 'later') await new Promise(setImmediate)
      return 'goodbye'
    }
  })
  for (const name of ['now', 'later']) {
    const client = await served.connect()
    client.request(1, name)
    t.equal((await client.closed).code, 1000)
    t.strictSame(await client.rest(), [response(1, 'goodbye')])
  }
})

t.test('X05 a client that vanishes closes the connection', async (t) => {
  const served = await serve(t)
  const client = await served.connect()
  const { peer } = served
  client.ws.terminate()
  t.equal((await peer.closed).code, 1006)
  t.equal(peer.isOpen, false)
  t.equal(peer.signal.aborted, true)
})

t.test('X05 a client that closes is told its own code, and the server sees it', async (t) => {
  const served = await serve(t)
  const client = await served.connect()
  const { peer } = served
  client.ws.close(4000, 'my own')
  t.strictSame(await peer.closed, { code: 4000, reason: 'my own' })
  t.equal((await client.closed).code, 4000)
})

t.test('closing is idempotent, and one connection\'s end is no other\'s', async (t) => {
  const state = implementation.createState(1)
  const served = await serve(t, { state, autoflushDelay: 0 })
  const other = await served.connect()
  const client = await served.connect()
  const { peer } = served
  await Promise.all([peer.close(), peer.close(4001), peer.close()])
  t.equal((await client.closed).code, 1000)
  await peer.closed
  await peer.close()
  state.set('', 2)
  t.strictSame(await other.messagesUntilEcho(), [whole(1), whole(2)])
})
