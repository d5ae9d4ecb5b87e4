import t from 'tap'
import { indexIn, keysOf, placeOf } from '../../lib/state/path.ts'

t.test('keys of a path', async (t) => {
  t.same(keysOf(''), [])
  t.same(keysOf('/a~1b/0'), ['a/b', '0'])
  const path = ['a', 0, -1]
  t.same(keysOf(path), path)
  t.not(keysOf(path), path, 'a copy')
  for (const bad of ['a', '/~', [null], [0.5], [-2], [NaN], {}, undefined]) t.throws(() => keysOf(bad as string), { code: 'JUGGLER_PATH_INVALID' })
})

t.test('an index in an array', async (t) => {
  t.equal(indexIn(3, -1, false), 2)
  t.equal(indexIn(3, '-1', true), 2)
  t.equal(indexIn(3, '7', true), 7)
  t.equal(indexIn(3, '7', false), undefined, 'a string is no index in an array path')
  t.equal(indexIn(3, '01', true), undefined)
})

t.test('a place in the terms of the tree', async (t) => {
  const root = { list: [{ 0: 'x' }] }
  t.same(placeOf(root, '/list/0/0'), ['list', 0, '0'])
  t.same(placeOf(root, ['list', -1]), ['list', 0])
})
