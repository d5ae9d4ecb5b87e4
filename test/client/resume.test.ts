/** The client comes back to the state that it has. */
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import Fastify from 'fastify'
import type { FastifyInstance } from 'fastify'
import t from 'tap'
import type { Test } from 'tap'
import { WebSocketServer } from 'ws'
import { connect } from '../../lib/client/index.ts'
import juggler, { createState } from '../../lib/index.ts'
import type { Client, ReconnectOptions } from '../../types/client.ts'
import type { JsonValue } from '../../types/json.ts'
import type { State } from '../../types/state.ts'
import { cuttingProxy } from '../helpers/cutting-proxy.ts'
import { edit, make } from '../helpers/edits.ts'
import fc from '../helpers/fast-check.ts'
import { canonical } from '../helpers/server/fake-client.ts'

const quick = { minDelay: 5, maxDelay: 20 }
const devices = (): Record<string, { n: number }> => Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`device ${i}`, { n: i }]))
const portOf = (app: FastifyInstance): number => (app.server.address() as AddressInfo).port

async function serve (t: Test, state: State | State<never>): Promise<FastifyInstance> {
  const app = Fastify()
  await app.register(juggler, { state: state as State, autoflushDelay: 0 })
  await app.listen({ port: 0, host: '127.0.0.1' })
  t.teardown(() => app.close())
  return app
}

/** A server and a client with a line between them that can be cut. */
async function line<S> (t: Test, state: State | State<never>, reconnect: ReconnectOptions = quick) {
  const app = await serve(t, state)
  const proxy = await cuttingProxy(t, Math.random)
  proxy.target = portOf(app)
  const client = await connect(`ws://127.0.0.1:${proxy.port}/ws`, { reconnect, onError () {} }) as unknown as Client<S>
  t.teardown(() => client.close())
  await client.ready
  /** Cuts the line; what is done meanwhile is done while nobody is connected. */
  const away = async (meanwhile: () => void): Promise<void> => {
    proxy.target = undefined
    proxy.cut()
    while (client.status === 'open' || app.juggler.connections.size > 0) await new Promise(setImmediate)
    meanwhile()
    proxy.target = portOf(app)
    while (client.stale) await new Promise((resolve) => setTimeout(resolve, 1))
  }
  return { app, client, away, proxy }
}

t.test('what has changed comes in one step, and the rest stays what it was', async (t) => {
  const state = createState<Record<string, { n: number }>>(devices())
  const { app, client, away } = await line<Record<string, { n: number }>>(t, state)
  const { traffic } = app.juggler.stats()
  const kept = client.state.data!['device 7']
  const changes: unknown[] = []
  client.state.onChange(({ patch }) => changes.push(patch.map(({ path }) => path).sort()))
  await away(() => {
    state.set(['device 3', 'n'], -1)
    state.set(['device 4', 'n'], -2)
  })
  t.same(changes, [['/device 3/n', '/device 4/n']])
  t.equal(client.state.data!['device 7'], kept)
  t.same(client.state.data, state.data)
  const more = app.juggler.stats().traffic.bytesSent - traffic.bytesSent
  t.ok(more < 1000, `${more} bytes, the answer to the upgrade included`)
  state.set(['device 5', 'n'], -3)
  while (client.state.get(['device 5', 'n']) !== -3) await new Promise(setImmediate)
  await away(() => {})
  t.same(client.state.data, state.data, 'nothing has changed')
})

t.test('resume: false asks for the whole, and so does a client that does not reconnect', async (t) => {
  const state = createState<Record<string, { n: number }>>(devices())
  const { client, away } = await line<Record<string, { n: number }>>(t, state, { ...quick, resume: false })
  const patches: unknown[] = []
  client.state.onChange(({ patch }) => patches.push(patch.map(({ path }) => path)))
  await away(() => state.set(['device 3', 'n'], -1))
  t.same(patches, [['']])
  await t.rejects(connect('ws://127.0.0.1:1/ws', { reconnect: { resume: 1 } as never }), { code: 'JUGGLER_OPTION_INVALID' })
})

t.test('a server that was restarted has another history', async (t) => {
  const state = createState<Record<string, { n: number }>>(devices())
  const { client, away, proxy } = await line<Record<string, { n: number }>>(t, state)
  const other = createState({ other: true })
  const second = await serve(t, other as unknown as State)
  proxy.target = portOf(second)
  await away(() => {})
  proxy.target = portOf(second)
  proxy.cut()
  while (!('other' in client.state.data!)) await new Promise((resolve) => setTimeout(resolve, 1))
  t.same(client.state.data, { other: true })
})

t.test('lines cut anywhere, in the resuming message as well: the client comes to rest at the state', async (t) => {
  const state = createState<JsonValue>(null)
  const { client, proxy } = await line<JsonValue>(t, state)
  const runs = Number(process.env['JUGGLER_RUNS'] ?? 200)
  proxy.budget = [150, 900]
  await fc.assert(fc.asyncProperty(fc.array(edit, { minLength: 1, maxLength: 6 }), async (edits) => {
    for (const one of edits) {
      make(state, one)
      if (randomInt(2) === 0) await new Promise((resolve) => setTimeout(resolve, 1))
    }
    if (randomInt(4) === 0) proxy.cut()
  }), { numRuns: runs })
  proxy.budget = undefined
  proxy.cut()
  const isSame = (): boolean => !client.stale && canonical(client.state.get('') as JsonValue) === canonical(JSON.parse(state.stringify()) as JsonValue)
  for (const end = Date.now() + 10_000; !isSame() && Date.now() < end;) await new Promise((resolve) => setTimeout(resolve, 5))
  t.ok(isSame())
  t.ok(proxy.cuts > 5, `${proxy.cuts} cuts`)
})

t.test('a server that lies: a patch that does not fit ends the connection, and the next one is asked for the whole', async (t) => {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  t.teardown(() => server.close())
  const queries: string[] = []
  server.on('connection', (ws, { url }) => {
    const query = new URL(url!, 'http://x').searchParams
    queries.push(`${query.get('epoch')} ${query.get('revision')}`)
    if (queries.length === 2) ws.send('{"type":"state","diff":[{"op":"remove","path":"/missing"}],"epoch":"e&x","revision":9,"since":4}')
    else ws.send('{"type":"state","diff":[{"op":"replace","path":"","value":{"a":1}}],"epoch":"e&x","revision":4}')
    if (queries.length === 1) setTimeout(() => ws.terminate(), 20)
  })
  await once(server, 'listening')
  const client = await connect<{ a: number }>(`ws://127.0.0.1:${(server.address() as AddressInfo).port}/`, { reconnect: quick, onError () {} })
  t.teardown(() => client.close())
  while (queries.length < 3 || client.stale) await new Promise((resolve) => setTimeout(resolve, 1))
  t.same(queries, [' ', 'e&x 4', ' '])
  t.same(client.state.data, { a: 1 })
})
