import t from 'tap'
import { startApp } from '../helpers/app.ts'
import { Logs } from '../helpers/logs.ts'
import { connectPeer } from '../helpers/peer.ts'

t.test('the connection handler comes before the first request, and may fail', async (t) => {
  const logs = new Logs()
  const order: string[] = []
  const { app, origin } = await startApp(t, { fastify: { logger: logs.logger } })
  app.juggler.onConnection(() => { order.push('first'); throw new Error('sync') })
  app.juggler.onConnection(async () => { order.push('second'); throw new Error('async') })
  app.juggler.onRequest(() => { order.push('request') })
  const peer = await connectPeer(t, `${origin}/ws`)
  await peer.ask(1, 'x')
  t.strictSame(order, ['first', 'second', 'request'])
  const failures = logs.matching(/connection handler failed/)
  t.strictSame(failures.map(({ level }) => level), [50, 50])
  t.match(failures[0], { connection: /^c\d+$/, err: { message: 'sync' } })
})

t.test('a connection handler that throws what throws when it is looked at harms nobody', async (t) => {
  const hostile = () => ({ get code () { throw new Error('looked at') } })
  const { app, origin } = await startApp(t)
  let called = 0
  app.juggler.onConnection(() => { throw hostile() })
  app.juggler.onConnection(async () => { throw hostile() })
  app.juggler.onConnection(() => { called++ })
  const peer = await connectPeer(t, `${origin}/ws`)
  t.match(await peer.ask(1, '', 'still here'), { data: 'still here' })
  t.equal(called, 1)
})
