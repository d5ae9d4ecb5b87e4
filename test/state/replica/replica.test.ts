import fc from '../../helpers/fast-check.ts'
import t from 'tap'
import { createReplica } from '../../../lib/state/replica/replica.ts'
import type { Replica } from '../../../lib/state/replica/replica.ts'
import { createState } from '../../../lib/state/state.ts'
import type { JsonValue, Patch } from '../../../types/json.ts'
import { edit, equalJson, json, make, places, pointer } from '../../helpers/edits.ts'
import { testReplace } from '../../helpers/replacing.ts'
import { applyStrictly } from '../../helpers/strict-apply.ts'

/** What `value` is handed over, so the replica may change it. */
function replicaOf (value: JsonValue): Replica {
  const replica = createReplica((error) => { throw error })
  replica.follow([{ op: 'replace', path: '', value }])
  return replica
}

t.test('a store fed with another one\'s patches ends equal to it', async (t) => {
  fc.assert(fc.property(json, fc.array(edit, { minLength: 1, maxLength: 10 }), (initial, edits) => {
    const state = createState<JsonValue>(initial)
    const fed = replicaOf(JSON.parse(JSON.stringify(initial)) as JsonValue)
    state.onChange(({ patch }) => fed.follow(JSON.parse(JSON.stringify(patch)) as unknown[]))
    for (const one of edits) {
      const before = fed.state.data
      const text = JSON.stringify(before)
      make(state, one)
      if (JSON.stringify(before) !== text) throw new Error('a snapshot changed')
    }
    if (!equalJson(fed.state.data as JsonValue, state.data as JsonValue)) throw new Error('they differ')
  }), { numRuns: 2000 })
  t.pass('held')
})

t.test('replacing the whole ends equal and keeps what is equal', async (t) => testReplace(t, (value) => {
  const { state, follow } = replicaOf(value)
  return { state, replace: (value) => follow([{ op: 'replace', path: '', value }]) }
}))

t.test('who may only read has nothing to write with', async (t) => {
  const { state } = replicaOf({ a: 1 })
  for (const name of ['follow', 'replace', 'set', 'commit', 'edit']) t.notOk(name in state, name)
})

t.test('what is not touched keeps its identity', async (t) => {
  const store = replicaOf({ a: { b: { c: 1 } }, list: [{ n: 1 }, { n: 2 }, { n: 3 }] })
  const b = store.state.get('/a/b')
  const [, second, third] = store.state.get('/list') as readonly unknown[]
  store.follow([{ op: 'replace', path: '/list/0/n', value: 5 }])
  t.equal(store.state.get('/a/b'), b)
  t.equal(store.state.get('/list/1'), second)
  store.follow([{ op: 'remove', path: '/list/0' }])
  t.equal(store.state.get('/list/1'), third)
  store.follow([{ op: 'replace', path: '/a/b/c', value: 2 }])
  t.not(store.state.get('/a/b'), b)
  t.same(b, { c: 1 })
})

t.test('a patch that does not apply leaves everything as it was', async (t) => {
  const store = replicaOf({ list: [1, 2, 3], o: { a: 1 } })
  const before = store.state.data
  const { revision } = store.state
  let calls = 0
  store.state.onChange(() => { calls++ })
  const bad: unknown[][] = [
    [{ op: 'remove', path: '/list/0' }, { op: 'add', path: '/list/9', value: 1 }],
    [{ op: 'replace', path: '/o/a', value: 2 }, { op: 'test', path: '/o/a', value: 3 }],
    [{ op: 'add', path: '/o/b', value: 1 }, { op: 'move', from: '/o', path: '/o/x' }],
    [{ op: 'replace', path: '', value: 1 }, { op: 'replace', path: '/gone', value: 1 }],
    [{ op: 'add', path: '/__proto__', value: 1 }],
    [{ op: 'add', path: '/__proto__/polluted', value: 1 }],
    [{ op: 'add', path: '/constructor/prototype/polluted', value: 1 }],
    [{ op: 'replace', path: '/list/01', value: 1 }],
    [{ op: 'replace', path: '/list/+1', value: 1 }],
    [{ op: 'add', path: '/list/length', value: 9 }],
    [{ op: 'remove', path: '/list/-' }],
    [{ op: 'add', path: 'o', value: 1 }],
    [{ op: 'add', path: '/o/~2', value: 1 }],
    [{ op: 'add', path: '/o/b' }],
    [{ op: 'spam', path: '/o' }],
    [{ op: 'copy', path: '/o/b' }],
    [{ op: ['test'], path: '/o', value: 1 }], [{ op: ['add'], path: '/o', value: 1 }],
    [{ path: '/o' }], [{ op: 'add', path: ['/o/b'], value: 1 }], [null], ['x'], [{}]
  ]
  for (const patch of bad) {
    t.throws(() => store.follow(patch), { code: 'JUGGLER_PATCH_INVALID' }, JSON.stringify(patch))
    t.same(store.state.data, { list: [1, 2, 3], o: { a: 1 } })
  }
  t.equal(store.state.revision, revision)
  t.equal(calls, 0)
  t.equal(({} as Record<string, unknown>).polluted, undefined)
  t.same(before, { list: [1, 2, 3], o: { a: 1 } })
})

