/** The shape of the patches that the server sends, and that they have the effect they should, whatever the change. */
import { isDeepStrictEqual } from 'node:util'
import t from 'tap'
import type { Test } from 'tap'
import type { JsonValue, Patch } from '../../types/json.ts'
import { applyPatch } from '../helpers/conformance/apply-patch.ts'
import { implementation, serve } from '../helpers/conformance/harness.ts'

/** A shared state at delay 0, and a client that has been sent its first value. */
async function synced (t: Test, initial: JsonValue) {
  const state = implementation.createState(initial)
  const client = await (await serve(t, { state, autoflushDelay: 0 })).connect()
  let held: JsonValue = null
  // Not strictSame: it takes a member called constructor for a class.
  const holds = (value: unknown) => t.ok(isDeepStrictEqual(held, value), JSON.stringify(held))
  const patches = async (): Promise<Patch[]> => {
    const diffs: Patch[] = (await client.messagesUntilEcho()).map(({ diff }) => diff)
    for (const diff of diffs) held = applyPatch(held, diff)
    return diffs
  }
  await patches()
  holds(initial)
  return {
    state,
    /** What was sent since the last call; the client's copy must be the state then. */
    async sent (): Promise<Patch[]> {
      const diffs = await patches()
      holds(state.data)
      return diffs
    },
    /** The one patch that brings a value. */
    async patchTo (value: JsonValue): Promise<Patch> {
      state.set('', value)
      const [diff = [], ...more] = await patches()
      holds(value)
      t.strictSame(more, [])
      return diff
    }
  }
}

t.test('at the root: one replace of the whole whenever old and new are not both objects or both arrays', async (t) => {
  const values = [1, true, 'a', {}, [], 0, [1], { a: 1 }, false, '', { a: 1, b: 2 }, [2], null]
  const { patchTo } = await synced(t, null)
  for (const value of values) {
    t.strictSame(await patchTo(value), [{ op: 'replace', path: '', value }], JSON.stringify(value))
  }
})

t.test('objects: add, remove and replace at the leaf', async (t) => {
  const { patchTo } = await synced(t, { a: 1, deep: { er: { x: 1, wide: 'x'.repeat(50) } } })
  t.strictSame(await patchTo({ a: 2, deep: { er: { x: 1, wide: 'x'.repeat(50) } } }), [{ op: 'replace', path: '/a', value: 2 }])
  t.strictSame(await patchTo({ a: 2, b: [], deep: { er: { x: 1, wide: 'x'.repeat(50) } } }), [{ op: 'add', path: '/b', value: [] }])
  t.strictSame(await patchTo({ b: [], deep: { er: { x: 1, wide: 'x'.repeat(50) } } }), [{ op: 'remove', path: '/a' }])
  t.strictSame(await patchTo({ b: [], deep: { er: { x: null, wide: 'x'.repeat(50) } } }), [{ op: 'replace', path: '/deep/er/x', value: null }])
})

t.test('a change of the kind of container replaces it', async (t) => {
  const { patchTo } = await synced(t, { a: {}, other: 'x'.repeat(50) })
  for (const value of [[], {}, [1], { 0: 1 }, 'text', [], null]) {
    t.strictSame(await patchTo({ a: value, other: 'x'.repeat(50) }), [{ op: 'replace', path: '/a', value }])
  }
})

t.test('several changes in one set are one patch; their order is free', async (t) => {
  const before = { a: 1, b: { c: 1, d: 1, pad: 'x'.repeat(50) }, gone: true }
  const { patchTo } = await synced(t, before)
  const patch = await patchTo({ a: 2, b: { c: 1, e: 1, pad: 'x'.repeat(50) }, 'new/one': [0] })
  t.ok(patch.length > 1 && patch.every(({ path }) => path !== ''))
})

t.test('names are escaped', async (t) => {
  for (const [name, escaped] of [
    ['/', '/~1'], ['~', '/~0'], ['a~1b', '/a~01b'], ['~01', '/~001'], ['', '/'], ['a/b~c', '/a~1b~0c'], [' ', '/ '], ['0', '/0'], ['é"\\', '/é"\\']
  ] as const) {
    const { patchTo } = await synced(t, { pad: 'x'.repeat(50) })
    t.strictSame(await patchTo({ pad: 'x'.repeat(50), [name]: 1 }), [{ op: 'add', path: escaped, value: 1 }])
    t.strictSame(await patchTo({ pad: 'x'.repeat(50), [name]: 2 }), [{ op: 'replace', path: escaped, value: 2 }])
    t.strictSame(await patchTo({ pad: 'x'.repeat(50) }), [{ op: 'remove', path: escaped }])
  }
})

t.test('inherited names are plain data', async (t) => {
  const { patchTo } = await synced(t, {})
  for (const name of ['constructor', 'toString', 'hasOwnProperty', 'prototype', 'length']) {
    t.strictSame(await patchTo({ [name]: { x: 1 } }).then((patch) => patch.filter(({ op }) => op === 'add')),
      [{ op: 'add', path: `/${name}`, value: { x: 1 } }])
    t.strictSame(await patchTo({}), [{ op: 'remove', path: `/${name}` }])
  }
})

