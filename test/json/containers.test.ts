import t from 'tap'
import type { Keys } from '../../lib/json/containers.ts'
import { freeze, isContainer, member, reach, valueAt } from '../../lib/json/containers.ts'

t.test('reads own members alone', async (t) => {
  const root = { a: [1, { b: 2 }], constructor: 3 }
  t.equal(valueAt(root, ['a', 1, 'b']), 2)
  t.equal(valueAt(root, ['constructor']), 3)
  for (const keys of [['toString'], ['__proto__'], ['a', 'length'], ['a', '0'], ['a', 2], ['a', 0, 'x'], [0]] as Keys[]) t.equal(valueAt(root, keys), undefined, keys.join('/'))
})

t.test('reaches what is known to be there', async (t) => {
  t.equal(reach({ a: [1, { b: 2 }] }, ['a', 1, 'b']), 2)
  t.equal(reach(5, []), 5)
})

t.test('a container\'s own members', async (t) => {
  t.equal(member({ a: 1 }, 'a'), 1)
  t.equal(member([1, 2], 1), 2)
  for (const key of ['toString', '__proto__', 'constructor']) t.equal(member({}, key), undefined)
  t.equal(isContainer(null), false)
})

t.test('freezing goes to the leaves', async (t) => {
  const value = freeze({ a: [{ b: 1 }] })
  t.ok(Object.isFrozen(value) && Object.isFrozen(value.a) && Object.isFrozen(value.a[0]))
  for (const scalar of [1, 'x', null, true, undefined]) t.equal(freeze(scalar), scalar)
})
