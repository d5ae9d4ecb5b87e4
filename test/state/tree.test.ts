import t from 'tap'
import type { Keys } from '../../lib/state/tree.ts'
import { Tree, valueAt } from '../../lib/state/tree.ts'
import type { JsonValue } from '../../types/json.ts'

t.test('reads own members alone', async (t) => {
  const root = { a: [1, { b: 2 }], constructor: 3 }
  t.equal(valueAt(root, ['a', 1, 'b']), 2)
  t.equal(valueAt(root, ['constructor']), 3)
  for (const keys of [['toString'], ['__proto__'], ['a', 'length'], ['a', '0'], ['a', 2], ['a', 0, 'x'], [0]] as Keys[]) t.equal(valueAt(root, keys), undefined, keys.join('/'))
})

t.test('changes in place until a snapshot is taken, then copies the way to the change, once', async (t) => {
  const tree = new Tree({ a: { b: { n: 1 } }, c: { n: 1 } })
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
  const tree = new Tree({ list: [1, 2, 3], o: { a: 1 } })
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
  const tree = new Tree({ a: 1, list: [1] })
  const seen: unknown[] = []
  tree.recorders.push({ covers: () => false, record: (keys, before) => { seen.push([[...keys], before]) }, committed: () => {} })
  tree.write(['a'], 2)
  tree.write(['new'], 1)
  const before = (tree.root as { list: JsonValue }).list
  tree.splice(['list'], 1, 0, [2])
  t.same(seen, [[['a'], 1], [['new'], undefined], [['list'], [1]]])
  t.equal((seen[2] as unknown[])[1], before, 'the array as it was, not a copy')
  t.same(before, [1])
})
