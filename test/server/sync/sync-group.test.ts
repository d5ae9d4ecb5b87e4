import fc from '../../helpers/fast-check.ts'
import { mock } from 'node:test'
import t from 'tap'
import { Places } from '../../../lib/server/sync/places.ts'
import { wholeMessage } from '../../../lib/server/sync/state-messages.ts'
import { SyncGroup } from '../../../lib/server/sync/sync-group.ts'
import { createState } from '../../../lib/state/state.ts'
import type { Store } from '../../../lib/state/store/store.ts'
import type { JsonValue } from '../../../types/json.ts'
import type { State } from '../../../types/state.ts'
import { edit, json, make } from '../../helpers/edits.ts'
import { canonical, FakeClient } from '../../helpers/server/fake-client.ts'

// Time is the subject of a window, so the clock is a fake one.
mock.timers.enable({ apis: ['setTimeout'] })
const tick = (ms: number) => mock.timers.tick(ms)
const turn = () => Promise.resolve()

const groupOf = (state: State<JsonValue>, delay: number | null, leading = false) => new SyncGroup(state as unknown as Store, state, delay, leading)
const join = (group: SyncGroup, announceNull = false): FakeClient => {
  const client = new FakeClient()
  group.join(client, announceNull)
  return client
}

t.test('one window, one diff, one frame for all', async (t) => {
  const state = createState<JsonValue>({ a: 1, b: 1 })
  const group = groupOf(state, 200)
  const clients = [join(group), join(group), join(group)]
  tick(199)
  t.equal(clients[0]!.frames.length, 0)
  tick(1)
  t.same(clients.map(({ diffs }) => diffs), [[[{ op: 'replace', path: '', value: { a: 1, b: 1 } }]], [[{ op: 'replace', path: '', value: { a: 1, b: 1 } }]], [[{ op: 'replace', path: '', value: { a: 1, b: 1 } }]]])
  t.equal(clients[0]!.frames[0], clients[2]!.frames[0], 'the whole is one frame')
  state.set('/a', 2)
  tick(150)
  state.set('/b', 2)
  tick(49)
  t.equal(clients[0]!.frames.length, 1, 'a later change does not restart the window')
  tick(1)
  t.same(clients[0]!.diffs[1], [{ op: 'replace', path: '/a', value: 2 }, { op: 'replace', path: '/b', value: 2 }])
  t.equal(clients[0]!.frames[1], clients[2]!.frames[1], 'the diff is one frame')
  tick(1000)
  t.equal(clients[0]!.frames.length, 2)
})

t.test('with a leading edge the first change after a quiet window goes at the end of its turn', async (t) => {
  const state = createState<JsonValue>({ n: 0, m: 0 })
  const group = groupOf(state, 200, true)
  const clients = [join(group), join(group)]
  await turn()
  tick(200)
  const sent = () => clients[0]!.diffs.slice(1).map((diff) => diff.map((op) => 'value' in op && op.value))
  state.set('/n', 1)
  state.set('/m', 1)
  t.same(sent(), [], 'not within the turn')
  await turn()
  t.same(sent(), [[1, 1]])
  t.equal(clients[0]!.frames[1], clients[1]!.frames[1], 'one frame for all')
  tick(50)
  state.set('/n', 2)
  await turn()
  tick(100)
  state.set('/n', 3)
  await turn()
  tick(49)
  t.same(sent(), [[1, 1]], 'what follows waits for the end of the window')
  tick(1)
  t.same(sent(), [[1, 1], [3]])
  state.set('/n', 4)
  await turn()
  tick(199)
  t.same(sent(), [[1, 1], [3]], 'a window after one that had to send something')
  tick(1)
  t.same(sent(), [[1, 1], [3], [4]])
  tick(200)
  state.set('/n', 5)
  await turn()
  t.same(sent(), [[1, 1], [3], [4], [5]], 'it was quiet again')
  for (let i = 6; i <= 1000; i++) {
    state.set('/n', i)
    await turn()
    tick(1)
  }
  t.ok(clients[0]!.frames.length <= 5 + 6, 'a flood is a message a window')
  tick(200)
  for (const client of clients) t.same(client.value, { n: 1000, m: 1 })
})

