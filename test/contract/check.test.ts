/** A client that checks what arrives, against a server that does not keep to the contract. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import Fastify from 'fastify'
import type { FastifyInstance } from 'fastify'
import t from 'tap'
import type { Test } from 'tap'
import { connect } from '../../lib/client/index.ts'
import { ContractError, checked } from '../../lib/contract/check.ts'
import type { CheckOptions } from '../../lib/contract/check.ts'
import { defineContract, typed } from '../../lib/contract/index.ts'
import type { ContractClient } from '../../lib/contract/index.ts'
import juggler, { createState } from '../../lib/index.ts'
import { startApp } from '../helpers/app.ts'
import { launch, openPage } from '../helpers/browser/chromium.ts'

const contract = defineContract({
  state: { type: 'object', properties: { speed: { type: 'number' }, mode: { enum: ['auto', 'hand'], default: 'auto' } }, required: ['speed'] },
  requests: {
    'pump/set': { data: { type: 'number' }, result: { type: 'object', properties: { speed: { type: 'number' }, at: { type: 'string', format: 'date-time' } }, required: ['speed'] } },
    plain: { data: typed<string>() },
    word: { result: typed<string>() }
  },
  notifications: { alarm: { type: 'object', properties: { level: { enum: ['low', 'high'] } }, required: ['level'] }, hello: typed<string>() }
})
type C = typeof contract
type CheckedClient = ContractClient<C['definition']>

interface Site {
  readonly app: FastifyInstance
  readonly state: ReturnType<typeof createState>
  readonly client: CheckedClient
  readonly plain: CheckedClient
  readonly violations: ContractError[]
}

/** A server that knows no contract, and its client. Whatever a request sends is its answer. */
async function site (t: Test, initial: unknown = { speed: 1 }, options?: CheckOptions): Promise<Site> {
  const state = createState(initial as never)
  const { app, origin } = await startApp(t, {
    juggler: { state, autoflushDelay: 0 },
    after: (app) => app.juggler.onRequest((_connection, _name, data) => data)
  })
  const plain = await connect<C>(`${origin}/ws`)
  t.teardown(() => plain.close())
  const violations: ContractError[] = []
  return { app, state, plain, violations, client: checked(plain, contract, options ?? { onViolation: (error) => violations.push(error) }) }
}

/** Long enough for the check of a state that has come. */
const turns = () => new Promise((resolve) => setTimeout(resolve, 20))

/** Resolves when the client has what the state holds, and that has been checked. */
async function synced ({ state, client }: Site): Promise<void> {
  const wanted = state.stringify()
  while (client.state.stringify() !== wanted) await turns()
  await turns()
}

t.test('a result that breaks its schema rejects; others arrive as they are', async (t) => {
  const { client, violations } = await site(t)
  t.strictSame(await client.send('pump/set', { speed: 3, more: [null] } as never), { speed: 3, more: [null] })
  await t.rejects(client.send('pump/set', { speed: '3' } as never), {
    name: 'JugglerClientError',
    code: 'JUGGLER_CONTRACT_BROKEN',
    message: "the result of 'pump/set' breaks the contract: data/speed must be number",
    part: 'result',
    subject: 'pump/set',
    errors: [{ path: '/speed', message: 'must be number' }]
  })
  await t.rejects(client.send('pump/set', { speed: 1, at: 'yesterday' } as never), { code: 'JUGGLER_CONTRACT_BROKEN' }, 'formats are known')
  await t.rejects(client.send('pump/set' as 'plain', undefined as never), { code: 'JUGGLER_CONTRACT_BROKEN' }, 'null as well')
  t.strictSame(await client.send('plain', 'x'), 'x')
  t.strictSame(await client.send('word', 5), 5 as never, 'a type alone checks nothing')
  t.strictSame(await client.send('toString' as 'plain', 'x'), 'x', 'what the contract lacks is for the server to refuse')
  t.same(violations, [], 'who has asked has been told')
})

t.test('the answers of a refused request and the options of send pass through', async (t) => {
  const { client, app } = await site(t)
  app.juggler.handle('pump/set', () => { throw Object.assign(new Error('no'), { statusCode: 403 }) })
  await t.rejects(client.send('pump/set', 5), { name: 'JugglerError', data: 'no' })
  await t.rejects(client.send('plain', 'x', { signal: AbortSignal.abort(new Error('gone')) }), { message: 'gone' })
  await t.rejects(client.send('plain', 'x', { timeout: -1 }), { code: 'JUGGLER_OPTION_INVALID' })
})

