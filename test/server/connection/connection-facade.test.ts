import t from 'tap'
import type { Test } from 'tap'
import type { FastifyJugglerOptions } from '../../../types/options.ts'
import type { Connection } from '../../../types/server.ts'
import { startApp } from '../../helpers/app.ts'
import { Logs } from '../../helpers/logs.ts'
import { connectPeer } from '../../helpers/peer.ts'
import type { Peer } from '../../helpers/peer.ts'

async function pair (t: Test, options: FastifyJugglerOptions = {}): Promise<{ peer: Peer, connection: Connection, logs: Logs }> {
  const logs = new Logs()
  const { app, origin } = await startApp(t, { juggler: options, fastify: { logger: logs.logger } })
  const peer = await connectPeer(t, `${origin}/ws?x=1`)
  const [connection] = app.juggler.connections
  return { peer, connection: connection!, logs }
}

t.test('a connection says who it is', async (t) => {
  const { connection, logs } = await pair(t)
  t.match(connection.id, /^c\d+$/)
  t.equal(connection.remote, '127.0.0.1')
  t.match(connection.request.query, { x: '1' })
  t.equal(connection.isOpen, true)
  connection.log.info('mine')
  t.match(await logs.line(/^mine$/), { connection: connection.id, reqId: String })
})

t.test('what is made on first use is made once', async (t) => {
  const { connection } = await pair(t)
  for (const member of ['log', 'signal', 'closed', 'state'] as const) t.equal(connection[member], connection[member], member)
})

t.test('closing is seen at once, and by everybody', async (t) => {
  const { connection, peer } = await pair(t)
  const { signal, closed } = connection
  await connection.close(4001, 'enough')
  t.equal(connection.isOpen, false)
  t.ok(signal.aborted)
  t.match(signal.reason, { code: 'JUGGLER_CONNECTION_CLOSED', closeCode: 4001 })
  await t.rejects(connection.flush(), { code: 'JUGGLER_CONNECTION_CLOSED' })
  await t.rejects(connection.notify('x'), { code: 'JUGGLER_CONNECTION_CLOSED', closeReason: 'enough' })
  t.strictSame(await peer.closed, { code: 4001, reason: 'enough' })
  t.strictSame(await closed, { code: 4001, reason: 'enough' })
  await connection.close(4002)
  t.strictSame(await connection.closed, { code: 4001, reason: 'enough' }, 'the first close counts')
})

t.test('what is first asked for after the end knows of it', async (t) => {
  const { connection, peer } = await pair(t)
  connection.close()
  await peer.closed
  t.ok(connection.signal.aborted)
  t.strictSame(await connection.closed, { code: 1000, reason: 'closed' })
  connection.state.set('', 1)
  t.equal(connection.state.data, 1, 'the state goes on working')
})

t.test('close codes and reasons are checked', async (t) => {
  const { connection } = await pair(t)
  for (const code of [0, 999, 1001, 1005, 1006, 2999, 5000, 3000.5, NaN, '4000', null]) {
    t.throws(() => connection.close(code as number), { code: 'FST_JUGGLER_ARGUMENT_INVALID' }, String(code))
  }
  for (const reason of ['ä'.repeat(62), 1, null]) t.throws(() => connection.close(4000, reason as string), { code: 'FST_JUGGLER_ARGUMENT_INVALID' })
  t.equal(connection.isOpen, true)
  await connection.close(3000, 'ä'.repeat(61))
})

t.test('a notification with a value that JSON cannot carry throws at once and harms nothing', async (t) => {
  const { connection, peer } = await pair(t)
  for (const value of [1n, () => {}, Symbol('x')]) t.throws(() => { connection.notify('x', value) }, { code: 'JUGGLER_VALUE_INVALID' })
  t.throws(() => { connection.notify(1 as never) }, { code: 'JUGGLER_VALUE_INVALID' })
  await connection.notify('y')
  t.strictSame(await peer.next(), { type: 'notify', name: 'y', data: null })
})

t.test('promises that nobody looks at raise nothing', async (t) => {
  const unhandled: unknown[] = []
  const listener = (error: unknown): void => { unhandled.push(error) }
  process.on('unhandledRejection', listener)
  t.teardown(() => process.removeListener('unhandledRejection', listener))
  const { connection, peer } = await pair(t, { autoflushDelay: null })
  connection.state.set('', 'x'.repeat(100))
  peer.ws.terminate()
  await connection.closed
  connection.notify('gone')
  connection.flush()
  connection.close()
  await new Promise((resolve) => setTimeout(resolve, 10))
  t.strictSame(unhandled, [])
})

t.test('a notification waits for its turn behind a full socket, and rejects when that is cut', async (t) => {
  const { connection, peer } = await pair(t, { maxBufferedBytes: 1000 })
  peer.ws.pause()
  const large = connection.notify('large', 'x'.repeat(32 * 1048576))
  const behind = connection.notify('behind')
  let settled = 0
  large.then(() => settled++, () => settled++)
  behind.then(() => settled++, () => settled++)
  await new Promise((resolve) => setTimeout(resolve, 50))
  t.equal(settled, 0)
  peer.ws.terminate()
  await t.rejects(large, { code: 'JUGGLER_CONNECTION_CLOSED' })
  await t.rejects(behind, { code: 'JUGGLER_CONNECTION_CLOSED' })
})

t.test('flush resolves with nothing pending, and rejects when the connection is lost before', async (t) => {
  const { connection, peer } = await pair(t, { autoflushDelay: null, maxBufferedBytes: 1000 })
  await connection.flush()
  connection.state.set('', 1)
  await connection.flush()
  t.match(await peer.next(), { diff: [{ value: 1 }] })
  peer.ws.pause()
  connection.notify('large', 'x'.repeat(32 * 1048576))
  connection.state.set('', 2)
  const flushed = connection.flush()
  peer.ws.terminate()
  await t.rejects(flushed, { code: 'JUGGLER_CONNECTION_CLOSED' })
})
