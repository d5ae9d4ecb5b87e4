import t from 'tap'
import { Outcomes } from '../../../lib/server/operations/outcomes.ts'

t.test('durations by how requests ended; what never happened is not there', async (t) => {
  const outcomes = new Outcomes()
  t.same(outcomes.read(), {})
  outcomes.add('success', 2)
  outcomes.add('success', 3)
  outcomes.add('error', 1)
  t.match(outcomes.read(), { success: { count: 2, sum: 5 }, error: { count: 1, sum: 1 } })
  t.same(Object.keys(outcomes.read()), ['success', 'error'])
})
