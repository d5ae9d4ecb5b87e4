import t from 'tap'
import { createState } from '../../lib/index.ts'
import { startApp } from '../helpers/app.ts'
import { Logs } from '../helpers/logs.ts'
import { connectPeer } from '../helpers/peer.ts'

t.test('JSON nested deeper than a stack harms nobody', async (t) => {
  const { app, origin } = await startApp(t)
  app.juggler.handle('take', () => 'taken')
  const other = await connectPeer(t, `${origin}/ws`)
  const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth)
  for (const name of ['', 'take']) {
    const peer = await connectPeer(t, `${origin}/ws`)
    peer.send(`{"type":"request","id":1,"name":"${name}","data":${nested(64)}}`)
    t.match(await peer.next(), { id: 1, success: true }, 'as deep as may be')
    peer.send(`{"type":"request","id":2,"name":"${name}","data":${nested(1_000_000)}}`)
    t.match(await peer.closed, { code: 4429, reason: /64 levels/ })
    t.match(await other.ask(3, '', 'well'), { data: 'well' })
  }
})

t.test('one client\'s faults are no other\'s', async (t) => {
  const logs = new Logs()
  const state = createState<unknown>({ n: 0 })
  const { app, origin } = await startApp(t, { juggler: { state, autoflushDelay: 0 }, fastify: { logger: logs.logger } })
  app.juggler.handle('throw', () => { throw new Error('thrown') })
  app.juggler.handle('reject', async () => { throw new Error('rejected') })
  app.juggler.handle('never', () => new Promise(() => {}))
  const good = await connectPeer(t, `${origin}/ws`)
  t.match(await good.next(), { type: 'state' })
  const bad = ['', '{', '[]', 'null', '{"type":"request"}', '{"type":"request","id":1,"name":null}', '\ufeff{}', '{"type":"state","diff":[]}']
  for (const text of bad) {
    const peer = await connectPeer(t, `${origin}/ws`)
    await peer.next()
    peer.request(1, 'throw')
    peer.request(2, 'reject')
    peer.send(text)
    t.match([await peer.next(), await peer.next()], [{ id: 1, success: false }, { id: 2, success: false }])
    t.match(await peer.closed, { code: 4400, reason: /.+/ }, JSON.stringify(text))
  }
  t.equal(logs.matching(/protocol error/).length, bad.length)
  for (let i = 0; i < 5; i++) {
    const peer = await connectPeer(t, `${origin}/ws`)
    peer.request(1, 'never')
    peer.ws.terminate()
  }
  state.set('/n', 1)
  t.match(await good.next(), { diff: [{ path: '/n', value: 1 }] })
  t.match(await good.ask(1, '', 'well'), { data: 'well' })
  t.strictSame(new Set(logs.lines.filter(({ level }) => level > 40).map(({ msg }) => msg)), new Set(['request handler failed']), 'no error of the server but what its handlers throw')
})
