/** Paths and changes of the state as its owner makes them. */
import t from 'tap'
import { implementation } from '../helpers/conformance/harness.ts'

const { createState } = implementation

t.test('a missing place reads as null', async (t) => {
  const state = createState({ a: { b: null, list: [1, 2, 3] } })
  for (const path of ['/x', '/a/x/y', '/a/b/c', '/a/list/3', ['x'], ['a', 'x', 0], ['a', 'list', 3]]) {
    t.equal(state.get(path), null, JSON.stringify(path))
  }
  t.equal(createState().get('/x'), null)
  t.equal(createState().get(''), null)
})

t.test('an index on an object and a key on an array read as missing', async (t) => {
  const state = createState({ a: { 0: 'zero' }, list: ['first'] })
  t.equal(state.get(['a', 0]), null)
  t.equal(state.get(['list', '0']), null)
  t.equal(state.get(['list', 'length']), null)
  t.equal(state.get('/list/length'), null)
  t.equal(state.get('/a/0'), 'zero', 'in a pointer the container decides')
  t.equal(state.get('/list/0'), 'first')
})

t.test('inherited names read as missing', async (t) => {
  const state = createState({ a: {}, text: 'x' })
  for (const path of ['/constructor', '/a/toString', '/a/__proto__', '/text/length', ['a', 'hasOwnProperty']]) t.equal(state.get(path), null)
})

t.test('-1 is the last element', async (t) => {
  const state = createState({ list: [1, 2, { x: 3 }] })
  t.strictSame(state.get(['list', -1]), { x: 3 })
  t.equal(state.get(['list', -1, 'x']), 3)
  state.set(['list', -1, 'x'], 4)
  t.strictSame(state.data, { list: [1, 2, { x: 4 }] })
  state.remove(['list', -1])
  t.strictSame(state.data, { list: [1, 2] })
  t.equal(createState([]).get([-1]), null)
})

t.test('set makes what is missing: in arrays of keys the next key decides, padded with null', async (t) => {
  const state = createState()
  state.set(['a', 2, 'b'], 1)
  t.strictSame(state.data, { a: [null, null, { b: 1 }] })
  state.set(['a', 0, 'c'], 2)
  t.strictSame(state.get(['a', 0]), { c: 2 }, 'null counts as missing')
  const list = createState()
  list.set([1], 'x')
  t.strictSame(list.data, [null, 'x'])
})

t.test('set makes what is missing: in pointers always an object; - appends', async (t) => {
  const state = createState()
  state.set('/a/0/b', 1)
  t.strictSame(state.data, { a: { 0: { b: 1 } } })
  state.set('/list', [1])
  state.set('/list/-', 2)
  state.set('/list/-', 3)
  t.strictSame(state.get('/list'), [1, 2, 3])
})

t.test('set on a parent of the wrong kind is an error (the reference replaces the parent)', async (t) => {
  const before = { text: 'x', list: [1], object: { a: 1 } }
  const state = createState(before)
  for (const path of ['/text/a', '/list/a', ['object', 0], ['list', 'a'], ['text', 0], '/object/a/b']) {
    t.throws(() => state.set(path, 1), { code: 'JUGGLER_PATH_TYPE' }, JSON.stringify(path))
  }
  t.strictSame(state.data, before)
  t.equal(state.revision, 0)
})

t.test('padding is bounded (the reference pads without a limit)', async (t) => {
  const state = createState({ list: [1] })
  t.throws(() => state.set(['list', 1 + 65536 + 1], 1), { code: /^JUGGLER_PATH_/ })
  t.strictSame(state.data, { list: [1] })
  state.set(['list', 1 + 65536], 1)
  t.equal((state.get('/list') as unknown[]).length, 65538)
})

t.test('remove of what is missing is no change; of the root makes null', async (t) => {
  const state = createState({ a: 1, list: [1] })
  for (const path of ['/x', '/a/b', '/list/1', ['list', 'a'], ['a', 0]]) state.remove(path)
  t.strictSame(state.data, { a: 1, list: [1] })
  t.equal(state.revision, 0)
  state.remove('')
  t.equal(state.data, null)
})

t.test('a snapshot stays as it is; what did not change is shared', async (t) => {
  const state = createState({ a: { x: 1 }, b: { y: 1 } })
  const before = state.data as unknown as { a: object, b: object }
  state.set('/a/x', 2)
  const after = state.data as unknown as { a: object, b: object }
  t.strictSame(before, { a: { x: 1 }, b: { y: 1 } })
  t.strictSame(after, { a: { x: 2 }, b: { y: 1 } })
  t.equal(after.b, before.b)
  t.not(after.a, before.a)
})

t.test('listeners are called synchronously, in order, with the new state', async (t) => {
  const state = createState({ a: 1 })
  const calls: unknown[] = []
  state.onChange(({ state }) => { calls.push(['one', state.get('/a')]) })
  const unsubscribe = state.onChange(({ state }) => { calls.push(['two', state.get('/a')]) })
  state.set('/a', 2)
  t.strictSame(calls, [['one', 2], ['two', 2]])
  state.set('/a', 2)
  t.equal(calls.length, 2, 'an equal value is no change')
  unsubscribe()
  state.set('/a', 3)
  t.strictSame(calls.slice(2), [['one', 3]])
})

t.test('a listener that throws stops nobody (the reference: breaks the others and the caller)', async (t) => {
  const reported: unknown[] = []
  const state = createState({ a: 1 }, { onError: (error) => { reported.push(error) } })
  const fault = new Error('listener')
  const seen: unknown[] = []
  state.onChange(() => { throw fault })
  state.onChange(({ state }) => { seen.push(state.get('/a')) })
  state.set('/a', 2)
  t.strictSame(seen, [2])
  await null
  t.equal(reported[0], fault)
  t.equal(reported.length, 1)
})