t.test('with a leading edge, who is slow, joins or leaves in a window is served at its end', async (t) => {
  const state = createState<JsonValue>({ n: 0, text: 'so long that a patch is shorter' })
  const group = groupOf(state, 200, true)
  const [one, slow] = [join(group), join(group)]
  await turn()
  tick(200)
  slow.writable = false
  state.set('/n', 1)
  await turn()
  slow.writable = true
  group.drained(slow)
  const late = join(group)
  await turn()
  tick(200)
  for (const client of [one, slow, late]) t.equal((client.value as { n: number }).n, 1)
  for (const client of [one, slow, late]) group.leave(client)
  const again = join(group)
  await turn()
  t.equal((again.value as { n: number }).n, 1, 'a window of nobody is over')
})

t.test('the first state of a new connection goes at the end of the turn, once a window', async (t) => {
  const state = createState<JsonValue>({ n: 0 })
  const group = groupOf(state, 200)
  const clients = [join(group), join(group)]
  state.set('/n', 1)
  t.equal(clients[0]!.frames.length, 0, 'not within the turn')
  await turn()
  t.same(clients.map(({ value }) => value), [{ n: 1 }, { n: 1 }])
  t.equal(clients[0]!.frames[0], clients[1]!.frames[0])
  const next = join(group)
  await turn()
  t.same(next.value, { n: 1 }, 'nothing was pending, so that the window was over')

  state.set('/n', 2)
  const first = join(group)
  await turn()
  t.same(first.value, { n: 2 })
  t.same(next.value, { n: 1 }, 'the others wait for the window')
  const second = join(group)
  await turn()
  t.equal(second.value, null, 'it would take another text of the whole')
  state.set('/n', 3)
  tick(200)
  for (const client of [...clients, next, first, second]) t.same(client.value, { n: 3 })
  t.equal(second.frames.length, 1)
  state.set('/n', 4)
  const third = join(group)
  await turn()
  t.same(third.value, { n: 4 }, 'a new window, a new chance')
})

t.test('who cannot take the first state at the end of the turn gets it with the window', async (t) => {
  const state = createState<JsonValue>({ n: 0 })
  const group = groupOf(state, 200)
  const client = join(group)
  client.writable = false
  await turn()
  client.writable = true
  group.drained(client)
  t.equal(client.frames.length, 0)
  tick(200)
  t.same(client.value, { n: 0 })
})

t.test('a state that is null when a client comes keeps the window, and without a delay the first waits for a flush', async (t) => {
  for (const [initial, delay] of [[null, 200], [{ n: 0 }, null]] as const) {
    const state = createState<JsonValue>(initial)
    const group = groupOf(state, delay)
    const client = join(group)
    state.set('', { n: 1 })
    await turn()
    t.equal(client.frames.length, 0)
    if (delay === null) await group.flush(client)
    else tick(200)
    t.same(client.value, { n: 1 })
  }
})

t.test('there and back within a window sends nothing', async (t) => {
  const state = createState<JsonValue>({ a: 1 })
  const group = groupOf(state, 200)
  const client = join(group)
  tick(200)
  state.set('/a', 2)
  state.set('/a', 1)
  tick(200)
  t.equal(client.frames.length, 1)
  state.set('/a', 3)
  tick(200)
  t.same(client.value, { a: 3 })
})

t.test('null is not sent, unless asked for; any other value is', async (t) => {
  const state = createState<JsonValue>(null)
  const group = groupOf(state, 200)
  const silent = join(group)
  const asking = join(group, true)
  tick(200)
  t.same(silent.diffs, [])
  t.same(asking.diffs, [[]])
  state.set('', 0)
  tick(200)
  state.set('', null)
  tick(200)
  t.same(silent.diffs, [[{ op: 'replace', path: '', value: 0 }], [{ op: 'replace', path: '', value: null }]])
})

t.test('delay 0: every change by itself, in order, at the end of the turn', async (t) => {
  const state = createState<JsonValue>({ n: 0 })
  const group = groupOf(state, 0)
  const client = join(group)
  await turn()
  t.same(client.value, { n: 0 })
  state.set('/n', 1)
  state.set('/n', 2)
  state.set('/n', 2)
  t.equal(client.frames.length, 1, 'not within the turn')
  await turn()
  t.same(client.diffs.slice(1), [[{ op: 'replace', path: '/n', value: 1 }], [{ op: 'replace', path: '/n', value: 2 }]])
  state.set('/n', 3)
  state.set('/n', 4)
  const flushed = group.flush(client)
  t.same(client.value, { n: 4 }, 'a flush sends all of them')
  await flushed
})

