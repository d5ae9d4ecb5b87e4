/** When state is sent, to whom, and in which order with what else is sent. */
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import type { JsonValue } from '../../types/json.ts'
import { added, gate, implementation, replaced, response, serve, whole } from '../helpers/conformance/harness.ts'

const { createState } = implementation

// Windows that a case never waits for; a change that arrives all the same was sent for another reason.
const endless = 60_000

t.test('S01 while the state is null nothing is sent', async (t) => {
  for (const autoflushDelay of [0, 1, null]) {
    const state = createState()
    const served = await serve(t, { state, autoflushDelay })
    const client = await served.connect()
    t.strictSame(await client.messagesUntilEcho(), [])
    state.set('', 1)
    if (autoflushDelay === null) await served.peer.flush()
    t.strictSame(await client.message(), whole(1), 'the first message is the first value')
  }
})

t.test('S02 a state that is not null is sent whole at the end of the turn, with what handlers changed in it', async (t) => {
  const state = createState({ a: 1 })
  const served = await serve(t, { state, autoflushDelay: 60_000, onConnection: () => { state.set('/b', 2) } })
  const client = await served.connect()
  t.strictSame(await client.message(), whole({ a: 1, b: 2 }), 'long before the delay is over')
  t.strictSame(await client.messagesUntilEcho(), [], 'and nothing else than the whole')
})

t.test('S02 who comes later in a window gets the whole at its end, merged', async (t) => {
  const state = createState({ a: 1 })
  const served = await serve(t, { state, autoflushDelay: 1000 })
  const first = await served.connect()
  await first.message()
  state.set('/b', 2)
  const second = await served.connect()
  t.strictSame(await second.message(), whole({ a: 1, b: 2 }), 'the first of a window is served at once')
  const third = await served.connect()
  state.set('/c', 3)
  t.strictSame(await third.messagesUntilEcho(), [], 'nothing before the delay')
  t.strictSame(await third.message(), whole({ a: 1, b: 2, c: 3 }))
  state.set('/c', 4)
  t.strictSame(await third.message(), replaced('/c', 4), 'and nothing else than the whole')
})

t.test('S03 with delay 0 the whole is sent at once', async (t) => {
  const served = await serve(t, { state: createState({ a: 1 }), autoflushDelay: 0 })
  const client = await served.connect()
  t.strictSame(await client.messagesUntilEcho(), [whole({ a: 1 })])
})

t.test('S04 without a delay the whole is sent on flush only', async (t) => {
  const served = await serve(t, { state: createState({ a: 1 }), autoflushDelay: null, onRequest: (peer) => peer.flush() })
  const client = await served.connect()
  t.strictSame(await client.messagesUntilEcho(), [])
  client.request(1, 'flush')
  t.strictSame(await client.messagesUntil(response(1, null)), [whole({ a: 1 })])
})

for (const value of [0, false, '', {}, []]) {
  t.test(`S05 ${JSON.stringify(value)} is a value like any other`, async (t) => {
    const atConnect = await (await serve(t, { state: createState(value), autoflushDelay: 0 })).connect()
    t.strictSame(await atConnect.message(), whole(value as JsonValue))

    const state = createState()
    const later = await (await serve(t, { state, autoflushDelay: 0 })).connect()
    state.set('', value)
    t.strictSame(await later.message(), whole(value as JsonValue))
    state.set('', null)
    t.strictSame(await later.message(), whole(null))
  })
}

t.test('S06 shared: a late joiner gets one whole, then diffs like all', async (t) => {
  const state = createState({ n: 0 })
  const served = await serve(t, { state, autoflushDelay: 0 })
  const early = await served.connect()
  t.strictSame(await early.messagesUntilEcho(), [whole({ n: 0 })])
  state.set('/n', 1)
  state.set('/n', 2)
  t.strictSame(await early.messagesUntilEcho(), [replaced('/n', 1), replaced('/n', 2)])
  const late = await served.connect()
  t.strictSame(await late.messagesUntilEcho(), [whole({ n: 2 })])
  state.set('/n', 3)
  t.strictSame(await early.messagesUntilEcho(), [replaced('/n', 3)])
  t.strictSame(await late.messagesUntilEcho(), [replaced('/n', 3)])
})

