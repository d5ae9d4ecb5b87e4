import t from 'tap'
import { StoreTree } from '../../../lib/state/store/store-tree.ts'
import type { JsonValue } from '../../../types/json.ts'
import { recordingIn } from '../../helpers/server/recording.ts'

t.test('changes in place until a snapshot is taken, then copies the way to the change, once', async (t) => {
  const tree = new StoreTree({ a: { b: { n: 1 } }, c: { n: 1 } })
  const root = tree.root as Record<string, Record<string, JsonValue>>
  tree.write(['a', 'b', 'n'], 2)
  t.equal(tree.root, root, 'in place')
  const snapshot = tree.share([]) as typeof root
  tree.write(['a', 'b', 'n'], 3)
  const copied = tree.root as typeof root
  t.not(copied, snapshot)
  t.not(copied.a, snapshot.a)
  t.equal(copied.c, snapshot.c, 'what is beside stays shared')
  t.same(snapshot, { a: { b: { n: 2 } }, c: { n: 1 } })
  tree.write(['a', 'b', 'n'], 4)
  t.equal(tree.root, copied, 'no second copy')
  t.equal((tree.root as typeof root).a, copied.a)
})

t.test('atomically: all or nothing, arrays and frozen parts included', async (t) => {
  const tree = new StoreTree({ list: [1, 2, 3], o: { a: 1 } })
  const snapshot = tree.share(['o'])
  t.throws(() => tree.atomically(() => {
    tree.splice(['list'], 0, 2, [9, 8, 7])
    tree.write(['list', 1], 5)
    tree.write(['o', 'a'], undefined)
    tree.write(['o', 'b'], { c: 1 })
    tree.write([], 'all gone')
    throw new Error('no')
  }), { message: 'no' })
  t.same(tree.root, { list: [1, 2, 3], o: { a: 1 } })
  t.same(snapshot, { a: 1 })
})

t.test('recorders learn what stood there, before it is written', async (t) => {
  const tree = new StoreTree({ a: 1, list: [1] })
  const seen: unknown[] = []
  tree.recorders = [recordingIn(() => ({ covers: () => false, record: (keys, before) => { seen.push([[...keys], before]) } }))]
  tree.write(['a'], 2)
  tree.write(['new'], 1)
  const before = (tree.root as { list: JsonValue }).list
  tree.splice(['list'], 1, 0, [2])
  t.same(seen, [[['a'], 1], [['new'], undefined], [['list'], [1]]])
  t.equal((seen[2] as unknown[])[1], before, 'the array as it was, not a copy')
  t.same(before, [1])
})

t.test('edits in the terms of a patch', async (t) => {
  const tree = new StoreTree({ list: [1, 2], a: 1 })
  t.equal(tree.edit(['list', 1], 9, true), true, 'an element is inserted')
  t.equal(tree.edit(['list', 0], 8), false, 'one is replaced')
  t.equal(tree.edit(['a'], 2, true), false)
  t.same(tree.root, { list: [8, 9, 2], a: 2 })
  t.equal(tree.edit(['list', 0], undefined), true)
  t.equal(tree.edit(['a'], undefined), false)
  t.same(tree.root, { list: [9, 2] })
  tree.edit([], undefined)
  t.equal(tree.root, null)
})