t.test('an empty patch is a change', async (t) => {
  const store = replicaOf({ a: 1 })
  const changes: unknown[] = []
  store.state.onChange('/a', () => changes.push('a'))
  store.state.onChange(({ patch }) => changes.push(patch))
  store.follow([])
  t.same(changes, [[]])
})

t.test('a change keeps what somebody holds, and copies the way to it once', async (t) => {
  const replica = replicaOf({ a: { b: { n: 1 } }, c: { n: 1 } })
  const snapshot = replica.state.data as Record<string, Record<string, unknown>>
  replica.follow([{ op: 'replace', path: '/a/b/n', value: 2 }, { op: 'add', path: '/a/x', value: 1 }])
  t.same(snapshot, { a: { b: { n: 1 } }, c: { n: 1 } })
  t.equal((replica.state.data as typeof snapshot).c, snapshot.c, 'what is beside stays shared')
  const a = replica.state.get('/a')
  replica.follow([{ op: 'replace', path: '/c/n', value: 2 }])
  t.equal(replica.state.get('/a'), a)
  t.throws(() => { (replica.state.data as Record<string, unknown>).new = 1 }, TypeError)
})

t.test('what a copy shares is not changed through either place', async (t) => {
  const replica = replicaOf({ a: { n: [1] } })
  replica.follow([{ op: 'copy', from: '/a', path: '/b' }, { op: 'add', path: '/a/n/-', value: 2 }, { op: 'replace', path: '/b/n/0', value: 5 }])
  t.same(replica.state.data, { a: { n: [1, 2] }, b: { n: [5] } })
})

t.test('a listener keeps the patch as it was', async (t) => {
  const replica = replicaOf({})
  const kept: Array<Readonly<Patch>> = []
  replica.state.onChange(({ patch }) => kept.push(patch))
  replica.follow([{ op: 'add', path: '/a', value: { list: [] } }, { op: 'add', path: '/a/list/-', value: 1 }])
  replica.follow([{ op: 'add', path: '/a/list/-', value: 2 }])
  t.same(kept[0], [{ op: 'add', path: '/a', value: { list: [] } }, { op: 'add', path: '/a/list/-', value: 1 }])
  t.throws(() => { (kept[0] as Patch).length = 0 }, TypeError)
  t.same(replica.state.data, { a: { list: [1, 2] } })
})

t.test('after a replacement only those are called who watch what differs', async (t) => {
  const replica = replicaOf({ in: { a: { x: 1 }, list: [{ n: 1 }, { n: 2 }], 'x/y': 1 } })
  const heard: unknown[] = []
  for (const path of ['', '/a', '/a/x', '/list/0', '/list/1/n', '/x~1y', '/new']) replica.state.onChange(`/in${path}`, () => heard.push(path))
  replica.state.onChange(({ patch }) => heard.push(patch.length))
  const after = { a: { x: 1 }, list: [{ n: 1 }, { n: 3 }], 'x/y': 2 }
  replica.follow([{ op: 'replace', path: '', value: { in: structuredClone(after) } }])
  t.same(heard.splice(0), ['', '/list/1/n', '/x~1y', 1])
  const { data, revision } = replica.state
  for (const [path, value] of [['', { in: after }], ['/in', after], ['/in/a', { x: 1 }], ['/in/a/x', 1]]) {
    replica.follow([{ op: 'replace', path, value: structuredClone(value) }])
    t.same(heard.splice(0), [1], 'an equal value is a change that changes nothing')
  }
  t.equal(replica.state.data, data)
  t.equal(replica.state.revision, revision + 4)
  replica.follow([{ op: 'replace', path: '/in/list', value: [{ n: 1 }, { n: 4 }] }])
  t.same(heard.splice(0), ['', '/list/1/n', 1])
})

