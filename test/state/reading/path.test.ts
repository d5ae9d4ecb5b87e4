import t from 'tap'
import { indexIn, keysOf, placeInPatch, placeOf } from '../../../lib/state/reading/path.ts'

t.test('keys of a path', async (t) => {
  t.same(keysOf(''), [])
  t.same(keysOf('/a~1b/0'), ['a/b', '0'])
  const path = ['a', 0, -1]
  t.same(keysOf(path), path)
  for (const bad of ['a', '/~', [null], [0.5], [-2], [NaN], {}, undefined, [1n], [Symbol('x')], Object.create(null)]) t.throws(() => keysOf(bad as string), { code: 'JUGGLER_PATH_INVALID' })
})

t.test('an index in an array', async (t) => {
  t.equal(indexIn(3, -1, false), 2)
  t.equal(indexIn(3, '-1', true), 2)
  t.equal(indexIn(3, '7', true), 7)
  t.equal(indexIn(3, '-', true), 3, 'behind the last')
  t.equal(indexIn(3, 7, false), 7)
  for (const key of ['7', '-', '-1']) t.ok(Number.isNaN(indexIn(3, key, false)), 'a string is no index in an array path')
  for (const token of ['', '-2', '+1', '01', '00', '1.0', '1e3', ' 1', '1 ', '1\n', '0x1', '١', 'a', '-0']) t.ok(Number.isNaN(indexIn(3, token, true)), JSON.stringify(token))
})

t.test('a place in the terms of the tree', async (t) => {
  const root = { list: [{ 0: 'x' }] }
  t.same(placeOf(root, '/list/0/0'), ['list', 0, '0'])
  t.same(placeOf(root, ['list', -1]), ['list', 0])
  t.same(placeOf(root, []), [])
  for (const keys of [['list', '0'], ['list', 1], [0], ['list', 0, 0], ['toString'], ['list', 'length']]) {
    t.equal(placeOf(root, keys), undefined, keys.join('/'))
  }
  t.throws(() => placeOf(root, ['list', -2]), { code: 'JUGGLER_PATH_INVALID' })
  t.throws(() => placeOf(root, 'list'), { code: 'JUGGLER_PATH_INVALID' })
  t.equal(placeOf(null, '/a'), undefined)
  t.equal(placeOf({ list: [] }, ['list', -1]), undefined)
})

t.test('a place of a patch: -1 is no index, and where something is added only the parent exists', async (t) => {
  const root = { list: [1, 2], a: {} }
  t.same(placeInPatch(root, '/list/2', true), ['list', 2])
  t.same(placeInPatch(root, '/list/-', true), ['list', 2])
  t.same(placeInPatch(root, '/a/new', true), ['a', 'new'])
  for (const pointer of ['/list/-1', '/list/3', '/b/c', '/__proto__', '/a/__proto__', '/list/x']) t.equal(placeInPatch(root, pointer, true), undefined, pointer)
  for (const pointer of ['/list/-1', '/list/-', '/list/2', '/a/new']) t.equal(placeInPatch(root, pointer, false), undefined, pointer)
  t.equal(placeInPatch(root, 'list', true), undefined, 'no pointer')
})