t.test('S07 not shared: each connection has its own', async (t) => {
  const served = await serve(t, {
    autoflushDelay: 0,
    onRequest: (peer, name) => { peer.state.set('', name) }
  })
  const one = await served.connect()
  const other = await served.connect()
  one.request(1, 'mine')
  const messages = [await one.message(), await one.message()]
  t.ok(messages.some((message) => message.type === 'state' && message.diff[0].value === 'mine'))
  t.strictSame(await other.messagesUntilEcho(), [])
  other.request(1, 'yours')
  t.match([await other.message(), await other.message()].find(({ type }) => type === 'state'), whole('yours'))
  t.strictSame(await one.messagesUntilEcho(), [])
})

t.test('S08 a delay is a throttle: changes that go on do not put the message off', async (t) => {
  const state = createState(0)
  const served = await serve(t, { state, autoflushDelay: 100 })
  const client = await served.connect()
  t.strictSame(await client.message(), whole(0))
  let value = 0
  const values: number[] = []
  while (values.length < 2 && value < 2000) {
    state.set('', ++value)
    await sleep(5)
    while (client.pending > 0) values.push((await client.message()).diff[0].value)
  }
  t.equal(values.length, 2, 'messages arrive while changes go on')
  t.ok(values.every((seen, index) => seen > (values[index - 1] ?? 0)), 'each newer than the one before')
  t.ok(value > 2, 'and fewer than there were changes')
})

t.test('S09 at the end of the window the newest value is sent', async (t) => {
  const state = createState({ a: 0, b: 0 })
  const served = await serve(t, { state, autoflushDelay: 300 })
  const client = await served.connect()
  t.strictSame(await client.message(), whole({ a: 0, b: 0 }))
  for (let i = 1; i <= 5; i++) state.set('/a', i)
  t.strictSame(await client.message(), replaced('/a', 5))
  state.set('/b', 1)
  t.strictSame(await client.message(), replaced('/b', 1))
})

t.test('S10 there and back within a window sends nothing', async (t) => {
  const state = createState({ a: 0, list: [1, 2] })
  const served = await serve(t, { state, autoflushDelay: null })
  const client = await served.connect()
  await served.peer.flush()
  t.strictSame(await client.messagesUntilEcho(), [whole({ a: 0, list: [1, 2] })])
  state.set('/a', 1)
  state.set('/new', { x: 1 })
  state.remove('/list/0')
  state.set('/a', 0)
  state.remove('/new')
  state.set('/list', [1, 2])
  await served.peer.flush()
  t.strictSame(await client.messagesUntilEcho(), [])

  const timed = createState({ a: 0 })
  const windowed = await (await serve(t, { state: timed, autoflushDelay: 20 })).connect()
  t.strictSame(await windowed.message(), whole({ a: 0 }))
  timed.set('/a', 1)
  timed.set('/a', 0)
  await sleep(60)
  timed.set('/b', 1)
  t.strictSame(await windowed.message(), added('/b', 1))
})

t.test('S11 delay 0: one message for every set, in order', async (t) => {
  const state = createState(null)
  const served = await serve(t, { state, autoflushDelay: 0 })
  const client = await served.connect()
  for (let i = 1; i <= 5; i++) {
    state.set('', i)
    await sleep(1)
  }
  t.strictSame(await client.messagesUntilEcho(), [1, 2, 3, 4, 5].map(whole))
})

t.test('S12 delay 0: also for sets made without yielding, there and back included', async (t) => {
  const state = createState(null)
  const served = await serve(t, { state, autoflushDelay: 0 })
  const client = await served.connect()
  state.set('', { n: 0 })
  for (const n of [1, 2, 1, 0]) state.set('/n', n)
  t.strictSame(await client.messagesUntilEcho(), [
    whole({ n: 0 }), replaced('/n', 1), replaced('/n', 2), replaced('/n', 1), replaced('/n', 0)
  ])
})

t.test('S13 setting an equal value sends nothing', async (t) => {
  const state = createState({ a: { b: [1, { c: null }] } })
  const served = await serve(t, { state, autoflushDelay: 0 })
  const client = await served.connect()
  t.strictSame(await client.messagesUntilEcho(), [whole({ a: { b: [1, { c: null }] } })])
  state.set('', { a: { b: [1, { c: null }] } })
  state.set('/a/b', [1, { c: null }])
  state.set(['a', 'b', 0], 1)
  t.strictSame(await client.messagesUntilEcho(), [])
})

