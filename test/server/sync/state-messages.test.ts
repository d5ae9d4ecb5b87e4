import t from 'tap'
import { diffMessage, emptyMessage, outdateWhole, wholeMessage, wholeSize } from '../../../lib/server/sync/state-messages.ts'
import { Journal } from '../../../lib/state/history/journal.ts'
import { createState } from '../../../lib/state/state.ts'
import type { Store } from '../../../lib/state/store/store.ts'
import { recordingIn } from '../../helpers/server/recording.ts'

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
  store.record(recordingIn(() => journal))
  state.set('/a', 2)
  t.equal(diffMessage(journal, store)!.text, '{"type":"state","diff":[{"op":"replace","path":"/a","value":2}]}')
  state.set('/a', 1)
  t.equal(diffMessage(journal, store), undefined)
  t.equal(emptyMessage().text, '{"type":"state","diff":[]}')
})

t.test('what says that nothing has changed is made once for each state, with which it goes', async (t) => {
  const [one, other] = [createState(), createState()] as unknown as Store[]
  const message = emptyMessage(one)
  t.equal(message.text, '{"type":"state","diff":[]}')
  t.equal(message.revision, 0)
  t.equal(emptyMessage(one), message)
  t.not(emptyMessage(other), message, 'places of other states are not kept with it')
  outdateWhole(one!)
  t.not(emptyMessage(one), message)
})

t.test('a patch longer than the state that it makes is sent as the whole, the one that joiners get', async (t) => {
  const names = Array.from({ length: 2000 }, (_, i) => `m${i}`)
  const state = createState<Record<string, unknown>>({ first: 1 })
  const store = state as unknown as Store
  const journal = new Journal()
  store.record(recordingIn(() => journal))
  for (const name of names) state.set(`/${name}`, 'x'.repeat(40))
  const message = diffMessage(journal, store)!
  t.same(JSON.parse(message.text), { type: 'state', diff: [{ op: 'replace', path: '', value: state.data }] })
  t.equal(message, wholeMessage(store))
})

t.test('a patch that is shorter is sent, and so is one that fits into a packet', async (t) => {
  const state = createState<Record<string, unknown>>({ text: 'x'.repeat(50_000) })
  const store = state as unknown as Store
  const journal = new Journal()
  store.record(recordingIn(() => journal))
  for (let i = 0; i < 100; i++) state.set(`/m${i}`, i)
  t.equal((JSON.parse(diffMessage(journal, store)!.text) as { diff: unknown[] }).diff.length, 100)
  const small = createState<Record<string, unknown>>({ a: 1, b: 1 }) as unknown as Store
  const changes = new Journal()
  small.record(recordingIn(() => changes))
  ;(small as unknown as typeof state).set('/a', 2)
  ;(small as unknown as typeof state).set('/b', 2)
  t.equal((JSON.parse(diffMessage(changes, small)!.text) as { diff: unknown[] }).diff.length, 2)
})
