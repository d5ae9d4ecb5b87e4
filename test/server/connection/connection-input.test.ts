import t from 'tap'
import type { Test } from 'tap'
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
