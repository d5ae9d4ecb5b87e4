import t from 'tap'
import { syncGroupOf } from '../../../lib/server/sync/registry.ts'
import { createState } from '../../../lib/state/state.ts'
import type { Store } from '../../../lib/state/store/store.ts'

t.test('one group for a state and a timing', async (t) => {
  const state = createState(null)
  const store = state as unknown as Store
  const of = (delay: number, leading?: boolean) => syncGroupOf(store, state, delay, leading)
  t.equal(of(200), of(200))
  t.not(of(200), of(0))
  t.not(of(200), of(200, true))
  t.not(of(200), syncGroupOf(createState(null) as unknown as Store, state, 200))
})
