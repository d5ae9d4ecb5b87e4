import t from 'tap'
import * as storage from '../../lib/storage/index.ts'

t.test('what a page needs, and no more', async (t) => {
  t.same(Object.keys(storage).sort(), ['indexedDb', 'stateStorage'])
})