t.test('a replaced part changes, and is told, exactly where it differs', async (t) => {
  fc.assert(fc.property(json, json, fc.array(edit, { maxLength: 3 }), fc.nat(), fc.boolean(), (initial, other, edits, pick, related) => {
    const { state, follow } = replicaOf(structuredClone(initial))
    const at = (place: string) => state.get(place) as JsonValue
    const all = places(initial).map(({ path }) => pointer(path))
    const path = all[pick % all.length]!
    const source = createState<JsonValue>(related ? at(path) : other)
    for (const one of edits) make(source, one)
    const value = JSON.parse(source.stringify()) as JsonValue
    const before = new Map(all.map((place) => [place, at(place)]))
    const told = new Set<string>()
    for (const place of all) state.onChange(place, () => told.add(place))
    follow([{ op: 'replace', path, value: structuredClone(value) }])
    if (!equalJson(at(path), value)) throw new Error('it is not what it was replaced with')
    for (const place of all) {
      // What is in a container of another kind is something else, even where it reads the same.
      const moved = all.some((above) => place.startsWith(`${above}/`) && Array.isArray(at(above)) !== Array.isArray(before.get(above)))
      if (moved) continue
      const same = equalJson(at(place), before.get(place)!)
      if (same !== (at(place) === before.get(place))) throw new Error(`${place} is another one, or changed in place`)
      if (!same && !told.has(place)) throw new Error(`${place} changed, and nobody was told`)
      // A null that goes reads like one that is there.
      if (same && told.has(place) && place !== '' && at(place) !== null) throw new Error(`${place} was told of nothing`)
    }
  }), { numRuns: 2000 })
  t.pass('held')
})

t.test('what a copy shares can be replaced, and a whole state be made with one', async (t) => {
  const replica = replicaOf({ a: { n: [1] }, b: { n: [1] } })
  const { b } = replica.state.data as Record<string, JsonValue>
  replica.follow([{ op: 'copy', from: '/a', path: '/c' }, { op: 'replace', path: '/a', value: { n: [1], m: 2 } }, { op: 'replace', path: '/c/n/0', value: 5 }])
  t.same(replica.state.data, { a: { n: [1], m: 2 }, b: { n: [1] }, c: { n: [5] } })
  t.equal(replica.state.get('/b'), b)
})

t.test('a patch that fails after parts of the old value were kept, changed and copied leaves all as it was', async (t) => {
  const replica = replicaOf({ a: { x: { n: 0 }, y: 1 } })
  replica.follow([{ op: 'replace', path: '/a/x/n', value: 1 }])
  t.throws(() => replica.follow([
    { op: 'replace', path: '/a', value: { x: { n: 1 }, y: 2 } },
    { op: 'replace', path: '/a/x/n', value: 5 },
    { op: 'copy', from: '/a', path: '/b' },
    { op: 'test', path: '', value: 0 }
  ]), { code: 'JUGGLER_PATCH_INVALID' })
  t.same(replica.state.data, { a: { x: { n: 1 }, y: 1 } })
})

/** An operation at places of a value; by the time it comes, they may be gone. */
const operation = (value: JsonValue) => {
  const place = fc.constantFrom(...places(value).map(({ path }) => pointer(path)))
  const target = fc.oneof(place, fc.tuple(place, fc.constantFrom('-', '0', '1', 'a', 'b')).map(([above, key]) => `${above}/${key}`))
  return fc.oneof(
    fc.record({ op: fc.constantFrom('add', 'replace'), path: target, value: fc.oneof(json, fc.constantFrom(...places(value).map(({ value }) => value))) }),
    fc.record({ op: fc.constant('remove'), path: place }),
    fc.record({ op: fc.constantFrom('copy', 'move'), from: place, path: target })
  )
}

/** What a call throws; undefined: nothing. */
function outcome (call: () => void): unknown {
  try {
    call()
    return undefined
  } catch (error) {
    return error
  }
}

/** As it comes over the wire: nothing in it is shared. */
const asSent = <V>(value: V): V => JSON.parse(JSON.stringify(value)) as V

