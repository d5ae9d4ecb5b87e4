import t from 'tap'
import type { Test } from 'tap'
import { createState } from '../../../lib/index.ts'
import { startApp } from '../../helpers/app.ts'
import { connectPeer } from '../../helpers/peer.ts'

/** A connection whose handler runs until the test says otherwise, in an app that has begun to close. */
async function retiring (t: Test) {
  let finish!: (value: unknown) => void
  const { app, origin } = await startApp(t, { juggler: { handlerTimeout: 60_000 } })
  app.juggler.handle('slow', () => new Promise((resolve) => { finish = resolve }))
  const peer = await connectPeer(t, `${origin}/ws`)
  peer.request(1, 'slow')
  peer.request(2, 'slow')
  peer.ws.ping()
  await new Promise((resolve) => peer.ws.once('pong', resolve))
  const closed = app.close()
  t.match(await peer.next(), { id: 2, data: { code: 'JUGGLER_CLOSING' } })
  return { peer, closed, finish }
}

t.test('a peer that breaks the protocol while its handler runs closes at once', async (t) => {
  const { peer, closed, finish } = await retiring(t)
  peer.send('{')
  t.match(await peer.closed, { code: 4400 })
  finish('nobody')
  await closed
})

t.test('a peer that leaves while its handler runs is not waited for, its handler is', async (t) => {
  const { peer, closed, finish } = await retiring(t)
  peer.ws.close(1000)
  await peer.closed
  let over = false
  closed.then(() => { over = true })
  await new Promise((resolve) => setTimeout(resolve, 20))
  t.notOk(over)
  finish('nobody')
  await closed
})

t.test('what came before the close is answered, in order', async (t) => {
  const { peer, closed, finish } = await retiring(t)
  peer.request(3, '', 'echo')
  peer.request(4, 'unknown')
  t.match(await peer.next(), { id: 3, data: 'echo' })
  t.match(await peer.next(), { id: 4, success: false, data: { code: 'JUGGLER_CLOSING' } })
  finish('done')
  t.match(await peer.next(), { id: 1, data: 'done' })
  t.match(await peer.closed, { code: 1001 })
  await closed
})

t.test('a request that stops the reading lets the state go that waits for an answer, and reading goes on', async (t) => {
  const state = createState<string>('short')
  const { app, origin } = await startApp(t, { juggler: { state, autoflushDelay: 0, parallelRequests: true } })
  app.juggler.handle('slow', () => new Promise((resolve) => setTimeout(resolve, 10, 'done')))
  const peer = await connectPeer(t, `${origin}/ws`, { autoPong: false })
  await peer.next()
  // with so much a ping goes, and what comes after it waits 20 ms later
  state.set('', 'x'.repeat(40_000))
  await peer.next()
  await new Promise((resolve) => setTimeout(resolve, 50))
  state.set('', 'late')
  const [connection] = app.juggler.connections
  connection!.notify('behind', null, { flush: true })
  await new Promise((resolve) => setTimeout(resolve, 20))
  t.equal(peer.pending, 0)
  peer.request(1, 'slow')
  t.match(await peer.next(), { type: 'state' })
  t.match(await peer.next(), { type: 'notify', name: 'behind' })
  t.match(await peer.next(), { id: 1, data: 'done' })
  peer.request(2, 'slow')
  // not as late as with the glance that the keepalive takes
  t.match(await Promise.race([peer.next(), new Promise((resolve) => setTimeout(resolve, 5000, 'not read'))]), { id: 2, data: 'done' })
})