t.test('notifications that break their schema, or are unknown, reach no listener', async (t) => {
  const { client, plain, app, violations } = await site(t)
  const first: unknown[] = []
  const second: unknown[] = []
  const all: unknown[] = []
  plain.onNotify((...[name]) => { all.push(name) })
  client.onNotify((...given) => { first.push(given) })
  const stop = client.onNotify((...given) => { second.push(given) })
  const { broadcast } = app.juggler
  broadcast('alarm', { level: 'high' })
  broadcast('alarm', { level: 'middle' })
  broadcast('toString', 1)
  broadcast('hello', 'x')
  await client.send('plain', '')
  t.strictSame(first, [['alarm', { level: 'high' }], ['hello', 'x']])
  t.strictSame(second, first)
  t.strictSame(all, ['alarm', 'alarm', 'toString', 'hello'], 'the client itself hears everything')
  t.match(violations, [
    { part: 'notification', subject: 'alarm', message: "the notification 'alarm' breaks the contract: data/level must be equal to one of the allowed values" },
    { part: 'notification', subject: 'toString', errors: [], message: "the notification 'toString' is not in the contract" }
  ])
  t.equal(violations.length, 2, 'each once, whatever the number of listeners')
  stop()
  broadcast('hello', 'y')
  await client.send('plain', '')
  t.equal(first.length, 3)
  t.equal(second.length, 2)
  t.throws(() => client.onNotify(5 as never), { code: 'JUGGLER_OPTION_INVALID' })
})

t.test('a notification in whose listener another one comes', async (t) => {
  const { client, app, violations } = await site(t)
  const heard: unknown[] = []
  client.onNotify(async (...[name]) => { heard.push(name); throw new Error('of a listener') })
  client.onNotify((...[name]) => { heard.push(name) })
  const warned = new Promise((resolve) => process.once('warning', resolve))
  app.juggler.broadcast('hello', 'x')
  app.juggler.broadcast('alarm', 'x')
  await client.send('plain', '')
  t.same(heard, ['hello', 'hello'])
  t.equal(violations.length, 1)
  t.match(await warned, { message: 'of a listener' }, 'what a listener rejects with goes where that of any listener goes')
})

t.test('a state that breaks its schema is reported, and stays', async (t) => {
  const here = await site(t)
  const { client, state, violations } = here
  await client.ready
  await turns()
  t.same(violations, [])
  state.set('/speed', 'fast' as never)
  await synced(here)
  t.match(violations, [{ code: 'JUGGLER_CONTRACT_BROKEN', part: 'state', subject: undefined, message: 'the state breaks the contract: data/speed must be number' }])
  t.strictSame(client.state.data, { speed: 'fast' } as never, 'nothing is hidden, and no default filled in')
  state.set('/more', 1)
  await synced(here)
  t.equal(violations.length, 1, 'what is wrong still is told once')
  state.set('/speed', 2)
  await synced(here)
  state.set('/speed', 'fast')
  await synced(here)
  t.equal(violations.length, 2, 'and again when it was right in between')
  state.set('', null)
  await synced(here)
  t.equal(violations.length, 2, 'null is no state')
})

t.test('a state that is there already is checked as well; the members are those of the client', async (t) => {
  const { plain, state } = await site(t, { speed: 'x' })
  await plain.ready
  const violations: ContractError[] = []
  const client = checked(plain, contract, { onViolation: (error) => violations.push(error) })
  await turns()
  t.match(violations, [{ part: 'state' }])
  t.ok(violations[0] instanceof ContractError)
  for (const member of ['state', 'stale', 'status', 'closed'] as const) t.equal(client[member], plain[member], member)
  t.strictSame(await client.ready, state.data as never)
  t.same(Object.keys(client).sort(), Object.keys(plain).sort())
  const heard: string[] = []
  client.onStatus((status) => heard.push(status))
  await client.close(3000, 'done')
  t.match(await client.closed, { code: 3000, reason: 'done' })
  t.same(heard, ['closed'])
})

t.test('without onViolation it is a warning of the process; what onViolation throws is one as well', async (t) => {
  for (const options of [{}, { onViolation () { throw new Error('of onViolation') } }]) {
    const { app, client } = await site(t, { speed: 1 }, options)
    const warned = new Promise((resolve) => process.once('warning', resolve))
    app.juggler.broadcast('bye')
    t.match(await warned, { message: 'onViolation' in options ? 'of onViolation' : "the notification 'bye' is not in the contract" })
    await client.close()
  }
})

t.test('what cannot be checked with is refused at once, with its place', async (t) => {
  const { plain } = await site(t)
  const fails = (definition: object, message: RegExp) =>
    t.throws(() => checked(plain as never, defineContract(definition) as never), { code: 'JUGGLER_CONTRACT_INVALID', message })
  fails({ state: { $ref: '#/definitions/none' } }, /^the state cannot be used: /)
  fails({ requests: { a: { data: { tpye: 1 }, result: { tpye: 1 } } } }, /^'result' of the request 'a' cannot be used: /)
  fails({ notifications: { a: { $async: true } } }, /^the notification 'a' must be a schema that is checked at once/)
  fails({ state: { $schema: 'https://json-schema.org/draft/2020-12/schema' } }, /^the state cannot be used: /)
  t.throws(() => checked(plain, {} as never), { code: 'JUGGLER_CONTRACT_INVALID' })
  t.throws(() => checked(plain, undefined as never), { code: 'JUGGLER_CONTRACT_INVALID' })
  t.throws(() => checked(plain, contract, { onViolation: 5 as never }), { code: 'JUGGLER_OPTION_INVALID' })
})