t.test('delay 0: who comes while the state is null has every step from then on', async (t) => {
  const state = createState<JsonValue>(null)
  const group = groupOf(state, 0)
  const [silent, asking] = [join(group), join(group, true)] as const
  state.set('', { n: 1 })
  state.set('/n', 2)
  await turn()
  const steps = [[{ op: 'replace', path: '', value: { n: 1 } }], [{ op: 'replace', path: '/n', value: 2 }]]
  t.same(silent.diffs, steps)
  t.same(asking.diffs, [[], ...steps])
})

t.test('no delay: only a flush sends, and only to its connection', async (t) => {
  const state = createState<JsonValue>({ n: 0 })
  const group = groupOf(state, null)
  const one = join(group)
  const other = join(group)
  state.set('/n', 1)
  tick(10000)
  t.same([one.frames.length, other.frames.length], [0, 0])
  await group.flush(one)
  t.same(one.value, { n: 1 })
  t.equal(other.value, null)
  state.set('/n', 2)
  await group.flush(other)
  state.set('/n', 3)
  await group.flush(one)
  t.same(one.diffs.slice(1), [[{ op: 'replace', path: '/n', value: 3 }]])
  t.same(other.value, { n: 2 })
  await group.flush(other)
  t.same(other.value, { n: 3 })
})

t.test('a flush ends the window; the next change starts a whole new one', async (t) => {
  const state = createState<JsonValue>({ n: 0 })
  const group = groupOf(state, 200)
  const client = join(group)
  await group.flush(client)
  t.equal(client.frames.length, 1)
  await group.flush(client)
  t.equal(client.frames.length, 1, 'with nothing pending it sends nothing')
  state.set('/n', 1)
  tick(150)
  await group.flush(client)
  t.equal(client.frames.length, 2)
  state.set('/n', 2)
  tick(199)
  t.equal(client.frames.length, 2)
  tick(1)
  t.equal(client.frames.length, 3)
})

t.test('a flush of one within a shared window leaves the others to the window', async (t) => {
  const state = createState<JsonValue>({ n: 0, m: 0 })
  const group = groupOf(state, 200)
  const [one, other] = [join(group), join(group)] as const
  tick(200)
  state.set('/n', 1)
  await group.flush(one)
  t.same(one.value, { n: 1, m: 0 })
  t.same(other.value, { n: 0, m: 0 })
  state.set('/m', 1)
  tick(200)
  t.same(one.diffs[2], [{ op: 'replace', path: '/m', value: 1 }])
  t.same(other.diffs[1], [{ op: 'replace', path: '/n', value: 1 }, { op: 'replace', path: '/m', value: 1 }])
  state.set('/m', 2)
  tick(200)
  t.equal(one.frames[3], other.frames[2], 'then they share frames again')
})

t.test('a slow client gets one message to the newest state when it drains', async (t) => {
  const state = createState<JsonValue>({ n: 0, list: [1] })
  const group = groupOf(state, 200)
  const [slow, fast] = [join(group), join(group)] as const
  tick(200)
  slow.writable = false
  for (let n = 1; n <= 50; n++) {
    state.set('/n', n)
    state.set('/list/-', n)
    tick(200)
  }
  t.equal(fast.frames.length, 51)
  t.equal(slow.frames.length, 1)
  const flushed = group.flush(slow)
  slow.writable = true
  group.drained(slow)
  await flushed
  t.equal(slow.frames.length, 2)
  t.same(slow.value, fast.value)
  state.set('/n', 99)
  tick(200)
  t.equal(slow.frames[2], fast.frames[51])
})

t.test('a slow client that missed more than the state is worth gets the whole', async (t) => {
  const state = createState<JsonValue>({})
  const group = groupOf(state, 200)
  const [slow, fast] = [join(group), join(group)] as const
  tick(200)
  slow.writable = false
  for (let n = 0; n < 40; n++) {
    for (let i = 0; i < 50; i++) state.set(`/k${n * 50 + i}`, 1)
    tick(200)
  }
  slow.writable = true
  group.drained(slow)
  t.same(slow.diffs[1]!.map(({ op, path }) => ({ op, path })), [{ op: 'replace', path: '' }])
  t.same(slow.value, fast.value)
  state.set('/k1', 2)
  tick(200)
  t.same(slow.value, fast.value)
})

t.test('a flush of all ends the window: one message for those at one base, and nothing at its end', async (t) => {
  for (const delay of [200, null]) {
    const state = createState<JsonValue>({ n: 0 })
    const group = groupOf(state, delay)
    const [one, other] = [join(group), join(group)] as const
    await group.flushAll()
    state.set('/n', 1)
    await group.flushAll()
    t.same([one.value, other.value], [{ n: 1 }, { n: 1 }], String(delay))
    t.equal(one.frames[1], other.frames[1])
    tick(1000)
    t.equal(one.frames.length, 2)
  }
})

