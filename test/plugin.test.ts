import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import Fastify from 'fastify'
import type { FastifyInstance } from 'fastify'
import t from 'tap'
import juggler, { closeCodes, createState, fastifyJuggler } from '../lib/index.ts'
import { startApp } from './helpers/app.ts'
import { makeCertificate } from './helpers/certificate.ts'
import { Logs } from './helpers/logs.ts'
import { connectPeer, refusal } from './helpers/peer.ts'
import type { FastifyJugglerOptions } from '../types/options.ts'
import type { Juggler } from '../types/server.ts'

t.test('the plugin carries its name and the range of fastify, and decorates', async (t) => {
  t.equal(juggler, fastifyJuggler)
  t.strictSame((juggler as unknown as Record<symbol, unknown>)[Symbol.for('plugin-meta')], { name: 'fastify-juggler', fastify: '5.x' })
  const state = createState({ a: 1 })
  const { app } = await startApp(t, { juggler: { state } })
  t.ok(app.hasPlugin('fastify-juggler'))
  t.equal(app.juggler.state, state)
  t.equal(app.juggler.connections.size, 0)
})

t.test('a wrong option fails at register', async (t) => {
  const app = Fastify()
  await t.rejects(async () => { await app.register(juggler, { wsPath: 'ws' }) }, { code: 'FST_JUGGLER_OPTION_INVALID' })
})

t.test('routes honour the prefix of the registration and of the plugins around it', async (t) => {
  const { origin } = await startApp(t, {
    juggler: false,
    after: (app) => app.register(async (scope) => {
      await scope.register(juggler, { prefix: '/live', wsPath: '/socket' })
    }, { prefix: '/api' })
  })
  const peer = await connectPeer(t, `${origin}/api/live/socket`)
  t.match(await peer.ask(1, '', 'x'), { data: 'x' })
  t.equal(await refusal(t, `${origin}/socket`), 404)
})

t.test('a request that is no upgrade gets 426', async (t) => {
  const { app } = await startApp(t)
  const response = await app.inject('/ws')
  t.equal(response.statusCode, 426)
  t.equal(response.headers.upgrade, 'websocket')
  t.match(response.json(), { code: 'FST_JUGGLER_UPGRADE_REQUIRED' })
})

t.test('two registrations live beside each other, by name and path or prefix', async (t) => {
  const { app, origin } = await startApp(t, {
    juggler: { state: createState('first'), autoflushDelay: 0 },
    after: async (app) => {
      await app.register(juggler, { name: 'second', prefix: '/second', state: createState('second'), autoflushDelay: 0, maxPayload: 8 * 1048576 })
    }
  })
  const first = await connectPeer(t, `${origin}/ws`)
  const second = await connectPeer(t, `${origin}/second/ws`)
  t.match(await first.next(), { diff: [{ value: 'first' }] })
  t.match(await second.next(), { diff: [{ value: 'second' }] })
  t.equal(app.juggler.connections.size, 1)
  t.equal((app as unknown as { second: Juggler }).second.connections.size, 1)
  // each has its own limit, though they share the WebSocket server
  const large = 'x'.repeat(6 * 1048576)
  t.equal((await second.ask(1, '', large)).data, large)
  first.request(1, '', large)
  t.equal((await first.closed).code, 1009)
})

t.test('a second registration of the same name is told to take another', async (t) => {
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(juggler)
  await t.rejects(async () => { await app.register(juggler, { prefix: '/b' }) }, { code: 'FST_JUGGLER_DECORATOR_PRESENT', message: /'juggler'.*'name'/ })
})

t.test('sibling scopes have one each, and upgrades are answered once', async (t) => {
  const logs = new Logs()
  const jugglers: Juggler[] = []
  const { app, origin } = await startApp(t, {
    juggler: false,
    fastify: { logger: logs.logger },
    after: async (app) => {
      for (const prefix of ['/a', '/b', '/c']) {
        await app.register(async (scope: FastifyInstance) => {
          await scope.register(juggler, { state: createState(prefix), autoflushDelay: 0 })
          jugglers.push(scope.juggler)
        }, { prefix })
      }
    }
  })
  for (const prefix of ['/a', '/b', '/c']) {
    const peer = await connectPeer(t, `${origin}${prefix}/ws`)
    t.match(await peer.next(), { diff: [{ value: prefix }] })
    t.match(await peer.ask(1, '', 'x'), { data: 'x' })
  }
  t.strictSame(jugglers.map(({ connections }) => connections.size), [1, 1, 1])
  t.equal(await refusal(t, `${origin}/d/ws`), 404)
  t.strictSame(logs.lines.filter(({ level }) => level >= 40 && level < 60).filter(({ msg }) => /upgrade/.test(msg)), [])
  await app.close()
})

t.test('a server of HTTP/2 alone is refused, one with allowHTTP1 is not', async (t) => {
  const alone = Fastify({ http2: true })
  await t.rejects(async () => { await alone.register(juggler) }, { code: 'FST_JUGGLER_HTTP2' })
  const both = Fastify({ http2: true, https: { allowHTTP1: true } })
  t.teardown(() => both.close())
  await t.resolves(async () => { await both.register(juggler) })
})