t.test('the client is that of the contract', async (t) => {
  const { plain, client } = await site(t)
  // @ts-expect-error: of another one, by its state
  checked(plain, defineContract({ state: { type: 'string' } }))
  const result: Promise<{ speed: number }> = client.send('pump/set', 5)
  t.equal((await result.catch(({ code }) => ({ speed: code }))).speed, 'JUGGLER_CONTRACT_BROKEN' as never)
  // @ts-expect-error: no such request
  t.strictSame(await client.send('pump/sett', 5), 5)
})

t.test('after a reconnect the new state is checked', async (t) => {
  const first = await startApp(t, { juggler: { state: createState({ speed: 1 }) } })
  const { port } = new URL(first.origin)
  const violations: ContractError[] = []
  const client = checked(await connect<C>(`${first.origin}/ws`, { reconnect: { minDelay: 10, maxDelay: 20 } }), contract, { onViolation: (error) => violations.push(error) })
  t.teardown(() => client.close())
  await client.ready
  await first.app.close()
  const second = Fastify()
  t.teardown(() => second.close())
  await second.register(juggler, { state: createState({ speed: 'x' }) })
  await second.listen({ port: Number(port), host: '127.0.0.1' })
  while (violations.length === 0) await turns()
  t.match(violations, [{ part: 'state' }])
  t.equal(violations.length, 1)
  second.juggler.broadcast('bye')
  while (violations.length === 1) await turns()
  t.match(violations[1], { part: 'notification', subject: 'bye' })
})

t.test('a contract is compiled once', async (t) => {
  const { plain } = await site(t)
  let read = 0
  const counted = defineContract({ state: { type: 'object', get title () { read++; return 'x' } } })
  checked(plain as never, counted)
  const once = read
  t.ok(once > 0)
  checked(plain as never, counted)
  t.equal(read, once)
})

const file = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url))

async function bundle (entry: string): Promise<{ text: string, inputs: string[] }> {
  const { outputFiles, metafile } = await build({
    entryPoints: [file(entry)], bundle: true, minify: true, metafile: true, write: false, format: 'esm', platform: 'browser', target: 'es2022', outdir: 'out'
  })
  return { text: outputFiles[0]!.text, inputs: Object.keys(metafile!.inputs) }
}

t.test('a page that does not ask for it gets no validator', async (t) => {
  const isAjv = (path: string) => /node_modules\/(ajv|fast-uri)/.test(path)
  for (const entry of ['lib/contract/index.ts', 'lib/client/index.browser.ts', 'lib/client/file.browser.ts']) {
    t.same((await bundle(entry)).inputs.filter(isAjv), [], entry)
  }
  const { text, inputs } = await bundle('lib/contract/check.ts')
  t.ok(inputs.some(isAjv), 'and who asks for it does')
  t.ok(text.length < 150_000, `${text.length} bytes`)
  t.same(JSON.parse(readFileSync(file('package.json'), 'utf8')).exports['./contract/check'].default, './dist/lib/contract/check.js')
})

t.test('it works in a page', async (t) => {
  const files = { '/check.js': await bundle('lib/contract/check.ts'), '/contract.js': await bundle('lib/contract/index.ts') }
  const { app } = await startApp(t, {
    juggler: { state: createState({ speed: 'x' }) },
    before (app) {
      app.get('/', (_request, reply) => reply.type('text/html').send('<!doctype html><link rel="icon" href="data:,">'))
      for (const [path, { text }] of Object.entries(files)) app.get(path, (_request, reply) => reply.type('text/javascript').send(text))
    },
    after: (app) => app.juggler.onRequest(() => 'odd')
  })
  const { page, errors } = await openPage(await launch(t))
  await page.goto(`http://127.0.0.1:${(app.server.address() as { port: number }).port}/`)
  const told = await page.evaluate(`(async () => {
    const [{ connect }, { checked }, { defineContract }] = await Promise.all(['/ws/client.js', '/check.js', '/contract.js'].map((path) => import(path)))
    const violations = []
    const contract = defineContract({ state: { properties: { speed: { type: 'number' } } }, requests: { ask: { result: { type: 'number' } } } })
    const client = checked(await connect(), contract, { onViolation: ({ message }) => violations.push(message) })
    await client.ready
    violations.push(await client.send('ask').catch(({ code }) => code))
    await new Promise((resolve) => setTimeout(resolve, 20))
    return violations.sort()
  })()`)
  t.same(told, ['JUGGLER_CONTRACT_BROKEN', 'the state breaks the contract: data/speed must be number'])
  t.same(errors, [])
})