t.test('a flush of all at delay 0 sends every step', async (t) => {
  const state = createState<JsonValue>({ n: 0 })
  const group = groupOf(state, 0)
  const client = join(group)
  await turn()
  state.set('/n', 1)
  state.set('/n', 2)
  const flushed = group.flushAll()
  t.same(client.diffs.slice(1).map(([operation]) => (operation as { value?: unknown }).value), [1, 2])
  await flushed
})

t.test('a flush of all waits for who cannot take it yet, and not for who leaves', async (t) => {
  const state = createState<JsonValue>({ n: 0 })
  const group = groupOf(state, 200)
  const [fast, slow, leaving] = [join(group), join(group), join(group)] as const
  await group.flushAll()
  slow.writable = leaving.writable = false
  await group.flushAll()
  t.pass('nothing is owed to anybody')
  state.set('/n', 1)
  let done = false
  const flushed = group.flushAll().then(() => { done = true })
  t.same(fast.value, { n: 1 }, 'it holds nobody up')
  group.leave(leaving)
  for (let i = 0; i < 10; i++) await turn()
  t.notOk(done)
  slow.writable = true
  group.drained(slow)
  await flushed
  t.same(slow.value, { n: 1 })
})

t.test('what is said behind the state: a subscriber is brought to now, or it is known that it is not', async (t) => {
  const state = createState<JsonValue>({ n: 0 })
  const group = groupOf(state, 200)
  const [one, other] = [join(group), join(group)] as const
  t.ok(group.bring(one))
  t.same(one.value, { n: 0 })
  t.equal(other.value, null)
  state.set('/n', 1)
  await group.flushAll()
  const sent = one.frames.length
  t.ok(group.bring(one))
  t.equal(one.frames.length, sent, 'who has everything is sent nothing')
  one.writable = false
  t.ok(group.bring(one), 'nor need who has everything be writable')
  state.set('/n', 2)
  t.notOk(group.bring(one))
  one.writable = true
  t.ok(group.bring(one))
  t.same(one.value, { n: 2 })
  group.leave(one)
  t.notOk(group.bring(one))
})

t.test('who falls behind in one group does not make another forget what its own laggards missed', async (t) => {
  const wide = 'x'.repeat(1000)
  const state = createState<JsonValue>({ x: 0, y: 0, wide })
  const [groupA, groupB] = [groupOf(state, null), groupOf(state, null)]
  const one = join(groupA)
  await groupA.flush(one)
  state.set('/x', 1)
  // Nobody was there, so that nothing was recorded: its base is now, not where the group was made.
  const other = join(groupB)
  join(groupB)
  await groupB.flush(other)
  state.set('/y', 1)
  one.writable = other.writable = false
  const flushes = [groupB.flushAll(), groupA.flushAll()]
  for (const [group, client] of [[groupA, one], [groupB, other]] as const) {
    client.writable = true
    group.drained(client)
  }
  await Promise.all(flushes)
  t.same([one.value, other.value], [{ x: 1, y: 1, wide }, { x: 1, y: 1, wide }])
})

t.test('flushes of who leaves reject', async (t) => {
  const state = createState<JsonValue>({ n: 0 })
  const group = groupOf(state, 200)
  const client = join(group)
  client.writable = false
  const flushes = [group.flush(client), group.flush(client)]
  group.leave(client)
  for (const flush of flushes) await t.rejects(flush, { code: 'JUGGLER_CONNECTION_CLOSED' })
  await t.rejects(group.flush(client), { code: 'JUGGLER_CONNECTION_CLOSED' })
  t.equal(group.size, 0)
  state.set('/n', 1)
  tick(1000)
  t.same(client.frames, [])
})

t.test('with nobody there a change costs nothing and keeps nothing', async (t) => {
  const state = createState<JsonValue>({ n: 0 })
  const store = state as unknown as Store
  const group = groupOf(state, 200)
  const client = join(group)
  t.equal(store.tree.recorders.length, 0, 'nobody has a base yet')
  tick(200)
  t.equal(store.tree.recorders.length, 1)
  group.leave(client)
  t.equal(store.tree.recorders.length, 0)
})

