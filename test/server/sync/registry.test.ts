import t from 'tap'
import { syncGroupOf } from '../../../lib/server/sync/registry.ts'
import { createState } from '../../../lib/state/state.ts'
import type { Store } from '../../../lib/state/store/store.ts'

t.test('one group for a state and a timing', async (t) => {
  const store = createState(null) as unknown as Store
  t.equal(syncGroupOf(store, 200), syncGroupOf(store, 200))
  t.not(syncGroupOf(store, 200), syncGroupOf(store, 0))
  t.not(syncGroupOf(store, 200), syncGroupOf(store, 200, true))
  t.not(syncGroupOf(store, 200), syncGroupOf(createState(null) as unknown as Store, 200))
})
