import t from 'tap'
import { SyncGroup } from '../../../lib/server/sync/sync-group.ts'
import { createState } from '../../../lib/state/state.ts'
import type { Store } from '../../../lib/state/store/store.ts'
import type { JsonValue } from '../../../types/json.ts'
import { edit, equalJson, make } from '../../helpers/edits.ts'
import type { Edit } from '../../helpers/edits.ts'
import fc from '../../helpers/fast-check.ts'
import { FakeClient } from '../../helpers/server/fake-client.ts'

const storeOf = (state: unknown) => state as Store
const turn = () => new Promise<void>((resolve) => { setImmediate(resolve) })
const text = 'so long that a patch is shorter than the whole'

t.test('readers at many bases share their messages, and in step they are sent exact diffs again', async (t) => {
  const state = createState<JsonValue>({ a: 0, b: 0, list: [1, 2, 3], text })
  const group = new SyncGroup(storeOf(state), state, 0)
  const clients = Array.from({ length: 40 }, () => new FakeClient())
  for (const client of clients) group.join(client)
  await turn()
  // Each stops reading one change after the one before.
  for (const [i, client] of clients.entries()) {
    client.writable = false
    state.set('/a', i + 1)
    await turn()
  }
  state.set('/list/0', 'x')
  await turn()
  const before = clients.map((client) => client.frames.length)
  for (const client of clients) {
    client.writable = true
    group.drained(client)
  }
  for (const client of clients) t.same(client.value, { a: 40, b: 0, list: ['x', 2, 3], text })
  t.same(clients.map((client) => client.frames.length), before.map((n) => n + 1))
  t.ok(new Set(clients.map((client) => client.frames.at(-1))).size <= 12, 'few messages for forty bases')
  t.equal(storeOf(state).tree.touches, undefined, 'nobody needs touched places any more')
  state.patch([{ op: 'remove', path: '/list/0' }])
  await turn()
  for (const client of clients) t.same(client.diffs.at(-1), [{ op: 'remove', path: '/list/0' }])
})

t.test('who missed more than the state is long gets the state, and what is kept for it stays bounded', async (t) => {
  const state = createState<JsonValue>({ n: 0 })
  const group = new SyncGroup(storeOf(state), state, 0)
  const [slow, fast] = [new FakeClient(), new FakeClient()]
  for (const client of [slow, fast]) group.join(client)
  await turn()
  slow.writable = false
  for (let i = 0; i < 5000; i++) {
    state.set(`/gone${i}`, 'a value')
    if (i % 500 === 0) await turn()
  }
  for (let i = 0; i < 5000; i++) state.remove(`/gone${i}`)
  await turn()
  t.ok(storeOf(state).tree.touches!.size <= 1024)
  slow.writable = true
  group.drained(slow)
  t.same(slow.diffs.at(-1), [{ op: 'replace', path: '', value: { n: 0 } }])
  t.same(fast.value, { n: 0 })
})

t.test('a patch that is refused leaves no trace in the steps of delay 0', async (t) => {
  const state = createState<JsonValue>({ a: 1, text })
  const group = new SyncGroup(storeOf(state), state, 0)
  const [one, other] = [new FakeClient(), new FakeClient()]
  for (const client of [one, other]) group.join(client)
  await turn()
  t.throws(() => state.patch([{ op: 'remove', path: '/a' }, { op: 'remove', path: '/missing' }]))
  await group.flush(one)
  state.set('/a', 2)
  state.set('', null)
  await turn()
  const steps = [[{ op: 'replace', path: '/a', value: 2 }], [{ op: 'replace', path: '', value: null }]]
  for (const client of [one, other]) t.same(client.diffs.slice(1), steps)
})

type Step =
  | { do: 'edit', edits: Edit[] }
  | { do: 'toggle' | 'flush' | 'leave', client: number }
  | { do: 'join', group: number }

const which = fc.nat(7)
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('edit' as const), edits: fc.array(edit, { minLength: 1, maxLength: 3 }) }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('toggle' as const), client: which }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('flush' as const), client: which }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('leave' as const), client: which }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('join' as const), group: fc.nat(2) }) }
)

t.test('whatever is changed and whoever stops reading, who reads again comes to the state', async (t) => {
  let behind = 0
  await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 40, size: 'max' }), async (steps) => {
    const state = createState<JsonValue>({ a: { b: [1, { c: 2 }] }, '-': 1 })
    const store = storeOf(state)
    // Groups of one state keep touched places together.
    const groups = [new SyncGroup(store, state, 0), new SyncGroup(store, state, 0), new SyncGroup(store, state, null)]
    const clients = [0, 0, 1, 1, 2].map((i) => ({ client: new FakeClient(), group: groups[i]! }))
    for (const { client, group } of clients) group.join(client)
    await turn()
    for (const step of steps) {
      if (step.do === 'edit') {
        for (const each of step.edits) make(state, each)
      } else if (step.do === 'join') {
        if (clients.length < 8) {
          const group = groups[step.group]!
          const client = new FakeClient()
          clients.push({ client, group })
          group.join(client)
        }
      } else {
        const place = clients[step.client]
        if (place === undefined) continue
        const { client, group } = place
        if (step.do === 'toggle') {
          client.writable = !client.writable
          if (client.writable) group.drained(client)
        } else if (step.do === 'flush') {
          void group.flush(client).catch(() => {})
        } else {
          group.leave(client)
          clients.splice(step.client, 1)
        }
      }
      if (store.tree.touches !== undefined) behind++
      if (step.do === 'edit' && step.edits.length < 3) await Promise.resolve()
    }
    for (const { client, group } of clients) {
      if (!client.writable) {
        client.writable = true
        group.drained(client)
      }
      await group.flush(client)
    }
    await turn()
    const now = JSON.parse(state.stringify()) as JsonValue
    for (const { client } of clients) {
      if (!equalJson(client.value, now)) throw new Error(JSON.stringify({ client: client.value, now, diffs: client.diffs }))
    }
    if (store.tree.touches !== undefined) throw new Error('touched places are kept for nobody')
    for (const { client, group } of clients) group.leave(client)
  }), { numRuns: Number(process.env['JUGGLER_RUNS'] ?? 300) })
  t.ok(behind > 1000, `${behind} steps with somebody behind`)
})
