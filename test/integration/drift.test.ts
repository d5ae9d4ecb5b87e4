/** The server tells clients that may come back what their state has to be. */
import t from 'tap'
import { createState } from '../../lib/index.ts'
import { connect } from '../../lib/client/index.ts'
import { digest } from '../../lib/json/digest.ts'
import type { JsonValue } from '../../types/json.ts'
import type { State } from '../../types/state.ts'
import { startApp } from '../helpers/app.ts'
import { connectPeer } from '../helpers/peer.ts'
import type { Peer } from '../helpers/peer.ts'

const placed = '?announce=1&epoch=&revision='

const next = async (peer: Peer): Promise<Record<string, unknown>> => await peer.next() as unknown as Record<string, unknown>

t.test('with a message of the state, to who names a place; others get what they always got', async (t) => {
  const state = createState<JsonValue>({ a: 1, b: [2] })
  const { origin } = await startApp(t, { juggler: { state: state as State, autoflushDelay: 0, checkInterval: 0 } })
  const peer = await connectPeer(t, `${origin}/ws${placed}`)
  const other = await connectPeer(t, `${origin}/ws`)
  await next(peer)
  await next(other)
  state.set('/a', 2)
  t.same(JSON.parse(await peer.nextText()), {
    type: 'state', diff: [{ op: 'replace', path: '/a', value: 2 }], revision: 1, check: ['', digest({ a: 2, b: [2] })]
  })
  t.equal(await other.nextText(), '{"type":"state","diff":[{"op":"replace","path":"/a","value":2}]}')
  state.set('/a', 3)
  state.set('/a', 4)
  t.equal((await next(peer))['check'], undefined, 'the state is one change further already')
  t.same((await next(peer))['check'], ['', digest({ a: 4, b: [2] })])
})

t.test('by default every half minute, and with what is new for who comes back', async (t) => {
  const state = createState<JsonValue>({ a: 1, b: 'x'.repeat(2000) })
  const { origin } = await startApp(t, { juggler: { state: state as State, autoflushDelay: 0 } })
  const peer = await connectPeer(t, `${origin}/ws${placed}`)
  const { epoch, revision } = await next(peer)
  state.set('/a', 2)
  t.equal((await next(peer))['check'], undefined)
  const query = `?announce=1&epoch=${epoch as string}&revision=`
  const back = await connectPeer(t, `${origin}/ws${query}${revision as number}`)
  t.match(await next(back), { since: 0, check: ['', digest(state.data as JsonValue)] })
  const upToDate = await connectPeer(t, `${origin}/ws${query}1`)
  t.match(await next(upToDate), { diff: [], since: 1, check: ['', digest(state.data as JsonValue)] })
})

t.test('null switches them off', async (t) => {
  const state = createState<JsonValue>({ a: 1, b: 'x'.repeat(2000) })
  const { origin } = await startApp(t, { juggler: { state: state as State, autoflushDelay: 0, checkInterval: null } })
  const peer = await connectPeer(t, `${origin}/ws${placed}`)
  const { epoch } = await next(peer)
  state.set('/a', 2)
  t.equal((await next(peer))['check'], undefined)
  const back = await connectPeer(t, `${origin}/ws?announce=1&epoch=${epoch as string}&revision=0`)
  t.match(await next(back), { since: 0, check: undefined })
})

t.test('a client of this package is found right, whatever is written', async (t) => {
  const state = createState<Record<string, JsonValue>>(Object.fromEntries(Array.from({ length: 8000 }, (_, i) => [`k${i}`, { i, list: [i] }])))
  const { origin } = await startApp(t, { juggler: { state: state as unknown as State, autoflushDelay: 0, checkInterval: 0 } })
  const errors: unknown[] = []
  const client = await connect<Record<string, JsonValue>>(`${origin}/ws`, { onError: (error) => errors.push(error) })
  t.teardown(() => client.close())
  await client.ready
  for (let i = 0; i < 60; i++) {
    state.update((draft) => {
      draft[`k${i}`] = i % 3 === 0 ? null : { i: -i, list: [i, { deep: [i] }] }
      delete draft[`k${8000 - 1 - i}`]
    })
    while (client.state.revision < i + 2) await new Promise(setImmediate)
  }
  t.same(errors, [])
  t.equal(client.status, 'open')
  t.same(client.state.data, state.data)
})

t.test('the server says in its log that a state had drifted, and counts it', async (t) => {
  const state = createState<JsonValue>({ a: 1 })
  const warnings: unknown[] = []
  const stream = { write: (line: string) => { warnings.push(JSON.parse(line)) } }
  const { app, origin } = await startApp(t, { juggler: { state: state as State }, fastify: { logger: { level: 'warn', stream } } })
  const peer = await connectPeer(t, `${origin}/ws${placed}`)
  await next(peer)
  peer.ws.close(4409, 'state drifted')
  while (app.juggler.connections.size > 0) await new Promise(setImmediate)
  t.match(warnings, [{ code: 4409, msg: "a client's state was not the server's: it takes the whole" }])
  t.equal(app.juggler.stats().connections.closed[4409], 1)
})

t.test('a wrong interval is refused', async (t) => {
  for (const checkInterval of [-1, 1.5, '1', Infinity]) {
    await t.rejects(startApp(t, { juggler: { checkInterval: checkInterval as number } }), { code: 'FST_JUGGLER_OPTION_INVALID' })
  }
})
