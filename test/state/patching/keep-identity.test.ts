import fc from '../../helpers/fast-check.ts'
import t from 'tap'
import { keepIdentity } from '../../../lib/state/patching/keep-identity.ts'
import { escapeKey } from '../../../lib/json/pointer.ts'
import { valueAt } from '../../../lib/json/containers.ts'
import type { JsonArray, JsonValue } from '../../../types/json.ts'
import { json } from '../../helpers/edits.ts'

const copyOf = (value: JsonValue) => JSON.parse(JSON.stringify(value)) as JsonValue

function adopted (before: JsonValue, after: JsonValue): { value: JsonValue, places: string[] } {
  const places = new Set<string>()
  const value = keepIdentity(before, copyOf(after), places)
  t.strictSame(value, after)
  return { value, places: [...places] }
}

t.test('what is equal is the old one, in any order of members', async (t) => {
  const before = { a: { b: [1, { c: 2 }] }, d: 3 }
  t.equal(adopted(before, { d: 3, a: { b: [1, { c: 2 }] } }).value, before)
  t.same(adopted(before, before).places, [])
  const { value, places } = adopted(before, { a: { b: [1, { c: 2 }] }, d: 4 })
  t.equal((value as typeof before).a, before.a)
  t.same(places, ['/d'])
})

t.test('names the places that differ', async (t) => {
  t.same(adopted({ a: { x: 1, y: 1 }, b: 1, c: 1 }, { a: { x: 2, y: 1 }, c: 1, d: 1 }).places, ['/a/x', '/d', '/b'])
  t.same(adopted({ a: {} }, { a: [] }).places, ['/a'])
  t.same(adopted({ a: null }, { a: {} }).places, ['/a'])
  t.same(adopted(1, null).places, [''])
  t.same(adopted({ list: [1, { n: 1 }] }, { list: [1, { n: 2 }] }).places, ['/list/1/n'])
  t.same(adopted({ list: [1, 2, 3] }, { list: [1, 4] }).places, ['/list/1', '/list/2'])
})

t.test('elements keep their identity where they stood', async (t) => {
  const elements = [0, 1, 2].map((n) => ({ n }))
  const kept = (after: JsonArray) => (adopted(elements, after).value as JsonArray).map((element) => elements.indexOf(element as { n: number }))
  t.same(kept([...elements, { n: 9 }]), [0, 1, 2, -1])
  t.same(kept([{ n: 0 }, { n: 9 }, { n: 2 }]), [0, -1, 2])
  t.same(kept([{ n: 0 }]), [0])
  t.same(kept([]), [])
})

t.test('members called __proto__ and constructor are members like any other', async (t) => {
  const before = JSON.parse('{"__proto__":{"a":1},"constructor":1}') as JsonValue
  const after = JSON.parse('{"__proto__":{"a":2},"toString":1}') as JsonValue
  const value = keepIdentity(before, after) as object
  t.equal(Object.getPrototypeOf(value), Object.prototype)
  t.equal(JSON.stringify(value), '{"__proto__":{"a":2},"toString":1}')
})

t.test('ends equal, the old value as it was, and every place that it does not name is the same', async () => {
  fc.assert(fc.property(json, json, (before, after) => {
    const text = JSON.stringify(before)
    const places = new Set<string>()
    const value = keepIdentity(before, copyOf(after), places)
    if (JSON.stringify(before) !== text) throw new Error('the old value changed')
    if ((places.size === 0) !== (value === before)) throw new Error('the places and the value do not agree')
    for (const key of Object.keys(before ?? {})) {
      const untouched = ![...places].some((place) => place === '' || `${place}/`.startsWith(`/${escapeKey(key)}/`))
      const at = (root: JsonValue) => valueAt(root, [Array.isArray(root) ? Number(key) : key])
      if (untouched && at(before) !== at(value)) throw new Error(`${key} changed its identity`)
    }
  }), { numRuns: 2000 })
})