t.test('over TLS, also beside HTTP/2', async (t) => {
  const certificate = await makeCertificate()
  for (const http2 of [false, true]) {
    const app = Fastify({ https: { ...certificate, allowHTTP1: true }, ...(http2 && { http2 }) } as object) as FastifyInstance
    t.teardown(() => app.close())
    await app.register(juggler, { state: createState('secure'), autoflushDelay: 0 })
    await app.listen({ port: 0, host: '127.0.0.1' })
    const peer = await connectPeer(t, `wss://127.0.0.1:${(app.server.address() as AddressInfo).port}/ws`, { ca: certificate.cert })
    t.match(await peer.next(), { diff: [{ value: 'secure' }] })
    t.match(await peer.ask(1, '', 'x'.repeat(100_000)), { id: 1 })
    await app.close()
    t.equal((await peer.closed).code, 1001)
  }
})

t.test('a state for each connection is its own, and null until it is set', async (t) => {
  const { origin, app } = await startApp(t, { juggler: { autoflushDelay: 0 } })
  app.juggler.handle('set', (connection, data) => { connection.state.set('', data) })
  const [first, second] = [await connectPeer(t, `${origin}/ws`), await connectPeer(t, `${origin}/ws`)]
  first.request(1, 'set', 'mine')
  const messages = [await first.next(), await first.next()]
  t.match(messages.find(({ type }) => type === 'state'), { diff: [{ op: 'replace', path: '', value: 'mine' }] })
  t.match(await second.ask(1, '', 'nothing before'), { data: 'nothing before' })
  t.equal(app.juggler.state, undefined)
  t.strictSame([...app.juggler.connections].map(({ state }) => state.data), ['mine', null])
})

t.test('a function chooses the state before the upgrade, behind the hooks of the route', async (t) => {
  const rooms = new Map([['red', createState('red')], ['blue', createState('blue')]])
  const calls: string[] = []
  const options: FastifyJugglerOptions = {
    wsPath: '/ws/:room',
    autoflushDelay: 0,
    route: { preHandler: async () => { calls.push('hook') } },
    state: async (request) => {
      calls.push('state')
      const state = rooms.get((request.params as { room: string }).room)
      if (state === undefined) throw Object.assign(new Error('no such room'), { statusCode: 404 })
      return state
    }
  }
  const { app, origin } = await startApp(t, { juggler: options })
  const red = await connectPeer(t, `${origin}/ws/red`)
  const blue = await connectPeer(t, `${origin}/ws/blue`)
  t.match(await red.next(), { diff: [{ value: 'red' }] })
  t.match(await blue.next(), { diff: [{ value: 'blue' }] })
  t.strictSame(calls, ['hook', 'state', 'hook', 'state'])
  t.strictSame([...app.juggler.connections].map(({ state }) => state), [...rooms.values()], 'the very states')
  t.equal(await refusal(t, `${origin}/ws/green`), 404)
  t.equal((await app.inject('/ws/green')).statusCode, 426, 'without an upgrade nobody is asked')
  app.juggler.broadcast('only', 'red', { state: rooms.get('red')! })
  app.juggler.broadcast('all')
  t.strictSame([await red.next(), await red.next()].map(({ name }) => name), ['only', 'all'])
  t.strictSame(await blue.next(), { type: 'notify', name: 'all', data: null })
})

t.test('a function that returns no state is an error of the server', async (t) => {
  const { origin } = await startApp(t, { juggler: { state: (() => ({})) as never } })
  t.equal(await refusal(t, `${origin}/ws`), 500)
})

t.test('the framing is chosen by the URL; what is no framing is refused', async (t) => {
  const { origin } = await startApp(t)
  const peer = await connectPeer(t, `${origin}/ws?framing=segmented`)
  peer.send('0{"type":"request","id":1,"name":"","data":5}')
  t.equal(await peer.nextText(), '0{"type":"response","id":1,"success":true,"data":5}')
  t.match(await (await connectPeer(t, `${origin}/ws?framing=plain&x=1`)).ask(1, ''), { id: 1 })
  for (const query of ['framing=auto', 'framing=', 'framing=plain&framing=plain']) t.equal(await refusal(t, `${origin}/ws?${query}`), 400, query)
})

t.test('injectWS works, with what it lacks of a real request', async (t) => {
  const app = Fastify({ trustProxy: true })
  t.teardown(() => app.close())
  await app.register(juggler, { trustForwarded: true })
  app.juggler.handle('who', (connection) => [connection.remote, connection.request.headers['x-test']])
  await app.ready()
  const ws = await app.injectWS('/ws', { headers: { 'x-test': 'yes' } })
  const answer = new Promise<string>((resolve) => ws.on('message', (data: Buffer) => resolve(data.toString())))
  ws.send('{"type":"request","id":1,"name":"who"}')
  t.match(JSON.parse(await answer), { success: true, data: ['', 'yes'] })
  const closed = new Promise((resolve) => ws.on('close', (code: number) => resolve(code)))
  await app.close()
  t.equal(await closed, closeCodes.goingAway.code)
})

t.test('the sources load without top-level await, so that require() works', async (t) => {
  const require = createRequire(import.meta.url)
  const { readdirSync, readFileSync } = require('node:fs') as typeof import('node:fs')
  const { transformSync } = require('esbuild') as typeof import('esbuild')
  const folder = new URL('../lib/', import.meta.url)
  for (const name of readdirSync(folder, { recursive: true }) as string[]) {
    if (!name.endsWith('.ts')) continue
    // a script cannot await at its top, so that this fails to compile where the module does
    t.doesNotThrow(() => transformSync(readFileSync(new URL(name, folder), 'utf8'), { loader: 'ts', format: 'cjs', logLevel: 'silent' }), name)
  }
})
