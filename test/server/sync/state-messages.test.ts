import t from 'tap'
import { diffMessage, emptyMessage, outdateWhole, wholeMessage, wholeSize } from '../../../lib/server/sync/state-messages.ts'
import { Journal } from '../../../lib/state/history/journal.ts'
import { createState } from '../../../lib/state/state.ts'
import type { Store } from '../../../lib/state/store/store.ts'

t.test('the whole is made once for each revision, and let go with the next', async (t) => {
  const state = createState<{ a: number }>({ a: 1 })
  const store = state as unknown as Store
  const frame = wholeMessage(store)
  t.equal(frame.text, '{"type":"state","diff":[{"op":"replace","path":"","value":{"a":1}}]}')
  t.equal(wholeMessage(store), frame)
  t.equal(wholeSize(store), 7)
  state.set('/a', 2)
  outdateWhole(store)
  t.match(wholeMessage(store).text, '{"a":2}')
})

t.test('the size of the whole is that of its text, made or not', async (t) => {
  const state = createState<string>('abc')
  const store = state as unknown as Store
  t.equal(wholeSize(store), 5)
  state.set('', 'abcdef')
  wholeMessage(store)
  t.equal(wholeSize(store), 8)
})

t.test('a diff, and none where there is no difference', async (t) => {
  const state = createState<{ a: number }>({ a: 1 })
  const store = state as unknown as Store
  const journal = new Journal()
  store.record({ covers: (keys) => journal.covers(keys), record: (keys, before) => journal.record(keys, before), committed: () => {} })
  state.set('/a', 2)
  t.equal(diffMessage(journal, store)!.text, '{"type":"state","diff":[{"op":"replace","path":"/a","value":2}]}')
  state.set('/a', 1)
  t.equal(diffMessage(journal, store), undefined)
  t.equal(emptyMessage().text, '{"type":"state","diff":[]}')
})