t.test('a state that cannot be made into a message ends its connections, and nothing else', async (t) => {
  for (const delay of [200, 0, null]) {
    const state = createState<JsonValue>({ n: 0 })
    const group = groupOf(state, delay)
    const clients = [join(group), join(group)]
    tick(200)
    await turn()
    if (delay === null) await Promise.all(clients.map((client) => group.flush(client)))
    // What V8 throws when the text would be longer than a string may be; half a gigabyte is more than a test should make.
    const store = state as unknown as Store
    store.commit((tree) => {
      tree.write(['big'], { toJSON () { throw new RangeError('Invalid string length') } } as unknown as JsonValue)
      return true
    })
    const flush = delay === null ? group.flush(clients[0]!) : undefined
    tick(200)
    await turn()
    if (flush !== undefined) await t.rejects(flush, { code: 'JUGGLER_CONNECTION_CLOSED' })
    t.same(clients.map(({ failure }) => (failure as Error | undefined)?.message), ['Invalid string length', 'Invalid string length'], String(delay))
    t.equal(group.size, 0)
    state.set('/n', 1)
    t.equal(store.tree.recorders.length, 0)
  }
})

t.test('whatever happens in whatever order, every client ends at the state', async (t) => {
  const event = fc.oneof(
    { weight: 6, arbitrary: fc.record({ type: fc.constant('edit' as const), edit }) },
    { weight: 5, arbitrary: fc.record({ type: fc.constantFrom('join', 'leave', 'stall', 'drain', 'flush', 'time', 'turn'), who: fc.nat(9) }) }
  )
  await fc.assert(fc.asyncProperty(json, fc.constantFrom(200, 0, null), fc.array(event, { minLength: 1, maxLength: 30 }), async (initial, delay, events) => {
    const state = createState<JsonValue>(initial)
    const group = groupOf(state, delay)
    const clients: FakeClient[] = [join(group)]
    const flushes: Array<Promise<unknown>> = []
    for (const event of events) {
      if (event.type === 'edit') {
        make(state, event.edit)
        continue
      }
      const client = clients[event.who % clients.length]
      if (event.type === 'join') clients.push(join(group))
      else if (event.type === 'time') tick(200)
      else if (event.type === 'turn') await turn()
      else if (client === undefined) continue
      else if (event.type === 'leave') {
        group.leave(client)
        clients.splice(clients.indexOf(client), 1)
      } else if (event.type === 'stall') client.writable = false
      else if (event.type === 'flush') flushes.push(group.flush(client).catch(() => {}))
      else {
        client.writable = true
        group.drained(client)
      }
    }
    for (const client of clients) {
      client.writable = true
      group.drained(client)
    }
    tick(200)
    await turn()
    if (delay === null) for (const client of clients) flushes.push(group.flush(client))
    await Promise.all(flushes)
    const expected = canonical(JSON.parse(state.stringify()) as JsonValue)
    for (const client of clients) {
      if (canonical(client.value) !== expected) throw new Error(`${canonical(client.value)} is not ${expected}`)
      group.leave(client)
    }
    if ((state as unknown as Store).tree.recorders.length > 0) throw new Error('something still records')
  }), { numRuns: 3000 })
  t.pass('held')
})

t.test('the message of the whole, which may be as large as the state, is let go when the last member leaves', async (t) => {
  const state = createState<JsonValue>({ a: 1 })
  const store = state as unknown as Store
  const group = groupOf(state, 200)
  const [client, other] = [join(group), join(group)]
  tick(200)
  const message = wholeMessage(store)
  group.leave(other)
  t.equal(wholeMessage(store), message, 'others may still come')
  group.leave(client)
  t.not(wholeMessage(store), message)
})

t.test('many who come back at many revisions within one window do not make a base each', async (t) => {
  const state = createState<Record<string, number>>(Object.fromEntries(Array.from({ length: 2000 }, (_, i) => [`p${i}`, i])))
  const group = groupOf(state as State<JsonValue>, 200)
  const there = join(group)
  await turn()
  Places.of(state as unknown as Store).add(1000)
  const back: FakeClient[] = []
  for (let i = 0; i < 100; i++) {
    state.set([`p${i}`], -1)
    const client = new FakeClient()
    client.value = structuredClone(state.data)
    group.join(client, true, state.revision)
    back.push(client)
    await turn()
  }
  tick(200)
  const messages = new Set([there, ...back].map(({ frames }) => frames.at(-1)))
  t.ok(messages.size < 40, `${messages.size} messages`)
  for (const client of [there, ...back]) t.equal(canonical(client.value), canonical(state.data))
  group.leave(there)
  for (const client of back) group.leave(client)
})
