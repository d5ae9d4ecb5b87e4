import fc from '../helpers/fast-check.ts'
import t from 'tap'
import { applyEdit, edit, tree } from '../helpers/json/arbitraries.ts'
import { assertPatches, check } from '../helpers/json/properties.ts'

t.test('a patch between a tree and its edited self ends at the edited one in every applier', async (t) => {
  check(t, 12_000, fc.property(tree, fc.array(edit, { minLength: 1, maxLength: 6 }), fc.boolean(), (before, edits, shared) => {
    const after = edits.reduce<ReturnType<typeof applyEdit>>((value, edit) => applyEdit(value, edit), before)
    assertPatches(before, shared ? after : structuredClone(after))
  }))
})

t.test('so does a patch between any two trees', async (t) => {
  check(t, 3_000, fc.property(tree, tree, assertPatches))
})
