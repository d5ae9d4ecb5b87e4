import fc from '../helpers/fast-check.ts'
import t from 'tap'
import { digest, partOf } from '../../lib/json/digest.ts'
import type { JsonValue } from '../../types/json.ts'

// Computed by a second implementation, in Python, from the definition in docs/protocol.md.
t.test('literal digests', async (t) => {
  const cases: Array<[JsonValue, number]> = [
    [null, 1996966820],
    [true, 1303515621],
    [0, 890022063],
    [-0, 890022063],
    ['', 4291472005],
    ['0', 1663914071],
    [[], 3708242740],
    [{}, 3705288084],
    [[1, 2], 3427849897],
    [{ a: 1, b: [true, null] }, 1176963023]
  ]
  for (const [value, expected] of cases) t.equal(digest(value), expected, JSON.stringify(value))
})

t.test('kinds, sizes and order of elements count; the order of members does not', async (t) => {
  const different: JsonValue[] = [null, false, 0, '', '0', 'null', [], {}, [null], [[]], [{}], { 0: null }, { '': null }, { a: 1 }, { a: '1' }, [1, 2], [2, 1], { 0: 1, 1: 2 }, ['1', 2]]
  t.equal(new Set(different.map((value) => digest(value))).size, different.length)
  t.equal(digest({ a: 1, b: { c: 2, d: 3 } }), digest({ b: { d: 3, c: 2 }, a: 1 }))
})

t.test('equal values have one digest, whatever way they were made', async () => {
  fc.assert(fc.property(fc.jsonValue(), (value) => {
    const json = value as JsonValue
    return digest(json) === digest(JSON.parse(JSON.stringify(json)) as JsonValue)
  }))
})

t.test('the parts of a container are looked at one by one, and its kind and size always', async (t) => {
  const before: Record<string, JsonValue> = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`key ${i}`, i]))
  const parts = 4
  for (const name of Object.keys(before)) {
    const after = { ...before, [name]: 'other' }
    for (let part = 0; part < parts; part++) t.equal(digest(before, part, parts) === digest(after, part, parts), partOf(name, parts) !== part)
    t.equal(digest(before, 0, 0), digest(after, 0, 0), 'of no part nothing but kind and size')
  }
  t.not(digest(before, 0, 0), digest({ ...before, more: 1 }, 0, 0))
  t.not(digest({}, 0, 0), digest([], 0, 0))
})
