/** A state that is null is silence on the wire; a client may ask to be told, so that it knows that nothing is missing. */
import t from 'tap'
import { connect } from '../../lib/client/index.ts'
import { createState } from '../../lib/index.ts'
import type { JsonValue } from '../../types/json.ts'
import { startApp } from '../helpers/app.ts'
import { connectPeer } from '../helpers/peer.ts'

t.test('who asks is told that the state is null; who does not is sent nothing', async (t) => {
  const state = createState<JsonValue>(null)
  const { origin } = await startApp(t, { juggler: { state, autoflushDelay: 10 } })
  const asking = await connectPeer(t, `${origin}/ws?announce=1`)
  const silent = await connectPeer(t, `${origin}/ws`)
  t.same(await asking.next(), { type: 'state', diff: [] })
  await silent.echo()
  state.set('', 1)
  t.same(await asking.next(), { type: 'state', diff: [{ op: 'replace', path: '', value: 1 }] })
  t.same(await silent.next(), { type: 'state', diff: [{ op: 'replace', path: '', value: 1 }] })
})

t.test('a state that became null while a client was away is not stale for ever', async (t) => {
  const state = createState<JsonValue>({ a: 1 })
  const { app, origin } = await startApp(t, { juggler: { state, autoflushDelay: 10 } })
  const client = await connect(`${origin}/ws`, { reconnect: { minDelay: 1, maxDelay: 20 } })
  t.teardown(() => client.close())
  const seen: unknown[] = []
  const until = (done: () => boolean) => new Promise<void>((resolve) => {
    const end = client.state.onChange(() => {
      seen.push(client.state.data)
      if (!done()) return
      end()
      resolve()
    })
  })
  if (client.state.data === null) await until(() => client.state.data !== null)
  const current = until(() => !client.stale && client.state.data === null)
  const lost = new Promise<void>((resolve) => client.onStatus((status) => { if (status === 'reconnecting') resolve() }))
  for (const connection of app.juggler.connections) connection.close(4408, 'gone')
  await lost
  t.same(client.state.data, { a: 1 }, 'the last state stays readable')
  t.ok(client.stale)
  state.set('', null)
  await current
  t.equal(client.state.data, null)
  t.notOk(client.stale)
})

t.test('who asks is told of a state of its own as well, once, before anybody touches it', async (t) => {
  for (const autoflushDelay of [10, 0]) {
    const { app, origin } = await startApp(t, { juggler: { autoflushDelay } })
    const asking = await connectPeer(t, `${origin}/ws?announce=1`)
    t.same(await asking.next(), { type: 'state', diff: [] })
    const silent = await connectPeer(t, `${origin}/ws`)
    for (const { state } of app.juggler.connections) state.set('', 1)
    const whole = { type: 'state', diff: [{ op: 'replace', path: '', value: 1 }] }
    t.same(await asking.next(), whole, String(autoflushDelay))
    t.same(await silent.next(), whole)
  }
})

t.test('what is set within the window takes the place of the announcement', async (t) => {
  const { app, origin } = await startApp(t, { juggler: { autoflushDelay: 50 } })
  app.juggler.onConnection(({ state }) => { state.set('', { a: 1 }) })
  const asking = await connectPeer(t, `${origin}/ws?announce=1`)
  t.same(await asking.next(), { type: 'state', diff: [{ op: 'replace', path: '', value: { a: 1 } }] })
})

t.test('without a delay the first flush tells it, touched or not', async (t) => {
  const { app, origin } = await startApp(t, { juggler: { autoflushDelay: null } })
  const [asking, silent] = [await connectPeer(t, `${origin}/ws?announce=1`), await connectPeer(t, `${origin}/ws`)]
  await Promise.all([...app.juggler.connections].map((connection) => connection.flush()))
  t.same(await asking.next(), { type: 'state', diff: [] })
  await silent.echo()
})

t.test('delay 0: a state of its own sends each step from the first moment', async (t) => {
  const { app, origin } = await startApp(t, { juggler: { autoflushDelay: 0 } })
  const set = (state: { set (path: string, value: unknown): void }) => {
    state.set('', { n: 1 })
    state.set('/n', 2)
  }
  const steps = [[{ op: 'replace', path: '', value: { n: 1 } }], [{ op: 'replace', path: '/n', value: 2 }]]
  app.juggler.onConnection(({ state, request }) => { if (request.url.includes('early')) set(state) })
  const early = await connectPeer(t, `${origin}/ws?early`)
  const late = await connectPeer(t, `${origin}/ws`)
  set([...app.juggler.connections].at(-1)!.state)
  for (const diff of steps) {
    t.same(await early.next(), { type: 'state', diff })
    t.same(await late.next(), { type: 'state', diff })
  }
})

t.test('a client of this package that comes back to an untouched state of its own is not stale', async (t) => {
  const { app, origin } = await startApp(t, { juggler: { autoflushDelay: 10 } })
  let number = 0
  app.juggler.onConnection(({ state }) => { if (number++ === 0) state.set('', { a: 1 }) })
  const client = await connect(`${origin}/ws`, { reconnect: { minDelay: 1, maxDelay: 20 } })
  t.teardown(() => client.close())
  if (client.state.data === null) await new Promise<void>((resolve) => { const end = client.state.onChange(() => { end(); resolve() }) })
  const lost = new Promise<void>((resolve) => client.onStatus((status) => { if (status === 'reconnecting') resolve() }))
  const current = new Promise<void>((resolve) => client.state.onChange(() => { if (!client.stale && client.state.data === null) resolve() }))
  for (const connection of app.juggler.connections) connection.close(4408, 'gone')
  await lost
  t.ok(client.stale)
  await current
  t.notOk(client.stale)
})
