import { once } from 'node:events'
import { setImmediate as nextTurn } from 'node:timers/promises'
import t from 'tap'
import juggler, { createState } from '../../../lib/index.ts'
import { startApp } from '../../helpers/app.ts'
import { Logs } from '../../helpers/logs.ts'
import { connectPeer } from '../../helpers/peer.ts'
import type { Peer } from '../../helpers/peer.ts'

t.test('connections are a set that nobody can write to', async (t) => {
  const { app, origin } = await startApp(t)
  await connectPeer(t, `${origin}/ws`)
  const { connections } = app.juggler
  const [connection] = connections
  t.ok(connections.has(connection!))
  t.strictSame([...connections.keys()], [connection])
  t.strictSame([...connections.values()], [connection])
  t.strictSame([...connections.entries()], [[connection, connection]])
  const seen: unknown[] = []
  connections.forEach(function (this: unknown, value, key, set) { seen.push(this, value, key, set) }, 'self')
  t.strictSame(seen.slice(1, 3), [connection, connection])
  t.equal(seen[3], connections)
  for (const method of ['add', 'delete', 'clear']) t.notOk(method in connections, method)
})

t.test('a connection that closes leaves the set at once', async (t) => {
  const { app, origin } = await startApp(t)
  const peer = await connectPeer(t, `${origin}/ws`)
  const [connection] = app.juggler.connections
  connection!.close()
  t.equal(app.juggler.connections.size, 0)
  await peer.closed
  const second = await connectPeer(t, `${origin}/ws`)
  const [other] = app.juggler.connections
  second.ws.close()
  await other!.closed
  t.equal(app.juggler.connections.size, 0)
})

t.test('a broadcast reaches everybody, or those of a state, and nobody who is closing', async (t) => {
  const a = createState('a')
  const b = createState('b')
  const { app, origin } = await startApp(t, { juggler: { autoflushDelay: null, state: (request) => request.headers['x-state'] === 'a' ? a : b } })
  const ofA = await connectPeer(t, `${origin}/ws`, { headers: { 'x-state': 'a' } })
  const ofB = await connectPeer(t, `${origin}/ws`, { headers: { 'x-state': 'b' } })
  app.juggler.broadcast('to a', { n: 1 }, { state: a })
  app.juggler.broadcast('to all')
  t.strictSame(await ofA.next(), { type: 'notify', name: 'to a', data: { n: 1 } })
  t.strictSame(await ofA.next(), { type: 'notify', name: 'to all', data: null })
  t.strictSame(await ofB.next(), { type: 'notify', name: 'to all', data: null })
  const [first] = app.juggler.connections
  first!.close()
  app.juggler.broadcast('to the rest')
  t.match(await ofB.next(), { name: 'to the rest' })
  await ofA.closed
  t.equal(ofA.pending, 0)
})

t.test('the app closes: 1001 for all, handlers are told by their signal', async (t) => {
  const { app, origin } = await startApp(t, { juggler: { shutdownTimeout: 5000 } })
  const aborted: unknown[] = []
  app.juggler.handle('wait', async ({ signal }) => {
    await once(signal, 'abort')
    aborted.push(signal.reason)
    return 'too late'
  })
  const peers = [await connectPeer(t, `${origin}/ws`), await connectPeer(t, `${origin}/ws?framing=segmented`)]
  peers[0]!.request(1, 'wait')
  await peers[1]!.ws.send('0{"type":"request","id":1,"name":"","data":1}')
  await peers[1]!.nextText()
  await app.close()
  t.strictSame(await peers[1]!.closed, { code: 1001, reason: 'server is shutting down' })
  t.strictSame(await peers[0]!.closed, { code: 1001, reason: 'server is shutting down; handlers were cut' })
  t.match(aborted, [{ code: 'JUGGLER_CONNECTION_CLOSED', closeCode: 1001 }])
  t.equal(peers[0]!.pending, 0, 'no response is sent')
})

t.test('the app closes in time though a client never answers, and one reads nothing', async (t) => {
  const { app, origin } = await startApp(t, { juggler: { shutdownTimeout: 50 } })
  const silent = await connectPeer(t, `${origin}/ws`)
  const stalled = await connectPeer(t, `${origin}/ws`)
  silent.ws.pause()
  stalled.ws.pause()
  const connections = [...app.juggler.connections]
  connections[1]!.notify('large', 'x'.repeat(32 * 1048576))
  await app.close()
  for (const { closed } of connections) t.match(await closed, { code: 1001 }, 'what was asked for, though it was cut')
})

