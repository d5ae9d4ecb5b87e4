import { getEventListeners } from 'node:events'
import t from 'tap'
import { createRequests } from '../../lib/client/requests.ts'

t.test('an answer settles its request alone, and leaves no timer or listener', async (t) => {
  const sent: string[] = []
  const requests = createRequests(() => (text) => { sent.push(text) })
  const { signal } = new AbortController()
  const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length
  const before = timers()
  const one = requests.send('one', undefined, { timeout: 60_000, signal })
  const two = requests.send('two', { x: 1 }, {})
  t.same(sent.map((text) => JSON.parse(text)), [
    { type: 'request', id: 1, name: 'one', data: null },
    { type: 'request', id: 2, name: 'two', data: { x: 1 } }
  ])
  t.equal(timers(), before + 1)
  t.equal(getEventListeners(signal, 'abort').length, 1)
  requests.answer({ type: 'response', id: 1, success: true, data: 7 })
  t.equal(await one, 7)
  t.equal(timers(), before)
  t.equal(getEventListeners(signal, 'abort').length, 0)
  requests.answer({ type: 'response', id: 2, success: false, data: [1] })
  await t.rejects(two, { name: 'JugglerError', data: [1] })
  requests.answer({ type: 'response', id: 2, success: true, data: null })
  requests.answer({ type: 'response', id: { any: 'thing' }, success: true, data: null })
})

t.test('loss rejects all that wait', async (t) => {
  const requests = createRequests(() => () => {})
  const waiting = [requests.send('a', null, {}), requests.send('b', null, { timeout: 60_000 })]
  requests.lost({ code: 1001, reason: 'bye' }, false)
  for (const promise of waiting) await t.rejects(promise, { code: 'JUGGLER_CONNECTION_CLOSED', closeCode: 1001, closeReason: 'bye' })
})

t.test('what was never sent rejects, and takes no number', async (t) => {
  const sent: string[] = []
  let isOpen = false
  const requests = createRequests(() => isOpen ? (text) => { sent.push(text) } : undefined)
  await t.rejects(requests.send('a', null, {}), { code: 'JUGGLER_CONNECTION_CLOSED' })
  isOpen = true
  await t.rejects(requests.send('a', 1n, {}), { code: 'JUGGLER_VALUE_INVALID' })
  await t.rejects(requests.send('a', null, { signal: AbortSignal.abort() }), { name: 'AbortError' })
  requests.send('a', null, {})
  t.equal(JSON.parse(sent[0]!).id, 1)
})

t.test('data that sends, or closes, while it is made text', async (t) => {
  const sent: string[] = []
  let isOpen = true
  const requests = createRequests(() => isOpen ? (text) => { sent.push(text) } : undefined)
  let inner: Promise<unknown> | undefined
  const outer = requests.send('outer', { toJSON: () => { inner = requests.send('inner', null); return 1 } })
  t.same(sent.map((text) => JSON.parse(text)), [
    { type: 'request', id: 1, name: 'inner', data: null },
    { type: 'request', id: 2, name: 'outer', data: 1 }
  ])
  requests.answer({ type: 'response', id: 2, success: true, data: 'outer' })
  requests.answer({ type: 'response', id: 1, success: true, data: 'inner' })
  t.same(await Promise.all([outer, inner]), ['outer', 'inner'])
  await t.rejects(requests.send('last', { toJSON: () => { isOpen = false; return 1 } }), { code: 'JUGGLER_CONNECTION_CLOSED' })
  isOpen = true
  const control = new AbortController()
  const given = requests.send('up', { toJSON: () => { control.abort(new Error('given up')); return 1 } }, { signal: control.signal })
  await t.rejects(given, { message: 'given up' })
  t.equal(sent.length, 2)
})

t.test('a signal that is none rejects', async (t) => {
  await t.rejects(createRequests(() => () => {}).send('a', null, { signal: {} as AbortSignal }), TypeError)
})