for (const autoflushDelay of [0, 200]) {
  t.test(`S18 a notification right after a set overtakes the state (delay ${autoflushDelay})`, async (t) => {
    const state = createState(null)
    const served = await serve(t, { state, autoflushDelay })
    const client = await served.connect()
    state.set('', 1)
    served.peer.notify('first', null)
    t.strictSame(await client.message(), { type: 'notify', name: 'first', data: null })
    t.strictSame(await client.message(), whole(1))
  })
}

t.test('S18 set, awaited flush, notify: the state comes first', async (t) => {
  for (const autoflushDelay of [0, endless, null]) {
    const state = createState(null)
    const served = await serve(t, { state, autoflushDelay })
    const client = await served.connect()
    state.set('', 1)
    await served.peer.flush()
    await served.peer.notify('then')
    t.strictSame(await client.messagesUntil({ type: 'notify', name: 'then', data: null }), [whole(1)])
  }
})

t.test('S19 with a delay, responses overtake state', async (t) => {
  const served = await serve(t, { autoflushDelay: 1000, onRequest: (peer) => { peer.state.set('', 1) } })
  const client = await served.connect()
  client.request(1, 'x')
  t.strictSame(await client.message(), response(1, null))
  t.strictSame(await client.message(), whole(1))
})

t.test('S20 on a closed connection flush() and notify() reject, and the state goes on working', async (t) => {
  const state = createState({ a: 1 })
  const served = await serve(t, { state, autoflushDelay: 0 })
  const other = await served.connect()
  t.strictSame(await other.message(), whole({ a: 1 }))
  const client = await served.connect()
  const { peer } = served
  t.equal(peer.isOpen, true)
  client.ws.close()
  await peer.closed
  t.equal(peer.isOpen, false)
  t.ok(implementation.isConnectionClosed(await peer.flush().catch((error: unknown) => error)))
  t.ok(implementation.isConnectionClosed(await peer.notify('x').catch((error: unknown) => error)))
  state.set('/a', 2)
  t.equal(state.get('/a'), 2)
  t.strictSame(await other.message(), replaced('/a', 2))
})

t.test('S21 what was not synchronised when the connection closed is dropped', async (t) => {
  const served = await serve(t, {
    autoflushDelay: 200,
    async onRequest (peer) {
      peer.state.set('', 'unsent')
      await peer.close()
    }
  })
  const client = await served.connect()
  client.request(1, 'x')
  t.strictSame(await client.rest(), [response(1, null)])
})

t.test('S26 a connection handler that throws is logged, and the connection stays', async (t) => {
  for (const onConnection of [
    () => { throw new Error('wrong at once') },
    () => Promise.reject(new Error('wrong later'))
  ]) {
    const served = await serve(t, { onConnection })
    const client = await served.connect()
    t.strictSame(await client.messagesUntilEcho(), [])
    const [line, ...rest] = served.log.filter(({ level }) => level >= 40)
    t.match(line?.text, /wrong (at once|later)/)
    t.strictSame(rest, [])
  }
})

t.test('S26 a connection handler runs concurrently with requests', async (t) => {
  const slow = gate()
  const events: string[] = []
  const served = await serve(t, {
    async onConnection () {
      await slow.promise
      events.push('connected')
    },
    onRequest: () => { events.push('request') }
  })
  const client = await served.connect()
  client.request(1, 'x')
  t.strictSame(await client.message(), response(1, null))
  slow.open()
  await slow.promise
  t.strictSame(await client.messagesUntilEcho(), [])
  t.strictSame(events, ['request', 'connected'])
})

t.test('S27 a notification is its type, name and data', async (t) => {
  const served = await serve(t)
  const client = await served.connect()
  served.peer.notify('alarm', { level: [1, null] })
  served.peer.notify('')
  t.strictSame(await client.message(), { type: 'notify', name: 'alarm', data: { level: [1, null] } })
  t.strictSame(await client.message(), { type: 'notify', name: '', data: null })
})

t.test('B14 notify() with a value that JSON cannot carry throws, and the connection stays', async (t) => {
  const served = await serve(t)
  const client = await served.connect()
  const cycle: unknown[] = []
  cycle.push(cycle)
  for (const value of [1n, cycle, { a: [1n] }, () => {}, Symbol('x')]) {
    t.throws(() => served.peer.notify('x', value), { code: 'JUGGLER_VALUE_INVALID' })
  }
  t.equal(served.peer.isOpen, true)
  t.strictSame(await client.messagesUntilEcho(), [])
})