t.test('any operations in a row end as another applier has them, and undone they leave all as it was', async (t) => {
  const cases = json.chain((initial) => fc.tuple(fc.constant(initial), fc.array(fc.array(operation(initial), { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 4 }), fc.array(fc.boolean(), { minLength: 4, maxLength: 4 })))
  fc.assert(fc.property(cases, ([initial, patches, reads]) => {
    const { state, follow } = replicaOf(asSent(initial))
    let expected = asSent(initial)
    const held: Array<[unknown, string]> = []
    for (const [i, patch] of patches.entries()) {
      if (reads[i]) held.push([state.data, state.stringify()])
      const check = () => { if (!equalJson(JSON.parse(state.stringify()) as JsonValue, expected)) throw new Error('they differ') }
      if (outcome(() => follow([...asSent(patch), { op: 'test', path: '/no/such/place', value: 1 }])) === undefined) throw new Error('it passed')
      check()
      const refused = outcome(() => { expected = applyStrictly(expected, patch) })
      if ((outcome(() => follow(asSent(patch))) === undefined) !== (refused === undefined)) throw new Error(`who is right? ${String(refused)}`)
      check()
    }
    for (const [value, text] of held) if (JSON.stringify(value) !== text) throw new Error('what was handed out changed')
  }), { numRuns: 2500 })
  t.pass('held')
})

t.test('what is nested too deeply to be handed out is refused, and the state is as it was', async (t) => {
  const deep = () => JSON.parse(`${'['.repeat(50_000)}${']'.repeat(50_000)}`) as JsonValue
  const replica = replicaOf({ a: 1 })
  let calls = 0
  replica.state.onChange(() => { calls++ })
  const nested = (levels: number): JsonValue => levels === 0 ? 1 : [nested(levels - 1)]
  const refused = { code: 'JUGGLER_PATCH_INVALID', message: /1000 levels/ }
  for (const value of [deep(), nested(1001)]) t.throws(() => replica.follow([{ op: 'replace', path: '', value }]), refused)
  for (const value of [deep(), nested(1000)]) t.throws(() => replica.follow([{ op: 'add', path: '/b', value }]), refused)
  t.same([replica.state.data, replica.state.revision, calls], [{ a: 1 }, 1, 0])
  replica.follow([{ op: 'add', path: '/b', value: nested(999) }])
  replica.follow([{ op: 'replace', path: '', value: nested(1000) }])
  t.doesNotThrow(() => replica.state.data)
})

t.test('any run of patches and reads, and patches that fail half way, ends where the other state is', async (t) => {
  fc.assert(fc.property(json, fc.array(fc.record({ one: edit, path: fc.constantFrom('', '/a', '/b', '/a/0', '/list/0') }), { minLength: 1, maxLength: 12 }), (initial, steps) => {
    const state = createState<JsonValue>(initial)
    const replica = replicaOf(JSON.parse(JSON.stringify(initial)) as JsonValue)
    const held: Array<[unknown, string]> = []
    state.onChange(({ patch }) => {
      const text = JSON.stringify(patch)
      const before = JSON.parse(replica.state.stringify()) as JsonValue
      try {
        replica.follow([...JSON.parse(text) as unknown[], { op: 'test', path: '/no/such/place', value: 1 }])
        throw new Error('it passed')
      } catch (error) {
        if ((error as { code?: string }).code !== 'JUGGLER_PATCH_INVALID') throw error
      }
      if (!equalJson(replica.state.data as JsonValue, before)) throw new Error('it is not as it was')
      replica.follow(JSON.parse(text) as unknown[])
    })
    for (const { one, path } of steps) {
      const value = replica.state.get(path)
      held.push([value, JSON.stringify(value)])
      make(state, one)
    }
    for (const [value, text] of held) if (JSON.stringify(value) !== text) throw new Error('what was handed out changed')
    if (!equalJson(replica.state.data as JsonValue, state.data as JsonValue)) throw new Error('they differ')
  }), { numRuns: 1500 })
  t.pass('held')
})

t.test('a member called __proto__ is data that came whole, and no patch reaches into it', async (t) => {
  const replica = replicaOf(JSON.parse('{"__proto__":{"x":1},"a":1}') as JsonValue)
  for (const operation of [{ op: 'remove', path: '/__proto__' }, { op: 'replace', path: '/__proto__/x', value: 2 }, { op: 'move', from: '/__proto__', path: '/b' }]) {
    t.throws(() => replica.follow([{ op: 'replace', path: '/a', value: 2 }, operation]), { code: 'JUGGLER_PATCH_INVALID' })
  }
  t.equal(replica.state.stringify(), '{"__proto__":{"x":1},"a":1}')
  t.equal(Object.getPrototypeOf(replica.state.data), Object.prototype)
})

t.test('what is added where a member stands replaces it, and keeps what is equal', async (t) => {
  const { state, follow } = replicaOf({ a: { b: { n: 1 }, c: { n: 1 } } })
  const b = state.get('/a/b')
  const told: string[] = []
  state.onChange('/a/b', () => told.push('b'))
  state.onChange('/a/c', () => told.push('c'))
  follow([{ op: 'add', path: '/a', value: { b: { n: 1 }, c: { n: 2 } } }])
  t.equal(state.get('/a/b'), b)
  t.same(told, ['c'])
  follow([{ op: 'add', path: '', value: { a: { b: { n: 1 }, c: { n: 3 } } } }])
  t.equal(state.get('/a/b'), b)
  t.same(told, ['c', 'c'])
  follow([{ op: 'add', path: '/a/constructor', value: 1 }, { op: 'add', path: '/list', value: [] }, { op: 'add', path: '/list/0', value: { n: 1 } }, { op: 'add', path: '/list/0', value: { n: 1 } }])
  t.same(state.data, { a: { b: { n: 1 }, c: { n: 3 }, constructor: 1 }, list: [{ n: 1 }, { n: 1 }] })
})
