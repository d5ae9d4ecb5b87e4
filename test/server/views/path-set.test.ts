import t from 'tap'
import { filterOf, readPathSet } from '../../../lib/server/views/path-set.ts'

t.test('lists that cover the same are the same', async (t) => {
  const one = readPathSet(['/b', '/a/c', '/a', '/b'])!
  t.same(one.pointers, ['/a', '/b'])
  t.equal(readPathSet(['/a', '/b'])!.id, one.id)
  t.not(readPathSet(['/a'])!.id, one.id)
  t.same(readPathSet(['/a-b', '/a/b', '/a'])!.pointers, ['/a', '/a-b'])
  for (const all of [null, undefined, [''], ['/a', '']]) t.equal(readPathSet(all), undefined)
  t.ok(filterOf(one).allows(['a', 'c']))
  t.notOk(filterOf(one).allows(['c']))
})

t.test('what is no list, or too long, is refused before much is made of it', async (t) => {
  const long = '/'.repeat(8000)
  for (const wrong of [[], 'x', 5, {}, ['a'], [5], [null], ['/~'], ['/__proto__'], Array(1001).fill('/a'), ['/' + 'x'.repeat(16_384)], ['/a'.repeat(1001)], Array(500).fill(long)]) {
    const began = process.cpuUsage()
    t.throws(() => readPathSet(wrong), { code: 'JUGGLER_REQUEST_FAILED', message: /path/ })
    t.ok(process.cpuUsage(began).user < 500_000)
  }
  t.ok(readPathSet(['/a'.repeat(1000)])!.bytes > 250_000, 'a key counts what it takes')
})
