import fc from '../helpers/fast-check.ts'
import t from 'tap'
import { applyEdit, edit, primitive, tree } from '../helpers/json/arbitraries.ts'
import { assertPatches, check } from '../helpers/json/properties.ts'
import type { JsonArray, JsonValue } from '../../types/json.ts'

const change = (before: JsonArray, edits: Parameters<typeof applyEdit>[1][]): JsonValue =>
  edits.reduce<JsonValue>((value, edit) => applyEdit(value, edit), before)

const here = edit.map((edit) => ({ ...edit, way: [] }))
const inside = edit.map((edit) => ({ ...edit, way: edit.way.slice(0, 2) }))

t.test('a patch between arrays of few different primitives ends at the edited one in every applier', async (t) => {
  check(t, 6_000, fc.property(fc.array(primitive, { maxLength: 40, size: 'max' }), fc.array(here, { minLength: 1, maxLength: 8 }), (before, edits) => {
    assertPatches(before, change(before, edits))
  }))
})

t.test('so does one between arrays of containers, shared or not', async (t) => {
  const rows = fc.array(fc.oneof(tree, fc.record({ id: fc.nat(9), on: fc.boolean(), tags: fc.array(primitive, { maxLength: 3 }) })), { maxLength: 24, size: 'max' })
  check(t, 6_000, fc.property(rows, fc.array(fc.oneof(here, inside), { minLength: 1, maxLength: 8 }), fc.boolean(), (before, edits, shared) => {
    const after = change(before as JsonArray, edits)
    assertPatches(before as JsonArray, shared ? after : structuredClone(after))
  }))
})

t.test('so does one between any two arrays of different numbers', async (t) => {
  const numbers = fc.uniqueArray(fc.nat(60), { maxLength: 50, size: 'max' })
  check(t, 3_000, fc.property(numbers, numbers, assertPatches))
})
