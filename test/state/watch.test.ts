import t from 'tap'
import { Watchers } from '../../lib/state/watch.ts'

t.test('concerned are those above, at and below, in the order of registration, once', async (t) => {
  const watchers = new Watchers<string>()
  watchers.add(['a', 'b', 'c'], 'abc')
  watchers.add([], 'all')
  watchers.add(['a', 'b'], 'ab')
  watchers.add(['a', 'x'], 'ax')
  t.same(watchers.concerned([['a', 'b']]), ['abc', 'all', 'ab'])
  t.same(watchers.concerned([['a', 'b', 'c', 'd'], ['a', 'x']]), ['abc', 'all', 'ab', 'ax'])
  t.same(watchers.concerned([['z']]), ['all'])
  t.same(watchers.concerned([]), ['all'])
})

t.test('the same listener may be added twice, and each end ends one', async (t) => {
  const watchers = new Watchers<string>()
  const end = watchers.add(['a'], 'same')
  watchers.add(['a'], 'same')
  t.same(watchers.concerned([['a']]), ['same', 'same'])
  end()
  end()
  t.same(watchers.concerned([['a']]), ['same'])
  t.equal(watchers.size, 1)
})

t.test('indexes and their texts are one place', async (t) => {
  const watchers = new Watchers<string>()
  watchers.add(['list', '0'], 'first')
  t.same(watchers.concerned([['list', 0]]), ['first'])
})
