import t from 'tap'
import type { Test } from 'tap'
import { JugglerError } from '../../../lib/index.ts'
import type { FastifyJugglerOptions } from '../../../types/options.ts'
import type { Juggler } from '../../../types/server.ts'
import { startApp } from '../../helpers/app.ts'
import { Logs } from '../../helpers/logs.ts'
import { connectPeer } from '../../helpers/peer.ts'
import type { Peer } from '../../helpers/peer.ts'

interface Served { peer: Peer, juggler: Juggler, logs: Logs }

async function serve (t: Test, options: FastifyJugglerOptions, setup: (juggler: Juggler) => void, fastify: object = {}): Promise<Served> {
  const logs = new Logs()
  const { app, origin } = await startApp(t, { juggler: options, fastify: { logger: logs.logger, ...fastify }, after: (app) => setup(app.juggler) })
  return { peer: await connectPeer(t, `${origin}/ws`), juggler: app.juggler, logs }
}

t.test('an error of its own goes with its data, any other with its message', async (t) => {
  const { peer } = await serve(t, {}, (juggler) => {
    juggler.handle('own', () => { throw new JugglerError({ code: 'NO' }) })
    juggler.handle('foreign copy', () => { throw Object.assign(new Error('x'), { code: 'JUGGLER_REQUEST_FAILED', data: [1] }) })
    juggler.handle('error', async () => { throw new RangeError('too far') })
    juggler.handle('empty', () => { throw new Error() })
    juggler.handle('text', () => { throw 'just text' }) // eslint-disable-line no-throw-literal
    juggler.handle('nothing', async () => { throw undefined }) // eslint-disable-line no-throw-literal
  })
  const expected: Array<[string, unknown]> = [['own', { code: 'NO' }], ['foreign copy', [1]], ['error', 'too far'], ['empty', ''], ['text', 'just text'], ['nothing', '']]
  for (const [name, data] of expected) t.strictSame(await peer.ask(1, name), { type: 'response', id: 1, success: false, data })
})

t.test('exposeErrors: false hides the message behind a reference that is logged', async (t) => {
  const { peer, logs } = await serve(t, { exposeErrors: false }, (juggler) => {
    juggler.handle('secret', () => { throw new Error('password is 1234') })
    juggler.handle('unsendable', () => 1n)
    juggler.handle('own', () => { throw new JugglerError('known') })
  })
  for (const name of ['secret', 'unsendable']) {
    const { success, ...rest } = await peer.ask(1, name)
    const data = String(rest.data)
    t.equal(success, false)
    t.match(data, /^internal error, reference [0-9a-f-]{36}$/)
    const line = logs.lines.find(({ reference }) => data.endsWith(String(reference)))
    t.match(line, { level: 50, request: name, connection: String })
  }
  t.match(await peer.ask(2, 'own'), { data: 'known' })
})

t.test('a result that JSON cannot carry is an error, and undefined is null', async (t) => {
  const cycle: { self?: unknown } = {}
  cycle.self = cycle
  const results: Record<string, unknown> = { bigint: 1n, cycle, function: () => {}, symbol: Symbol('x') }
  const { peer } = await serve(t, {}, (juggler) => {
    juggler.onRequest((_connection, name) => results[name])
    juggler.handle('error', () => { throw new JugglerError(1n as never) })
  })
  for (const name of [...Object.keys(results), 'error']) t.match(await peer.ask(1, name), { success: false, data: /cannot be carried|BigInt/ }, name)
  t.strictSame(await peer.ask(2, 'undefined'), { type: 'response', id: 2, success: true, data: null })
})

t.test('a request in vain on a closed connection is logged at debug', async (t) => {
  const { logs, peer } = await serve(t, {}, (juggler) => {
    juggler.handle('late', async (connection) => {
      await connection.closed
      await connection.notify('too late')
    })
  })
  peer.request(1, 'late')
  peer.ws.close()
  const line = await logs.line(/gave up/)
  t.match(line, { level: 20, err: { code: 'JUGGLER_CONNECTION_CLOSED' } })
})

t.test('what throws when it is looked at is an error like any other', async (t) => {
  const hostile = (levels: number): unknown => {
    const error = () => { throw levels === 0 ? new Error('the last') : hostile(levels - 1) }
    return new Proxy({}, { get: error, getPrototypeOf: error, ownKeys: error, has: error })
  }
  const { peer } = await serve(t, {}, (juggler) => {
    juggler.handle('throws', (_connection, levels) => { throw hostile(levels as number) })
    juggler.handle('rejects', async (_connection, levels) => { throw hostile(levels as number) })
    juggler.handle('returns', (_connection, levels) => hostile(levels as number))
  })
  for (const name of ['throws', 'rejects', 'returns']) {
    for (const levels of [0, 1, 2, 3]) t.match(await peer.ask(1, name, levels), { id: 1, success: false, data: String })
  }
  t.match(await peer.ask(2, '', 'still here'), { success: true, data: 'still here' })
})
