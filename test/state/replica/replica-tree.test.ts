import t from 'tap'
import { createReplicaTree } from '../../../lib/state/replica/replica-tree.ts'
import type { JsonObject, JsonValue } from '../../../types/json.ts'

function treeOf (root: JsonValue) {
  const tree = createReplicaTree()
  tree.atomically(() => tree.edit([], root))
  return tree
}

t.test('changes in place until something is handed out, then copies the way to the change, once', async (t) => {
  const tree = treeOf({ a: { b: { n: 1 } }, c: { n: 1 } })
  const root = tree.root as Record<string, Record<string, JsonValue>>
  tree.edit(['a', 'b', 'n'], 2)
  t.equal(tree.root, root, 'in place')
  const b = tree.share(['a', 'b'])
  tree.edit(['c', 'n'], 2)
  t.equal(tree.root, root, 'what is beside was not handed out')
  tree.edit(['a', 'b', 'n'], 3)
  t.equal(tree.root, root, 'nor what is above')
  t.not(root.a!.b, b)
  t.same(b, { n: 2 })
  const copied = root.a!.b
  tree.edit(['a', 'b', 'n'], 4)
  t.equal(root.a!.b, copied, 'no second copy')
})

t.test('says when elements shift', async (t) => {
  const tree = treeOf({ list: [1, 2], a: 1 })
  t.equal(tree.edit(['list', 1], 9, true), true)
  t.equal(tree.edit(['list', 0], 8), false)
  t.equal(tree.edit(['a'], 2, true), false)
  t.equal(tree.edit(['list', 2], undefined), true)
  t.same(tree.root, { list: [8, 9], a: 2 })
  tree.edit([], undefined)
  t.equal(tree.root, null)
})

t.test('atomically: all or nothing, arrays and what was handed out included', async (t) => {
  const tree = treeOf({ list: [1, 2, 3], o: { a: 1 } })
  const snapshot = tree.share(['o'])
  t.throws(() => tree.atomically(() => {
    tree.edit(['list', 0], undefined)
    tree.edit(['list', 0], 9, true)
    tree.edit(['list', 1], 5)
    tree.edit(['o', 'a'], undefined)
    tree.edit(['o', 'b'], { c: 1 })
    tree.edit([], 'all gone')
    throw new Error('no')
  }), { message: 'no' })
  t.same(tree.root, { list: [1, 2, 3], o: { a: 1 } })
  t.same(snapshot, { a: 1 })
})

t.test('what is too deep to be frozen is undone with the rest', async (t) => {
  const tree = treeOf({ a: 5, deep: 0 })
  let deep: JsonValue = 1
  for (let level = 0; level < 100_000; level++) deep = [deep]
  tree.atomically(() => tree.edit(['deep'], deep))
  t.throws(() => tree.atomically(() => {
    tree.edit(['a'], 6)
    tree.edit(['deep'], 0)
  }), RangeError)
  t.equal((tree.root as JsonObject).a, 5)
  t.ok((tree.root as JsonObject).deep === deep, 'it stands where it stood')
})
