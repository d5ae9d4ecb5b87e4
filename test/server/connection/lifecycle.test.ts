import { once } from 'node:events'
import t from 'tap'
import type { Test } from 'tap'
import type { FastifyJugglerOptions } from '../../../types/options.ts'
import type { Connection } from '../../../types/server.ts'
import { startApp } from '../../helpers/app.ts'
import type { TestApp } from '../../helpers/app.ts'
import { Logs } from '../../helpers/logs.ts'
import { connectPeer } from '../../helpers/peer.ts'
import type { Peer } from '../../helpers/peer.ts'

interface Pair extends TestApp { peer: Peer, connection: Connection, logs: Logs }

async function pair (t: Test, options: FastifyJugglerOptions = {}, query = ''): Promise<Pair> {
  const logs = new Logs()
  const served = await startApp(t, { juggler: options, fastify: { logger: logs.logger } })
  const peer = await connectPeer(t, `${served.origin}/ws${query}`)
  const [connection] = served.app.juggler.connections
  return { ...served, peer, connection: connection!, logs }
}

t.test('a handler that closes its connection still answers, sync or not', async (t) => {
  for (const kind of ['sync', 'async']) {
    const { app, peer } = await pair(t, { shutdownTimeout: 5000 })
    app.juggler.handle('bye', kind === 'sync'
      ? (connection) => { connection.close(); return 'bye' }
      : async (connection) => { await connection.close(); await new Promise((resolve) => setImmediate(resolve)); return 'bye' })
    t.match(await peer.ask(1, 'bye'), { success: true, data: 'bye' }, kind)
    t.equal((await peer.closed).code, 1000)
  }
})

t.test('a handler that goes on for longer than shutdownTimeout after a close is not waited for', async (t) => {
  const { app, peer, connection } = await pair(t, { shutdownTimeout: 20 })
  app.juggler.handle('forever', () => new Promise(() => {}))
  peer.request(1, 'forever')
  await peer.ws.ping()
  await once(peer.ws, 'pong')
  connection.close()
  t.equal((await peer.closed).code, 1000)
  t.equal(peer.pending, 0)
})

t.test('requests that were waiting when it closed are not run', async (t) => {
  const { app, peer } = await pair(t, { shutdownTimeout: 5000 })
  const ran: unknown[] = []
  app.juggler.handle('run', async (connection, data) => {
    ran.push(data)
    connection.close()
  })
  peer.request(1, 'run', 'first')
  peer.request(2, 'run', 'second')
  peer.request(3, '', 'echo')
  t.match(await peer.next(), { id: 1 })
  await peer.closed
  t.strictSame(ran, ['first'])
  t.equal(peer.pending, 0)
})

t.test('a client that closes: its code is reported, and closing is not an error', async (t) => {
  const { peer, connection, logs } = await pair(t)
  const { signal } = connection
  peer.ws.close(4321, 'my reason')
  t.strictSame(await connection.closed, { code: 4321, reason: 'my reason' })
  t.ok(signal.aborted)
  t.strictSame(logs.lines.filter(({ level }) => level >= 40), [])
})

t.test('a client that vanishes: 1006', async (t) => {
  const { peer, connection } = await pair(t)
  peer.ws.terminate()
  t.strictSame(await connection.closed, { code: 1006, reason: '' })
})

t.test('a client that does not answer the close frame is cut', async (t) => {
  const { peer, connection } = await pair(t, { shutdownTimeout: 20 })
  peer.ws.pause()
  connection.close(4000, 'x')
  t.strictSame(await connection.closed, { code: 4000, reason: 'x' })
})

t.test('a client that is still taking what was sent before the close frame is not cut', async (t) => {
  const { peer, connection } = await pair(t, { shutdownTimeout: 1 })
  const data = 'x'.repeat(48 * 1048576)
  connection.notify('large', data)
  connection.close()
  t.equal((await peer.next()).data === data, true)
  t.equal((await peer.closed).code, 1000)
})

t.test('who closes first says with what, also where the other closes in the same moment', async (t) => {
  const cases: Array<[string, (connection: Connection) => void]> = [
    ['close', (connection) => { connection.close(4000, 'too late') }],
    ['close with the default', (connection) => { connection.close() }]
  ]
  for (const [what, close] of cases) {
    const { peer, connection } = await pair(t, { shutdownTimeout: 5000 })
    peer.ws.close(1000, 'first')
    while (connection.isOpen) await new Promise((resolve) => setImmediate(resolve))
    close(connection)
    t.strictSame(await connection.closed, { code: 1000, reason: 'first' }, what)
  }
  const { peer, connection } = await pair(t)
  connection.close(4000, 'first')
  peer.ws.close(4321, 'second')
  t.strictSame(await connection.closed, { code: 4000, reason: 'first' })
})
