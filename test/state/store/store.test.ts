import fc from '../../helpers/fast-check.ts'
import jsonpatch from 'fast-json-patch'
import t from 'tap'
import { createState } from '../../../lib/state/state.ts'
import { Store } from '../../../lib/state/store/store.ts'
import type { JsonValue, Patch } from '../../../types/json.ts'
import type { StateChange } from '../../../types/state.ts'
import { edit, equalJson, json, make } from '../../helpers/edits.ts'
import { testReplace } from '../../helpers/replacing.ts'

type Operation = Parameters<typeof jsonpatch.applyPatch>[1][number]

function applyTo (document: JsonValue, patch: Readonly<Patch>): JsonValue {
  const ops = (JSON.parse(JSON.stringify(patch)) as Patch).map((op) => 'from' in op ? { ...op, path: `/r${op.path}`, from: `/r${op.from}` } : { ...op, path: `/r${op.path}` })
  return jsonpatch.applyPatch({ r: document }, ops as Operation[], true).newDocument.r
}

t.test('the patches that listeners get lead from each revision to the next, and never change afterwards', async (t) => {
  fc.assert(fc.property(json, fc.array(edit, { minLength: 1, maxLength: 10 }), (initial, edits) => {
    const state = createState<JsonValue>(initial)
    let mirror = JSON.parse(JSON.stringify(initial)) as JsonValue
    const kept: Array<[StateChange<JsonValue>, string]> = []
    state.onChange((change) => {
      kept.push([change, JSON.stringify(change.patch)])
      mirror = applyTo(mirror, change.patch)
      if (change.revision !== kept.length) throw new Error('a revision is missing')
    })
    for (const one of edits) make(state, one)
    if (!equalJson(mirror, JSON.parse(state.stringify()) as JsonValue)) throw new Error(`${JSON.stringify(mirror)} is not ${state.stringify()}`)
    for (const [change, text] of kept) if (JSON.stringify(change.patch) !== text) throw new Error('a patch changed after the fact')
  }), { numRuns: 3000 })
  t.pass('held')
})

t.test('replacing the whole ends equal and keeps what is equal', async (t) => testReplace(t, (value) => {
  const state = new Store<JsonValue>(value)
  return { state, replace: (value) => state.replace(value) }
}))

t.test('listeners of paths hear what touches them, once for each change', async (t) => {
  const state = createState<JsonValue>({ a: { b: { c: 1 }, d: 1 }, list: [{ n: 1 }, { n: 2 }], 'x/y': 1 })
  const heard: string[] = []
  const ends = ['/a', '/a/b', '/a/b/c', '/a/d', '/list', '/list/1', '/list/1/n', '/x~1y', '/missing'].map((path) => state.onChange(path, () => heard.push(path)))
  const after = (act: () => void): string[] => {
    heard.length = 0
    act()
    return [...heard]
  }
  t.same(after(() => state.set('/a/b/c', 2)), ['/a', '/a/b', '/a/b/c'])
  t.same(after(() => state.set('/a/b', 5)), ['/a', '/a/b', '/a/b/c'])
  t.same(after(() => state.set('/list/1/n', 5)), ['/list', '/list/1', '/list/1/n'])
  t.same(after(() => state.remove('/list/0')), ['/list', '/list/1', '/list/1/n'], 'elements shift')
  t.same(after(() => state.set('/x~1y', 2)), ['/x~1y'])
  t.same(after(() => state.set('/missing/deep', 2)), ['/missing'])
  t.same(after(() => state.set('', null)), ['/a', '/a/b', '/a/b/c', '/a/d', '/list', '/list/1', '/list/1/n', '/x~1y', '/missing'])
  for (const end of ends) { end(); end() }
  t.same(after(() => state.set('/a', 1)), [])
})

t.test('listeners: order, errors, nested changes', async (t) => {
  const errors: unknown[] = []
  const state = createState<{ n: number, double: number }>({ n: 0, double: 0 }, { onError: (error) => errors.push(error) })
  const seen: string[] = []
  state.onChange(({ revision }) => {
    seen.push(`first ${revision}`)
    state.set('/double', (state.get('/n') as number) * 2)
  })
  state.onChange(() => { throw new Error('broken') })
  state.onChange(async () => { throw new Error('broken later') })
  state.onChange(({ revision, patch }) => seen.push(`last ${revision} ${patch[0]!.path}`))
  state.set('/n', 1)
  t.same(seen, ['first 1', 'last 1 /n', 'first 2', 'last 2 /double'], 'everybody hears changes in the order in which they were made')
  await new Promise((resolve) => setImmediate(resolve))
  t.match(errors, [{ message: 'broken' }, { message: 'broken' }, { message: 'broken later' }, { message: 'broken later' }])
})

t.test('without an error handler a throwing listener becomes a warning', async (t) => {
  const state = createState<JsonValue>(null)
  state.onChange(() => { throw new Error('in a listener') })
  const warned = new Promise<Error>((resolve) => process.once('warning', resolve))
  state.set('', 1)
  t.match(await warned, { message: 'in a listener' })
})

t.test('data is frozen, and reading takes snapshots of what is read alone', async (t) => {
  const state = createState<{ a: { b: number }, c: { d: number } }>({ a: { b: 1 }, c: { d: 1 } })
  const a = state.get('/a') as { b: number }
  t.throws(() => { a.b = 2 }, TypeError)
  t.equal(state.get('/a'), a, 'the same until it changes')
  state.set('/c/d', 2)
  t.equal(state.get('/a'), a)
  const all = state.data
  t.throws(() => { (all.c as { d: number }).d = 7 }, TypeError)
  state.set('/a/b', 3)
  t.same(all, { a: { b: 1 }, c: { d: 2 } })
  t.equal(state.data.c, all.c, 'what did not change is shared')
})

t.test('stringify', async (t) => {
  const state = createState<JsonValue>({ a: [1, { b: null }] })
  t.equal(state.stringify(), '{"a":[1,{"b":null}]}')
  t.equal(state.stringify('/a/1'), '{"b":null}')
  t.equal(state.stringify('/nope'), 'null')
  t.equal(state.stringify(['a', -1]), '{"b":null}')
  state.set('/a/0', 2)
  t.equal(state.stringify(''), '{"a":[2,{"b":null}]}')
})

t.test('an onError that throws itself does not silence the listeners', async (t) => {
  const state = createState<JsonValue>(0, { onError: () => { throw new Error('of onError') } })
  const seen: unknown[] = []
  state.onChange(() => { throw new Error('of a listener') })
  state.onChange(({ revision }) => seen.push(revision))
  const warned = new Promise<Error>((resolve) => process.once('warning', resolve))
  state.set('', 1)
  state.set('', 2)
  t.same(seen, [1, 2])
  t.match(await warned, { message: 'of onError' })
})

t.test('what cannot listen is refused with a code', async (t) => {
  const state = createState<JsonValue>(0)
  t.throws(() => state.onChange('/a', undefined as never), { code: 'JUGGLER_OPTION_INVALID', message: /listener/ })
  t.throws(() => state.onChange(undefined as never), { code: 'JUGGLER_PATH_INVALID' })
  t.throws(() => createState(0, { onError: 5 as never }), { code: 'JUGGLER_OPTION_INVALID', message: /onError/ })
})