t.test('arrays: append, insert and delete are one operation each', async (t) => {
  const items = Array.from({ length: 20 }, (_, i) => ({ id: i, name: `item ${i}` }))
  const { patchTo } = await synced(t, items)
  const added = { id: 99, name: 'item 99' }
  t.strictSame(await patchTo([...items, added]), [{ op: 'add', path: '/20', value: added }])
  t.strictSame(await patchTo(items), [{ op: 'remove', path: '/20' }])
  t.strictSame(await patchTo([added, ...items]), [{ op: 'add', path: '/0', value: added }])
  t.strictSame(await patchTo(items), [{ op: 'remove', path: '/0' }])
  const inserted = items.toSpliced(7, 0, added)
  t.strictSame(await patchTo(inserted), [{ op: 'add', path: '/7', value: added }])
  t.strictSame(await patchTo(items), [{ op: 'remove', path: '/7' }])
  t.strictSame(await patchTo(items.with(3, { id: 3, name: 'renamed' })), [{ op: 'replace', path: '/3/name', value: 'renamed' }])
})

t.test('arrays: swaps, rotations and reversals have their effect', async (t) => {
  const items = Array.from({ length: 12 }, (_, i) => ({ id: i, name: `item ${i}` }))
  const { patchTo } = await synced(t, items)
  await patchTo(items.with(2, items[9]!).with(9, items[2]!))
  await patchTo([...items.slice(4), ...items.slice(0, 4)])
  await patchTo(items.toReversed())
  await patchTo(items)
})

t.test('B1 random array edits are right, every one', async (t) => {
  let seed = 20261122
  const random = (below: number) => {
    seed = (seed * 1103515245 + 12345) % 2147483648
    return Math.floor(seed / 2147483648 * below)
  }
  const values = [0, 1, true, false, null, 'a', '', [], {}, [0], [[1]], { a: [1] }, { a: [1, 2], b: [1] }]
  const { state, sent } = await synced(t, { a: [1, 2, 3], b: [[1], [2]] })
  for (let round = 0; round < 60; round++) {
    for (let edit = 0; edit < 10; edit++) {
      const list = random(2) === 0 ? '/a' : '/b'
      const { length } = state.get(list) as JsonValue[]
      const value = values[random(values.length)]
      switch (random(4)) {
        case 0: state.set(`${list}/${random(length + 1)}`, value); break
        case 1: if (length > 0) state.remove(`${list}/${random(length)}`); break
        case 2: state.patch([{ op: 'add', path: `${list}/${random(length + 1)}`, value }]); break
        default: if (length > 0) state.patch([{ op: 'move', from: `${list}/${random(length)}`, path: `${list === '/a' ? '/b' : '/a'}/0` }])
      }
    }
    await sent()
  }
})

t.test('B2 values of another type are another value, in arrays too', async (t) => {
  const { patchTo } = await synced(t, [1])
  for (const value of [[true], [1], ['1'], [1], [0], [false], [''], [null], [{}], [[]], [{ a: 0 }], [{ a: false }]]) {
    t.not((await patchTo(value)).length, 0, JSON.stringify(value))
  }
})

t.test('B5 members called - are plain data', async (t) => {
  const { patchTo } = await synced(t, { list: [1], '-': 1 })
  t.strictSame(await patchTo({ list: [1], '-': 2 }), [{ op: 'add', path: '/-', value: 2 }])
  t.strictSame(await patchTo({ list: [1] }), [{ op: 'remove', path: '/-' }])
  t.strictSame(await patchTo({ list: [1], '-': { '-': [] } }), [{ op: 'add', path: '/-', value: { '-': [] } }])
  await patchTo({ list: [1], '-': { '-': [{ '-': 1 }] } })
})

t.test('B6 a value that its owner changed in place and set again is sent', async (t) => {
  const { state, sent } = await synced(t, null)
  const value = { list: [1], deep: { x: 1 } }
  state.set('', value)
  await sent()
  value.list.push(2)
  value.deep.x = 2
  t.strictSame(state.data, { list: [1], deep: { x: 1 } }, 'not behind the state\'s back')
  t.strictSame(await sent(), [])
  state.set('', value)
  t.strictSame(state.data, { list: [1, 2], deep: { x: 2 } })
  t.equal((await sent()).length, 1)
})

t.test('what the app copies and tests is sent as what it changes; a member called - is added, never replaced', async (t) => {
  const { state, sent } = await synced(t, { a: { x: [1, 2] }, '-': 1, wide: 'x'.repeat(50) })
  state.patch([
    { op: 'test', path: '/a/x/0', value: 1 },
    { op: 'copy', from: '/a', path: '/b' },
    { op: 'copy', from: '/a/x/0', path: '/a/x/-' },
    { op: 'replace', path: '/-', value: 2 }
  ])
  const operations = (await sent()).flat()
  t.same(operations.filter(({ op }) => op === 'test' || op === 'copy'), [])
  t.match(operations.filter(({ path }) => path === '/-'), [{ op: 'add', path: '/-', value: 2 }])
})
