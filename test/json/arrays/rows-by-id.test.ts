import t from 'tap'
import { matchRowsById } from '../../../lib/json/arrays/rows-by-id.ts'
import type { JsonArray } from '../../../types/json.ts'

function match (before: JsonArray, after: JsonArray): number[] {
  const origins = new Int32Array(after.length).fill(-1)
  const paired = new Uint8Array(after.length)
  const found = matchRowsById(before, after, 0, before.length, origins, paired)
  t.equal(origins.filter((origin) => origin !== -1).length, found)
  t.same([...paired], [...origins].map((origin) => origin === -1 ? 0 : 1))
  return [...origins]
}

const rows = (...ids: number[]): JsonArray => ids.map((pid, i) => ({ cpu: (pid * 31 + ids.length) % 7, state: 'run', pid, ts: ids.length * 100 + i }))

t.test('rows are found again by the member that tells them apart', async (t) => {
  t.same(match(rows(1, 2, 3, 4, 5, 6, 7, 8, 9), rows(9, 2, 3, 4, 10, 6, 7, 8, 1, 5)), [8, 1, 2, 3, -1, 5, 6, 7, 0, 4])
})

t.test('few rows must have half of their members in common', async (t) => {
  t.same(match([{ id: 1, a: 1, b: 2 }, { id: 2, a: 1, b: 2 }], [{ id: 2, a: 1, b: 3 }]), [1])
  t.same(match([{ id: 1, a: 1, b: 2 }, { id: 2, a: 1, b: 2 }], [{ id: 2, a: 3, b: 3 }]), [-1])
})

t.test('no member tells them apart, or there are no rows', async (t) => {
  t.same(match([{ a: 1, b: true }, { a: 1, b: false }], [{ a: 1, b: null }]), [-1])
  t.same(match([1, [1]], [{ a: 1 }]), [-1])
  t.same(match([{ a: 1 }], [2, null]), [-1, -1])
  t.same(match([{ constructor: 1 }, {}], [{ constructor: 1, a: 1 }]), [-1])
})

t.test('a row serves once', async (t) => {
  t.same(match([{ id: 1, a: 1 }], [{ id: 1, a: 1, b: 1 }, { id: 1, a: 1, b: 2 }]), [0, -1])
})