t.test('all registrations of an app close at the same time', async (t) => {
  const { default: juggler } = await import('../../../lib/index.ts')
  const { app, origin } = await startApp(t, {
    juggler: { shutdownTimeout: 400 },
    after: async (app) => { for (const name of ['b', 'c', 'd', 'e', 'f']) await app.register(juggler, { name, prefix: `/${name}`, shutdownTimeout: 400 }) }
  })
  for (const prefix of ['', '/b', '/c', '/d', '/e', '/f']) (await connectPeer(t, `${origin}${prefix}/ws`)).ws.pause()
  const started = Date.now()
  await app.close()
  t.ok(Date.now() - started < 6 * 400, 'not one after the other')
})

t.test('a client of the other framing is logged once for each address', async (t) => {
  const logs = new Logs()
  const { origin } = await startApp(t, { fastify: { logger: logs.logger }, juggler: { state: createState(1), autoflushDelay: 0 } })
  for (let i = 0; i < 3; i++) {
    const peer = await connectPeer(t, `${origin}/ws`)
    await peer.next()
    peer.send('2')
    t.match(await peer.closed, { code: 4406, reason: /\?framing=segmented/ })
  }
  t.equal(logs.matching(/protocol error/).length, 1)
})

t.test('a client that closes right after its first message is told of once for each address, with what would help', async (t) => {
  for (const [framing, other] of [['plain', 'segmented'], ['segmented', 'plain']] as const) {
    const logs = new Logs()
    const { app, origin } = await startApp(t, {
      fastify: { logger: logs.logger },
      juggler: { state: createState(1), autoflushDelay: 0, framing }
    })
    for (let i = 0; i < 3; i++) {
      const peer = await connectPeer(t, `${origin}/ws`)
      await peer.nextText()
      // As the stock clients do it: some with 1000, some without a code.
      if (i === 1) peer.ws.close()
      else peer.ws.close(1000)
      await peer.closed
    }
    t.match(await logs.line(/right after its first message/), { msg: new RegExp(`\\?framing=${other}`) })
    while (app.juggler.connections.size > 0) await nextTurn()
    t.equal(logs.matching(/right after its first message/).length, 1)
  }
})

t.test('who names the framing, says something, goes by another code or was sent nothing is not suspected', async (t) => {
  const logs = new Logs()
  const { app, origin } = await startApp(t, {
    fastify: { logger: logs.logger },
    juggler: { state: createState(1), autoflushDelay: 0 },
    after: async (app) => { await app.register(juggler, { name: 'empty', prefix: '/empty' }) }
  })
  const leave = async (path: string, act: (peer: Peer) => unknown) => {
    const peer = await connectPeer(t, `${origin}${path}`)
    if (!path.startsWith('/empty')) await peer.nextText()
    await act(peer)
    peer.ws.close(...(act.name === 'other' ? [4000] : [1000]))
    await peer.closed
  }
  await leave('/ws?framing=plain', () => {})
  await leave('/ws', async (peer) => {
    peer.request(1, '', null)
    await peer.next()
  })
  await leave('/ws', function other () {})
  await leave('/empty/ws', () => {})
  while (app.juggler.connections.size > 0) await nextTurn()
  t.same(logs.matching(/right after/), [])
})

t.test('one line of the log when a connection opens, and one when it has ended', async (t) => {
  const logs = new Logs()
  const { app, origin } = await startApp(t, { fastify: { logger: logs.logger } })
  app.juggler.handle('echo', (_connection, data) => data)
  const peer = await connectPeer(t, `${origin}/ws?token=secret`)
  t.match(logs.matching(/^connection opened$/), [{ level: 30, connection: /^c\d+$/, remote: '127.0.0.1', framing: 'plain', reqId: String }])
  await peer.ask(1, 'echo', 'payload')
  peer.ws.close(4000, 'payload')
  const ended = await logs.line(/^connection ended$/)
  t.match(ended, { level: 30, connection: /^c\d+$/, code: 4000, duration: Number, messagesReceived: 1, messagesSent: Number, bytesReceived: Number, bytesSent: Number })
  t.ok((ended['bytesReceived'] as number) > 100 && (ended['bytesSent'] as number) > 100)
  t.notMatch(JSON.stringify([...logs.matching(/^connection (?:opened|ended)$/)]), 'payload')
})

t.test('the level of the log that Fastify is told at register is that of connections as well', async (t) => {
  const logs = new Logs()
  const { origin } = await startApp(t, { juggler: false, fastify: { logger: logs.logger }, after: async (app) => { await app.register(juggler, { logLevel: 'warn' }) } })
  const peer = await connectPeer(t, `${origin}/ws`)
  peer.ws.close()
  await peer.closed
  t.same(logs.matching(/^connection/), [])
})
