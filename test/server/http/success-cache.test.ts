import t from 'tap'
import { SuccessCache } from '../../../lib/server/http/success-cache.ts'

t.test('remembers what was added', async (t) => {
  const cache = new SuccessCache()
  const digest = cache.digest('192.0.2.1', 'ann', 'secret')
  t.notOk(cache.has(digest))
  cache.add(digest)
  t.ok(cache.has(cache.digest('192.0.2.1', 'ann', 'secret')))
})

t.test('address, user and password all count, and do not run into each other', async (t) => {
  const cache = new SuccessCache()
  cache.add(cache.digest('a', 'b', 'c'))
  for (const [address, user, password] of [['x', 'b', 'c'], ['a', 'x', 'c'], ['a', 'b', 'x'], ['ab', '', 'c'], ['a', 'bc', ''], ['a', 'b"', 'c']] as const) {
    t.notOk(cache.has(cache.digest(address, user, password)))
  }
})

t.test('digests are keyed: another process has others', async (t) => {
  t.not(new SuccessCache().digest('a', 'b', 'c'), new SuccessCache().digest('a', 'b', 'c'))
  t.notMatch(new SuccessCache().digest('a', 'b', 'secret'), /secret/)
})

t.test('is bounded: the longest unused is forgotten first', async (t) => {
  const cache = new SuccessCache()
  for (let i = 0; i < 1000; i++) cache.add(String(i))
  t.ok(cache.has('0'), 'used again')
  for (let i = 1000; i < 1500; i++) cache.add(String(i))
  t.equal(cache.size, 1000)
  t.ok(cache.has('0'))
  t.notOk(cache.has('1'))
})

t.test('forgets what was not used for an hour', async (t) => {
  let now = 0
  const cache = new SuccessCache(() => now)
  cache.add('x')
  now += 3_500_000
  t.ok(cache.has('x'))
  now += 3_500_000
  t.ok(cache.has('x'), 'use keeps it')
  now += 3_700_000
  t.notOk(cache.has('x'))
})
