import t from 'tap'
import { Admission } from '../../../lib/server/connection/admission.ts'
import { Monitor } from '../../../lib/server/operations/monitor.ts'
import { startApp } from '../../helpers/app.ts'
import { Logs } from '../../helpers/logs.ts'
import { connectPeer, refusal } from '../../helpers/peer.ts'

t.test('connections in all', async (t) => {
  const logs = new Logs()
  const { app, origin } = await startApp(t, { juggler: { limits: { connections: 2 } }, fastify: { logger: logs.logger } })
  const peers = [await connectPeer(t, `${origin}/ws`), await connectPeer(t, `${origin}/ws`)]
  for (let i = 0; i < 3; i++) t.equal(await refusal(t, `${origin}/ws`), 503)
  t.equal(logs.matching(/limits.connections/).length, 1, 'the log is told once')
  const response = await app.inject({ url: '/ws', headers: { connection: 'upgrade', upgrade: 'websocket', 'sec-websocket-version': '13', 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==' } })
  t.not(response.statusCode, 101)
  peers[0]!.ws.close()
  await peers[0]!.closed
  while (app.juggler.connections.size > 1) await new Promise(setImmediate)
  await connectPeer(t, `${origin}/ws`)
  t.equal(await refusal(t, `${origin}/ws`), 503)
  t.equal(logs.matching(/limits.connections/).length, 2, 'and again when there was room in between')
})

t.test('connections of one address', async (t) => {
  const { origin } = await startApp(t, { juggler: { limits: { connectionsPerAddress: 1 } }, fastify: { trustProxy: true } })
  const from = (address: string) => ({ headers: { 'x-forwarded-for': address } })
  const first = await connectPeer(t, `${origin}/ws`, from('2001:db8::1'))
  t.equal(await refusal(t, `${origin}/ws`, from('2001:db8::2')), 429, 'a host has all addresses of its network')
  await connectPeer(t, `${origin}/ws`, from('2001:db8:0:1::1'))
  await connectPeer(t, `${origin}/ws`, from('192.0.2.1'))
  t.equal(await refusal(t, `${origin}/ws`, from('::ffff:192.0.2.1')), 429)
  first.ws.terminate()
  await first.closed
  for (;;) {
    try {
      await connectPeer(t, `${origin}/ws`, from('2001:db8::2'))
      break
    } catch {}
  }
})

t.test('of many that come at once no more stay than may', async (t) => {
  const { app, origin } = await startApp(t, { juggler: { limits: { connections: 5 } } })
  const peers = await Promise.allSettled(Array.from({ length: 40 }, () => connectPeer(t, `${origin}/ws`)))
  t.ok(peers.length === 40 && app.juggler.connections.size <= 5, `${app.juggler.connections.size} stay`)
  t.equal(app.juggler.connections.size, 5)
})

t.test('who came at the same time as others, and finds no room, has run into the limit as well', async (t) => {
  const monitor = new Monitor(() => {})
  const admission = new Admission({ connections: 2, connectionsPerAddress: 1 }, monitor, () => {})
  t.ok(admission.add('192.0.2.1'))
  t.notOk(admission.add('192.0.2.1'))
  t.notOk(admission.add('192.0.2.2'))
  t.same(monitor.read([]).limits, { connections: 1, connectionsPerAddress: 1 })
})

t.test('the counts come back to nothing', async (t) => {
  const admission = new Admission({ connections: 2, connectionsPerAddress: 2 }, new Monitor(() => {}), () => {})
  for (let i = 0; i < 3; i++) {
    t.ok(admission.add('192.0.2.1'))
    t.ok(admission.add('192.0.2.1'))
    t.notOk(admission.add('192.0.2.2'), 'there is no room for a third')
    t.throws(() => admission.check(() => '192.0.2.3'), { code: 'FST_JUGGLER_CONNECTIONS_FULL' })
    for (const remote of ['192.0.2.2', '192.0.2.1', '192.0.2.1']) admission.delete(remote)
    admission.check(() => '192.0.2.1')
  }
})
