import t from 'tap'
import { covers, pathsOf, queryOf } from '../../lib/client/parts.ts'

t.test('lists of paths', async (t) => {
  const given = ['/a', '/a/b', '']
  const paths = pathsOf(given)
  t.same(paths, given)
  t.not(paths, given, 'a copy')
  t.equal(pathsOf(null), undefined)
  t.equal(pathsOf(undefined), undefined)
  for (const wrong of [[], ['a'], [null], [5], ['/__proto__'], ['/a/__proto__/b'], ['/~'], 'x', {}, 5, ['/' + 'x'.repeat(8000)], Array(4000).fill('/a')]) {
    t.throws(() => pathsOf(wrong), { code: 'JUGGLER_OPTION_INVALID' }, JSON.stringify(wrong).slice(0, 30))
  }
})

t.test('what asks for them', async (t) => {
  t.equal(queryOf(['/a&b', '/č~1d']), '&path=%2Fa%26b&path=%2F%C4%8D~1d')
  t.equal(queryOf(undefined), '')
})

t.test('what they cover', async (t) => {
  const paths = ['/a/b', '/x~1y']
  for (const path of ['/a/b', '/a/b/c', ['a', 'b', 0], ['x/y'], '/x~1y/z']) t.ok(covers(paths, path), String(path))
  for (const path of ['', '/a', '/a/bc', '/x', [] as string[]]) t.notOk(covers(paths, path), String(path))
  for (const all of [undefined, null, ['']]) t.ok(covers(all, '/anything'))
  t.ok(covers([''], ''))
  t.ok(covers(5 as never, '/a'), 'what a server says that is no list says nothing')
  t.throws(() => covers(paths, 'a'), { code: 'JUGGLER_PATH_INVALID' })
})
