/** A client that shows what was kept, until its server has told what is. */
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import Fastify from 'fastify'
import type { FastifyInstance } from 'fastify'
import t from 'tap'
import type { Test } from 'tap'
import { WebSocketServer } from 'ws'
import juggler, { createState } from '../../lib/index.ts'
import { connect } from '../../lib/client/index.ts'
import { stateStorage } from '../../lib/storage/index.ts'
import type { Client, ConnectOptions } from '../../types/client.ts'
import type { JsonValue } from '../../types/json.ts'
import type { State } from '../../types/state.ts'
import type { TextStore } from '../../types/storage.ts'
import { freePort } from '../helpers/free-port.ts'

type Devices = Record<string, number>

const devices = (): Devices => Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`device ${i}`, i]))
const turn = () => new Promise((resolve) => setTimeout(resolve, 1))
const until = async (holds: () => boolean) => { while (!holds()) await turn() }

function memory (): TextStore & { readonly texts: Map<string, string> } {
  const texts = new Map<string, string>()
  return {
    texts,
    get: (key) => texts.get(key),
    set: (key, text) => { texts.set(key, text) },
    remove: (key) => { texts.delete(key) }
  }
}

async function serve (t: Test, port: number, state: State<Devices>): Promise<FastifyInstance> {
  const app = Fastify()
  await app.register(juggler, { state: state as unknown as State, autoflushDelay: 0 })
  await app.listen({ port, host: '127.0.0.1' })
  t.teardown(() => app.close())
  return app
}

/** Opens clients one after the other, as pages with one storage. */
function pages (t: Test, port: number, store: TextStore) {
  return async (options: ConnectOptions = {}): Promise<Client<Devices> & { errors: unknown[] }> => {
    const errors: unknown[] = []
    const client = await connect<Devices>(`ws://127.0.0.1:${port}/ws`, {
      storage: stateStorage(store, { interval: 1 }), reconnect: { minDelay: 5, maxDelay: 10 }, onError: (error) => errors.push(error), ...options
    })
    t.teardown(() => client.close())
    return Object.assign(client as unknown as Client<Devices>, { errors })
  }
}

/** A page has been there and has kept its state, and then its server has gone. */
async function visited (t: Test) {
  const port = await freePort()
  const store = memory()
  const app = await serve(t, port, createState(devices()))
  const open = pages(t, port, store)
  const first = await open()
  await first.ready
  await until(() => store.texts.size > 0)
  await first.close()
  await app.close()
  return { port, store, open }
}

t.test('the next page shows the last state at once, marked stale, and takes only what is new', async (t) => {
  const port = await freePort()
  const state = createState(devices())
  const app = await serve(t, port, state)
  const store = memory()
  const open = pages(t, port, store)
  const first = await open()
  t.equal(first.stale, false)
  await first.ready
  await until(() => store.texts.size > 0)
  await first.close()
  await until(() => app.juggler.connections.size === 0)
  state.set('/device 7', -7)

  const { bytesSent } = app.juggler.stats().traffic
  const second = await open()
  t.equal(second.status, 'connecting')
  t.equal(second.stale, true)
  t.equal(second.state.get('/device 7'), 7, 'what was kept')
  const patches: string[][] = []
  second.state.onChange(({ patch }) => patches.push(patch.map(({ path }) => path)))
  const statuses: string[] = []
  second.onStatus((status) => statuses.push(status))
  t.equal((await second.ready)['device 7'], -7, 'ready waits for what is')
  t.equal(second.stale, false)
  t.same(patches, [['/device 7']])
  t.same(statuses, ['open'])
  const sent = app.juggler.stats().traffic.bytesSent - bytesSent
  t.ok(sent < 1000, `${sent} bytes, the answer to the upgrade included`)
  t.same(second.errors, [])
})

t.test('a server that is away is waited for; requests are refused meanwhile', async (t) => {
  const { port, store, open } = await visited(t)
  const second = await open()
  let isReady = false
  void second.ready.then(() => { isReady = true })
  await t.rejects(second.send('any'), { code: 'JUGGLER_CONNECTION_CLOSED' })
  await new Promise((resolve) => setTimeout(resolve, 60))
  t.equal(second.status, 'connecting', 'some attempts have failed')
  t.equal(isReady, false)
  const other = createState({ other: 1 })
  await serve(t, port, other as State<Devices>)
  await until(() => !second.stale)
  t.same(second.state.data, { other: 1 }, 'another history: the whole')
  t.same(await second.ready, { other: 1 })
  await until(() => [...store.texts.values()][0]!.endsWith('{"other":1}'))
})

t.test('without anything kept it is as ever: the first failure is told', async (t) => {
  const open = pages(t, await freePort(), memory())
  await t.rejects(open(), { code: 'JUGGLER_CONNECT_FAILED' })
})

