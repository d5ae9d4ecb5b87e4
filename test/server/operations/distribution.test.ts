import t from 'tap'
import { Distribution } from '../../../lib/server/operations/distribution.ts'

t.test('each value counts in its bucket and in all larger ones, those beyond the last in none', async (t) => {
  const distribution = new Distribution([1, 10])
  t.same(distribution.read(), { count: 0, sum: 0, buckets: [{ le: 1, count: 0 }, { le: 10, count: 0 }] })
  for (const value of [0, 1, 1.5, 10, 11]) distribution.add(value)
  t.same(distribution.read(), { count: 5, sum: 23.5, buckets: [{ le: 1, count: 2 }, { le: 10, count: 4 }] })
})