t.test('it can be closed, or aborted, while it has no connection yet', async (t) => {
  const { open } = await visited(t)
  const closing = await open()
  await closing.close()
  t.match(await closing.closed, { code: 1000 })
  const abort = new AbortController()
  const aborted = await open({ signal: abort.signal })
  abort.abort()
  await aborted.closed
  t.equal(aborted.status, 'closed')
})

t.test('a store that is late has no say once the server has spoken', async (t) => {
  const port = await freePort()
  const state = createState<Devices>({ now: 1 })
  await serve(t, port, state)
  const store = memory()
  let give!: (text: string) => void
  const late: TextStore = { ...store, get: () => new Promise((resolve) => { give = resolve }) }
  const client = await connect<Devices>(`ws://127.0.0.1:${port}/ws`, { storage: stateStorage(late, { patience: 1 }) })
  t.teardown(() => client.close())
  await client.ready
  give('[1,null,"E",1]\n{"then":1}')
  await new Promise((resolve) => setTimeout(resolve, 20))
  t.same(client.state.data, { now: 1 })
  t.equal(client.stale, false)
})

t.test('nothing is kept of who is shut out', async (t) => {
  const port = await freePort()
  const app = await serve(t, port, createState(devices()))
  const store = memory()
  const client = await pages(t, port, store)()
  await client.ready
  await until(() => store.texts.size > 0)
  for (const connection of app.juggler.connections) connection.close(4401, 'credentials are no longer valid')
  await until(() => client.status === 'reconnecting')
  await until(() => store.texts.size === 0)
})

t.test('a stock server names no place: what was kept is shown, and the whole comes', async (t) => {
  const wss = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  t.teardown(() => new Promise((resolve) => { wss.close(resolve) }))
  await once(wss, 'listening')
  let value: JsonValue = { n: 1 }
  wss.on('connection', (socket) => socket.send(JSON.stringify({ type: 'state', diff: [{ op: 'replace', path: '', value }] })))
  const store = memory()
  const options = { storage: stateStorage(store, { interval: 1 }) }
  const url = `ws://127.0.0.1:${(wss.address() as AddressInfo).port}/ws`
  const first = await connect(url, options)
  await until(() => store.texts.size > 0)
  await first.close()
  value = { n: 2 }
  const second = await connect(url, options)
  t.teardown(() => second.close())
  t.same([second.state.data, second.stale], [{ n: 1 }, true])
  await until(() => !second.stale)
  t.same(second.state.data, { n: 2 })
})

t.test('three clients with one store: what is kept never goes back', async (t) => {
  const port = await freePort()
  const state = createState<Devices>({ n: 0 })
  await serve(t, port, state)
  const store = memory()
  const open = pages(t, port, store)
  const tabs = [await open(), await open(), await open()]
  let last = 0
  for (let n = 1; n <= 40; n++) {
    state.set('/n', n)
    await until(() => tabs.every((tab) => tab.state.get('/n') === n))
    await turn()
    if (n === 20) await tabs[1]!.close()
    if (n === 20) tabs.splice(1, 1)
    const text = [...store.texts.values()][0]
    if (text === undefined) continue
    const kept = (JSON.parse(text.split('\n')[1]!) as Devices)['n']!
    t.ok(kept >= last, `${kept} after ${last}`)
    last = kept
  }
  await until(() => [...store.texts.values()][0]!.endsWith('{"n":40}'))
})

t.test('what is no storage is refused', async (t) => {
  for (const storage of [5, {}, new Map()]) {
    await t.rejects(connect('ws://127.0.0.1:1/ws', { storage: storage as never }), { code: 'JUGGLER_OPTION_INVALID' })
  }
})

t.test('who gives up while the store is read is told at once, and nobody else hears of it', async (t) => {
  const slow: TextStore = { ...memory(), get: () => new Promise((resolve) => setTimeout(resolve, 300)) }
  const abort = new AbortController()
  const reason = new Error('left')
  const began = performance.now()
  const connecting = connect('ws://127.0.0.1:1/ws', { storage: stateStorage(slow, { patience: 10_000 }), signal: abort.signal })
  setTimeout(() => abort.abort(reason), 10)
  await t.rejects(connecting, reason)
  t.ok(performance.now() - began < 250)
  await new Promise((resolve) => setTimeout(resolve, 320))
})

t.test('after a server that names places one that names none is kept as well', async (t) => {
  const port = await freePort()
  const store = memory()
  const placed = await serve(t, port, createState<Devices>({ first: 1 }))
  const client = await pages(t, port, store)()
  await until(() => [...store.texts.values()][0]?.endsWith('{"first":1}') === true)
  await placed.close()
  const app = Fastify()
  await app.register(juggler, { state: createState<Devices>({ second: 2 }) as unknown as State, autoflushDelay: 0, resumeWindow: 0 })
  await app.listen({ port, host: '127.0.0.1' })
  t.teardown(() => app.close())
  await until(() => client.state.get('/second') === 2)
  await until(() => [...store.texts.values()][0]!.endsWith('{"second":2}'))
})
