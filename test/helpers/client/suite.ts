/** What the client does, case by case; the same cases run in Node and in a page. */
import type { Client, ConnectOptions } from '../../../types/client.ts'
import type { JsonValue } from '../../../types/json.ts'
import { holds, rejection, same } from './check.ts'
import type { Control } from './control.ts'

export interface Context {
  readonly control: Control
  /** `connect` of the client under test; what it connects is closed after the case. */
  connect (address: unknown, options?: ConnectOptions): Promise<Client>
  /** Whether the case runs in a page. */
  readonly inPage: boolean
}

export type Cases = Readonly<Record<string, (context: Context) => Promise<void>>>

/** Waits so short that no case takes long, and a watchdog so patient that it stays out of the way. */
export const quick: ConnectOptions = { reconnect: { minDelay: 10, maxDelay: 40 }, pingDelay: 60_000, pingTimeout: 60_000 }

export const message = {
  whole: (value: unknown) => message.state({ op: 'replace', path: '', value }),
  state: (...diff: unknown[]) => JSON.stringify({ type: 'state', diff }),
  notify: (name: string, data: unknown = null) => JSON.stringify({ type: 'notify', name, data }),
  response: (id: unknown, data: unknown = null, success = true) => JSON.stringify({ type: 'response', id, success, data })
}

/** Resolves with the next change of the state. */
export const changed = (client: Client): Promise<void> => new Promise((resolve) => {
  const stop = client.state.onChange(() => {
    stop()
    resolve()
  })
})

/** Resolves when the client has this status. */
export const reached = (client: Client, status: string): Promise<void> => new Promise((resolve) => {
  if (client.status === status) resolve()
  const stop = client.onStatus((now) => {
    if (now !== status) return
    stop()
    resolve()
  })
})

/** A client of a new server, connected, and its number there. */
export async function pair ({ control, connect }: Context, options: ConnectOptions = {}) {
  const { server, url } = await control.listen()
  const client = await connect(url, { ...quick, ...options })
  return { server, url, client, peer: await control.next() }
}

/** A path without the name that the client has given itself, and the place where it stands. */
const unnamed = (path: string): string => path.replace(/&journal=\d+(?:-\d+){3}&epoch=.*$/, '')

export const basics: Cases = {
  async 'connects, and follows the state' (context) {
    const { control } = context
    const { client, peer } = await pair(context)
    same(client.status, 'open')
    same(client.state.data, null)
    same(client.stale, false)
    same(unnamed((await control.asked(peer)).path), '/ws?framing=plain&announce=1')
    const first = changed(client)
    await control.say(peer, message.whole({ pumps: { a: { speed: 1 }, b: { speed: 2 } } }))
    await first
    const before = client.state.get('/pumps/b')
    const calls: string[] = []
    client.state.onChange('/pumps/a', () => calls.push('a'))
    client.state.onChange('/pumps/b', () => calls.push('b'))
    client.state.onChange(({ patch }) => calls.push(patch.map(({ op }) => op).join()))
    const second = changed(client)
    await control.say(peer, message.state({ op: 'replace', path: '/pumps/a/speed', value: 3 }))
    await second
    same(client.state.data, { pumps: { a: { speed: 3 }, b: { speed: 2 } } })
    same(calls, ['a', 'replace'])
    holds(client.state.get('/pumps/b') === before, 'what did not change is the same reference')
    same(client.stale, false)
  },

  async 'what the server says at once reaches those who listen from the first moment on' ({ control, connect }) {
    const { url } = await control.listen()
    await control.greet(message.whole({ a: 1 }), message.notify('hello'), message.state({ op: 'add', path: '/b', value: 2 }))
    for (const framing of ['plain', 'auto'] as const) {
      const early: string[] = []
      const client = await connect(url, { ...quick, framing, onNotify: (name) => early.push(name) })
      const heard: unknown[] = []
      client.onNotify((name) => heard.push(name))
      client.state.onChange(() => heard.push(client.state.data))
      same([early, client.state.data], [[], null])
      await new Promise<void>((resolve) => client.state.onChange(({ revision }) => { if (revision === 2) resolve() }))
      same(heard, [{ a: 1 }, 'hello', { a: 1, b: 2 }])
      same(early, ['hello'])
    }
  },

  async 'ready is the first state, and the end of a client that got none' (context) {
    const { control } = context
    const { client, peer } = await pair(context)
    const early = client.ready
    await control.say(peer, message.whole({ a: 1 }), message.whole({ a: 2 }))
    same(await early, { a: 1 })
    holds(client.ready === early, 'it is one promise')
    const none = await pair(context)
    const { ready } = none.client
    await none.client.close(4000, 'enough')
    same((await rejection(ready, 'JUGGLER_CONNECTION_CLOSED')).closeCode, 4000)
  },

  async 'an empty diff is a change of nothing' (context) {
    const { client, peer } = await pair(context)
    const change = changed(client)
    await context.control.say(peer, message.state())
    await change
    same(client.state.data, null)
  },

  async 'numbers requests from 1 and takes answers in any order' (context) {
    const { control } = context
    const { client, peer } = await pair(context)
    const answers = [client.send('a', { x: [1] }), client.send('b', null, null as never), client.send('', 'echo')]
    same(JSON.parse(await control.frame(peer)), { type: 'request', id: 1, name: 'a', data: { x: [1] } })
    same(JSON.parse(await control.frame(peer)), { type: 'request', id: 2, name: 'b', data: null })
    same(JSON.parse(await control.frame(peer)), { type: 'request', id: 3, name: '', data: 'echo' })
    await control.say(peer, message.response(3, 'third'), message.response(99, 'nobody'), message.response('1', 'not 1'),
      message.response(1, 'first'), message.response(1, 'again'), '{"type":"response","id":2,"success":true}')
    same(await Promise.all(answers), ['first', null, 'third'])
    same(client.status, 'open')
  },

  async 'rejects with what the server answers' (context) {
    const { client, peer } = await pair(context)
    const answer = client.send('stop')
    await context.control.frame(peer)
    await context.control.say(peer, message.response(1, { why: 'locked' }, false))
    const error = await rejection(answer, 'JUGGLER_REQUEST_FAILED')
    same(error.name, 'JugglerError')
    same(error.data, { why: 'locked' })
  },

  async 'a request that is too late, or given up, ignores its answer' (context) {
    const { control } = context
    const { client, peer } = await pair(context)
    await rejection(client.send('slow', null, { timeout: 5 }), 'JUGGLER_REQUEST_TIMEOUT')
    const abort = new AbortController()
    const given = client.send('given up', null, { signal: abort.signal, timeout: 60_000 })
    abort.abort(Object.assign(new Error('enough'), { code: 'MINE' }))
    await rejection(given, 'MINE')
    await rejection(client.send('never sent', null, { signal: abort.signal }), 'MINE')
    const third = client.send('third', null, { timeout: 60_000, signal: new AbortController().signal })
    for (const name of ['slow', 'given up', 'third']) same(JSON.parse(await control.frame(peer)).name, name)
    await control.say(peer, message.response(1, 'late'), message.response(2, 'late'), message.response(3, 'in time'))
    same(await third, 'in time')
  },

  async 'what cannot be sent rejects and harms nothing' (context) {
    const { control } = context
    const { client, peer } = await pair(context)
    const cycle: unknown[] = []
    cycle.push(cycle)
    await rejection(client.send('cycle', cycle), 'JUGGLER_VALUE_INVALID')
    await rejection(client.send('function', () => {}), 'JUGGLER_VALUE_INVALID')
    await rejection(client.send('big', 10n), 'JUGGLER_VALUE_INVALID')
    await rejection(client.send(7 as never), 'JUGGLER_VALUE_INVALID')
    for (const timeout of [0, -1, NaN, Infinity, 2 ** 31, '5']) {
      await rejection(client.send('timeout', null, { timeout: timeout as number }), 'JUGGLER_OPTION_INVALID')
    }
    const good = client.send('good')
    same(JSON.parse(await control.frame(peer)).id, 1, 'the first id')
    await control.say(peer, message.response(1))
    same(await good, null)
  },

  async 'tells notifications to every listener, in order' (context) {
    const { control } = context
    const heard: unknown[] = []
    const { client, peer } = await pair(context, { onNotify: (name, data) => heard.push(['option', name, data, client.state.data]) })
    const stop = client.onNotify((name) => heard.push(['second', name]))
    const told = (expected: string) => new Promise<void>((resolve) => client.onNotify((name) => { if (name === expected) resolve() }))
    const three = told('three')
    await control.say(peer, message.whole(1), message.notify('one', { x: 1 }), message.whole(2), '{"type":"notify","name":"two"}')
    await control.say(peer, message.notify('three'))
    await three
    stop()
    const last = told('last')
    await control.say(peer, message.notify('last'))
    await last
    same(heard, [
      ['option', 'one', { x: 1 }, 1], ['second', 'one'],
      ['option', 'two', null, 2], ['second', 'two'],
      ['option', 'three', null, 2], ['second', 'three'],
      ['option', 'last', null, 2]
    ])
  },

  async 'a listener that throws is reported and stops nobody' (context) {
    const errors: string[] = []
    const { client, peer } = await pair(context, { onError: (error) => errors.push((error as Error).message) })
    const heard: string[] = []
    client.onNotify(() => { throw new Error('notify') })
    client.onNotify(async () => { throw new Error('later') })
    client.onNotify((name) => heard.push(name))
    client.state.onChange(() => { throw new Error('change') })
    client.state.onChange(() => heard.push('state'))
    client.onStatus(() => { throw new Error('status') })
    client.onStatus((status) => heard.push(status))
    const done = changed(client)
    await context.control.say(peer, message.notify('n'), message.whole(1))
    await done
    await client.close()
    same(heard, ['n', 'state', 'closed'])
    same(errors.sort(), ['change', 'later', 'notify', 'status'])
  },

  async 'close says why, settles everything, and may be called again' (context) {
    const { control } = context
    const { client, peer } = await pair(context)
    const statuses: unknown[] = []
    client.onStatus((...args) => statuses.push(args))
    const inFlight = client.send('never answered')
    const closing = client.close(4001, 'enough')
    same(client.status, 'closed')
    same(client.stale, true)
    const error = await rejection(inFlight, 'JUGGLER_CONNECTION_CLOSED')
    same([error.closeCode, error.closeReason], [4001, 'enough'])
    await rejection(client.send('late'), 'JUGGLER_CONNECTION_CLOSED')
    await closing
    same(await client.closed, { code: 4001, reason: 'enough' })
    same(await control.closed(peer), { code: 4001, reason: 'enough' })
    await client.close(1000)
    same(await client.closed, { code: 4001, reason: 'enough' })
    same(statuses, [['closed', { code: 4001, reason: 'enough' }]])
  },

  async 'what a close frame cannot carry rejects, and the client stays open' (context) {
    const { client, peer } = await pair(context)
    for (const code of [0, 999, 1001, 2999, 5000, 3000.5, NaN, '4000', null]) {
      await rejection(client.close(code as number), 'JUGGLER_OPTION_INVALID')
    }
    for (const reason of ['x'.repeat(124), 'é'.repeat(62), 7, null]) {
      await rejection(client.close(4000, reason as string), 'JUGGLER_OPTION_INVALID')
    }
    same(client.status, 'open')
    const reason = `${'é'.repeat(61)}x`
    await client.close(4999, reason)
    same(await context.control.closed(peer), { code: 4999, reason })
  },

  async 'close does not wait for a server that does not answer' (context) {
    const { client, peer } = await pair(context)
    await context.control.ignore(peer)
    await client.close()
    same(await client.closed, { code: 1000, reason: '' })
  },

  async 'a promise that nobody looks at raises nothing' (context) {
    const { client } = await pair(context)
    client.send('ignored', () => {})
    client.send('ignored')
    client.close()
    await client.closed
  },

  async 'wrong options and addresses are coded errors' ({ connect }) {
    const wrong: Array<Record<string, unknown>> = [
      { framing: 'fancy' }, { maxSegmentSize: 0 }, { maxSegmentSize: 1.5 }, { pingDelay: 0 }, { pingDelay: '5' }, { pingTimeout: 0 },
      { pingTimeout: 2 ** 31 }, { maxPayload: -1 }, { reconnect: { minDelay: 0 } },
      { reconnect: { maxDelay: NaN } }, { onNotify: 'me' }, { onError: 7 }
    ]
    for (const options of wrong) {
      const error = await rejection(connect('ws://127.0.0.1:1/ws', options as ConnectOptions), 'JUGGLER_OPTION_INVALID')
      holds(/framing|maxSegmentSize|pingDelay|pingTimeout|maxPayload|minDelay|maxDelay|listener|onError/.test(error.message), `"${error.message}" names the option`)
    }
    for (const address of ['ftp://host/ws', 'http://', 'ws://host:port/', [], ['ws://127.0.0.1/ws', 'mailto:me']]) {
      await rejection(connect(address), 'JUGGLER_ADDRESS_INVALID')
    }
  },

  async 'takes http addresses, URLs, and addresses with a query' ({ control, connect }) {
    const { url } = await control.listen()
    await connect(new URL(`${url.replace('ws:', 'http:')}?room=7#part`), quick)
    same(unnamed((await control.asked(await control.next())).path), '/ws?room=7&framing=plain&announce=1')
  }
}

export const endings: Cases = {
  async 'the first attempt fails with a code' ({ control, connect }) {
    const { url, server } = await control.listen()
    await control.stop(server)
    const error = await rejection(connect(url, quick), 'JUGGLER_CONNECT_FAILED')
    holds(error.message.includes(new URL(url).host), `"${error.message}" names the address`)
  },

  async 'takes the first address that answers' ({ control, connect }) {
    const dead = await control.listen()
    const alive = await control.listen()
    await control.stop(dead.server)
    const client = await connect([dead.url, alive.url], quick)
    same((await control.asked(await control.next())).server, alive.server)
    same(client.status, 'open')
    await control.stop(alive.server)
    await reached(client, 'reconnecting')
    await control.restart(dead.server)
    await reached(client, 'open')
    same((await control.asked(await control.next())).server, dead.server)
  },

  async 'every address is tried before it fails' ({ control, connect }) {
    const servers = await Promise.all([control.listen(), control.listen()])
    for (const { server } of servers) await control.stop(server)
    const error = await rejection(connect(servers.map(({ url }) => url), quick), 'JUGGLER_CONNECT_FAILED')
    for (const { url } of servers) holds(error.message.includes(new URL(url).host), `"${error.message}" names ${url}`)
  },

  async 'requests in flight reject on loss, and are never sent again' (context) {
    const { control } = context
    const { client, peer } = await pair(context)
    // Looked at where the loss is told: in a slow page the client is open again before the control has answered.
    const lost = rejection(client.send('once'), 'JUGGLER_CONNECTION_CLOSED').then(async (error) => {
      same(client.status, 'reconnecting')
      await rejection(client.send('not open'), 'JUGGLER_CONNECTION_CLOSED')
      return error
    })
    await control.frame(peer)
    await control.close(peer, 1001, 'bye')
    const error = await lost
    same([error.closeCode, error.closeReason], [1001, 'bye'])
    const again = await control.next()
    await reached(client, 'open')
    const next = client.send('next')
    same(JSON.parse(await control.frame(again)).name, 'next')
    await control.say(again, message.response(1, 'wrong one'), message.response(2, 'right'))
    same(await next, 'right')
  },

  async 'the old state stays, stale, until the new one is whole' (context) {
    const { control } = context
    const { client, peer } = await pair(context)
    const first = changed(client)
    await control.say(peer, message.whole({ kept: { deep: [1, 2] }, gone: 1, list: [{ id: 1 }, { id: 2 }] }))
    await first
    const before = client.state.data as Record<string, JsonValue>
    const seen: unknown[] = []
    client.state.onChange(() => seen.push([client.state.data, client.stale]))
    client.state.onChange('/kept', () => seen.push('kept changed'))
    const statuses: unknown[] = []
    client.onStatus((status) => statuses.push([status, client.stale]))
    await control.drop(peer)
    const again = await control.next()
    await reached(client, 'open')
    same([client.stale, client.state.data], [true, before])
    const told = new Promise<void>((resolve) => client.onNotify(() => resolve()))
    await control.say(again, message.notify('still stale'))
    await told
    same(client.stale, true)
    const whole = changed(client)
    await control.say(again, message.state(
      { op: 'replace', path: '', value: { kept: { deep: [1] }, list: [{ id: 2 }, { id: 3 }] } },
      { op: 'add', path: '/kept/deep/-', value: 2 }))
    await whole
    const after = { kept: { deep: [1, 2] }, list: [{ id: 2 }, { id: 3 }] }
    same(seen, [[after, false]])
    same(client.stale, false)
    const now = client.state.data as Record<string, JsonValue>
    holds(now.kept === before.kept, 'an equal part keeps its reference')
    same(statuses, [['reconnecting', true], ['open', true]])
    const then = changed(client)
    await control.say(again, message.state({ op: 'remove', path: '/list/0' }))
    await then
    same(client.state.get('/list'), [{ id: 3 }])
  },

  async 'the first patch after a reconnect may hold every operation' (context) {
    const { control } = context
    const { client, peer } = await pair(context)
    const first = changed(client)
    await control.say(peer, message.whole({ a: { n: [1] }, b: { n: [1] } }))
    await first
    const { a, b } = client.state.data as Record<string, JsonValue>
    await control.drop(peer)
    const again = await control.next()
    const second = changed(client)
    await control.say(again, message.state({ op: 'add', path: '', value: { a: { n: [1] }, x: 3 } }, { op: 'copy', from: '/a', path: '/b' },
      { op: 'move', from: '/x', path: '/y' }, { op: 'test', path: '/b/n/0', value: 1 }))
    await second
    same([client.state.data, client.stale], [{ a: { n: [1] }, b: { n: [1] }, y: 3 }, false])
    const now = client.state.data as Record<string, JsonValue>
    holds(now.a === a && now.b === b, 'equal parts keep their reference')
    same(await control.count(), 2)
  },

  async 'a container that is replaced keeps what is equal in it' (context) {
    const { control } = context
    const { client, peer } = await pair(context)
    const first = changed(client)
    await control.say(peer, message.whole({ lamps: { a: { on: true }, b: { on: true } } }))
    await first
    const lamp = client.state.get('/lamps/a')
    let calls = 0
    client.state.onChange('/lamps/a', () => { calls++ })
    const second = changed(client)
    await control.say(peer, message.state({ op: 'replace', path: '/lamps', value: { a: { on: true }, b: { on: false } } }))
    await second
    holds(client.state.get('/lamps/a') === lamp, 'it is the same reference')
    same([calls, client.state.get('/lamps/b/on')], [0, false])
  },

  async 'an empty state after a reconnect ends the staleness too' (context) {
    const { control } = context
    const { client, peer } = await pair(context)
    const first = changed(client)
    await control.say(peer, message.whole(7))
    await first
    await control.drop(peer)
    const again = await control.next()
    await reached(client, 'open')
    const second = changed(client)
    await control.say(again, message.state())
    await second
    same([client.state.data, client.stale], [null, false])
  },

  async 'without reconnect, a loss is the end' (context) {
    const { client, peer } = await pair(context, { reconnect: false })
    await context.control.close(peer, 1001, 'bye')
    same(await client.closed, { code: 1001, reason: 'bye' })
    same(client.status, 'closed')
  },

  async 'goes on or stops as the close code says' (context) {
    const stopping = await pair(context)
    await context.control.close(stopping.peer, 4406, 'because')
    same(await stopping.client.closed, { code: 4406, reason: 'because' })
    const shutOut = await pair(context)
    await context.control.close(shutOut.peer, 4401, 'because')
    await reached(shutOut.client, 'reconnecting')
    await shutOut.client.close()
    for (const code of [1000, 1001, 1011, 4400, 4408, 4429, 3000]) {
      const { client, peer } = await pair(context)
      const lost = new Promise((resolve) => client.onStatus((...args) => resolve(args)))
      await context.control.close(peer, code, 'because')
      same(await lost, ['reconnecting', { code, reason: 'because' }])
      await context.control.next()
      await reached(client, 'open')
      await client.close()
    }
  },

  async '1013 moves on to the next address' ({ control, connect }) {
    const servers = [await control.listen(), await control.listen()]
    const client = await connect(servers.map(({ url }) => url), quick)
    for (const expected of [0, 1, 0]) {
      const peer = await control.next()
      same((await control.asked(peer)).server, expected)
      // Only that: it may have been away and come back before anybody here can see that it was away.
      await reached(client, 'open')
      await control.close(peer, 1013)
    }
  },

  async 'a server that takes connections and drops them does not keep the client from the next' ({ control, connect }) {
    const servers = [await control.listen(), await control.listen()]
    const client = await connect(servers.map(({ url }) => url), quick)
    await control.close(await control.next(), 1011)
    same((await control.asked(await control.next())).server, 1)
    await reached(client, 'open')
  },

  async 'close while it waits, and while it tries' (context) {
    const { control } = context
    const waiting = await pair(context, { reconnect: { minDelay: 1e6, maxDelay: 1e6 } })
    await control.drop(waiting.peer)
    await reached(waiting.client, 'reconnecting')
    // The status comes first; a moment later the socket is gone, and the wait has begun.
    await new Promise((resolve) => setTimeout(resolve, 30))
    await waiting.client.close()
    same(await waiting.client.closed, { code: 1000, reason: '' })
    const silent = await control.silent()
    const { url } = await control.listen()
    const trying = await context.connect([url, silent], { ...quick, reconnect: { minDelay: 1, maxDelay: 1 } })
    await control.close(await control.next(), 1013)
    await reached(trying, 'reconnecting')
    await new Promise((resolve) => setTimeout(resolve, 30))
    await trying.close()
    same(trying.status, 'closed')
  },

  async 'the signal ends it in every phase' (context) {
    const { control, connect } = context
    const reason = () => Object.assign(new Error('stop'), { code: 'MINE' })
    await rejection(connect('ws://127.0.0.1:1/ws', { signal: AbortSignal.abort(reason()) }), 'MINE')
    const early = new AbortController()
    const attempt = connect(await control.silent(), { signal: early.signal })
    early.abort(reason())
    await rejection(attempt, 'MINE')
    const late = new AbortController()
    const { client, peer } = await pair(context, { signal: late.signal })
    late.abort(reason())
    same(await client.closed, { code: 1000, reason: '' })
    same((await control.closed(peer)).code, 1000)
  },

  async 'an attempt that nobody answers is given up' ({ control, connect }) {
    await rejection(connect(await control.silent(), { pingDelay: 40, pingTimeout: 40 }), 'JUGGLER_CONNECT_FAILED')
  },

  async 'waits ever longer for a server that closes at once' (context) {
    const { random } = Math
    try {
      // Jitter at its most patient, so that the waits are known: at least 40, 80, 160, 320 ms.
      Math.random = () => 0.999
      await growing(context, false)
      // Also where another address does not answer at all.
      await growing(context, true)
    } finally {
      Math.random = random
    }
  }
}

/** A server that takes connections and closes them: each wait is longer than the one before. */
async function growing ({ control, connect }: Context, oneIsDead: boolean): Promise<void> {
  await control.closeAll(1000)
  const { url } = await control.listen()
  const dead = await control.listen()
  await control.stop(dead.server)
  const times: number[] = []
  const client = await connect(oneIsDead ? [dead.url, url] : url, { ...quick, reconnect: { minDelay: 40, maxDelay: 320 } })
  const start = Date.now()
  await new Promise<void>((resolve) => client.onStatus((status) => {
    if (status === 'open' && times.push(Date.now()) === 5) resolve()
  }))
  await client.close()
  const gaps = times.map((time, i) => time - (times[i - 1] ?? start))
  for (const [i, least] of [30, 70, 150, 310, 310].entries()) {
    holds(gaps[i]! >= least, `gap ${i} of ${gaps.join()} is at least ${least}`)
  }
}

/** What a server may not send, the code that answers it, and whether a page may send that code. */
const bad: Array<[string, { frames?: string[], binary?: number[] }, number]> = [
  ['not JSON', { frames: ['{nope'] }, 4400],
  ['an empty message', { frames: [''] }, 4400],
  ['a bare NaN', { frames: ['{"type":"notify","name":"x","data":NaN}'] }, 4400],
  ['no object', { frames: ['[]'] }, 4400],
  ['a number', { frames: ['17'] }, 4400],
  ['an unknown type', { frames: ['{"type":"hello"}'] }, 4400],
  ['a request', { frames: ['{"type":"request","id":1,"name":"","data":null}'] }, 4400],
  ['a diff that is no array', { frames: ['{"type":"state","diff":{}}'] }, 4400],
  ['a response without success', { frames: ['{"type":"response","id":1,"data":null}'] }, 4400],
  ['a notification without a name', { frames: ['{"type":"notify","data":null}'] }, 4400],
  ['a patch of a missing place', { frames: [message.state({ op: 'replace', path: '/no/such', value: 1 })] }, 4400],
  ['a patch that fails half-way', { frames: [message.state({ op: 'replace', path: '/a', value: 2 }, { op: 'remove', path: '/b' })] }, 4400],
  ['a test that fails', { frames: [message.state({ op: 'test', path: '/a', value: 2 })] }, 4400],
  ['a member called __proto__', { frames: ['{"type":"state","diff":[{"op":"add","path":"/__proto__","value":1}]}'] }, 4400],
  ['an operation of no kind', { frames: [message.state({ op: 'mend', path: '/a' })] }, 4400],
  ['a message that is too large', { frames: [message.notify('x'.repeat(2000))] }, 1009],
  ['binary data', { binary: [1, 2] }, 1003]
]

export const faults: Cases = Object.fromEntries(bad.map(([name, { frames, binary }, code]) => [
  `a server that sends ${name} is left, and tried again`,
  async (context: Context) => {
    const { control } = context
    const errors: Array<Error & { code?: string }> = []
    const { client, peer } = await pair(context, { maxPayload: 1000, onError: (error) => errors.push(error as Error) })
    const first = changed(client)
    await control.say(peer, message.whole({ a: 1 }))
    await first
    const lost = new Promise((resolve) => client.onStatus((_status, info) => resolve(info)))
    if (binary !== undefined) await control.sayBinary(peer, binary)
    if (frames !== undefined) await control.say(peer, ...frames)
    const info = await lost as { code: number }
    same(info.code, code)
    same((await control.closed(peer)).code, context.inPage && code < 3000 ? 4400 : code, 'what the server saw')
    same(errors.map((error) => error.code), ['JUGGLER_PROTOCOL_ERROR'])
    same([client.state.data, client.stale], [{ a: 1 }, true])
    const again = await control.next()
    const second = changed(client)
    await reached(client, 'open')
    await control.say(again, message.whole({ a: 2 }))
    await second
    same([client.state.data, client.stale], [{ a: 2 }, false])
  }
]))

/** States and patches that are small on the wire and would cost the client its memory, its time or its stack. */
const excessive: Array<[string, () => string[]]> = [
  ['copies that double an array', () => {
    const doubling = Array.from({ length: 40 }, () => ({ op: 'copy', from: '/a', path: '/a/-' }))
    return [message.whole({ a: [1, 2, 3] }), message.state(...doubling)]
  }],
  ['many copies of a large part', () => {
    const copies = Array.from({ length: 20_000 }, (_, i) => ({ op: 'copy', from: '/part', path: `/c${i}` }))
    return [message.whole({ part: Array(1000).fill(1) }), message.state(...copies)]
  }],
  ['a state of more than 1,000 levels', () => [`{"type":"state","diff":[{"op":"replace","path":"","value":${'['.repeat(1001)}${']'.repeat(1001)}}]}`]],
  ['a state of 100,000 levels', () => [`{"type":"state","diff":[{"op":"replace","path":"","value":${'['.repeat(1e5)}${']'.repeat(1e5)}}]}`]]
]

export const excess: Cases = Object.fromEntries(excessive.map(([name, frames]) => [
  `a server that sends ${name} is left, soon, and nothing of it is shown`,
  async (context: Context) => {
    const errors: Array<Error & { code?: string }> = []
    const { client, peer } = await pair(context, { onError: (error) => errors.push(error as Error) })
    const lost = new Promise((resolve) => client.onStatus((_status, info) => resolve(info)))
    const start = Date.now()
    const sent = frames()
    await context.control.say(peer, ...sent)
    same((await lost as { code: number }).code, 4400)
    holds(Date.now() - start < 10_000, `it takes ${Date.now() - start} ms`)
    same(errors.map((error) => error.code), ['JUGGLER_PROTOCOL_ERROR'])
    same(client.state.data, sent.length === 1 ? null : JSON.parse(sent[0]!).diff[0].value)
  }
]))

export const framings: Cases = {
  async 'segmented: messages in pieces, pings in between' (context) {
    const { control } = context
    const { client, peer } = await pair(context, { framing: 'segmented', maxSegmentSize: 20 })
    same(unnamed((await control.asked(peer)).path), '/ws?framing=segmented&announce=1')
    const text = message.whole({ text: 'über 😀' })
    const change = changed(client)
    await control.say(peer, `1${text.slice(0, 10)}`, '2are you there', `1${text.slice(10, 30)}`, '1', '3stray', `0${text.slice(30)}`)
    await change
    same(client.state.data, { text: 'über 😀' })
    same(await control.frame(peer), '3are you there')
    const answer = client.send('long', 'x'.repeat(40))
    let received = ''
    for (let frame = '1'; frame[0] === '1';) {
      frame = await control.frame(peer)
      holds(frame.length <= 21, 'no frame is longer than header and segment')
      received += frame.slice(1)
    }
    same(JSON.parse(received), { type: 'request', id: 1, name: 'long', data: 'x'.repeat(40) })
    await control.say(peer, `0${message.response(1, 'ok')}`)
    same(await answer, 'ok')
  },

  async 'segmented: segments without end are cut off' (context) {
    const { control } = context
    const errors: unknown[] = []
    const { client, peer } = await pair(context, { framing: 'segmented', maxPayload: 1000, onError: (error) => errors.push((error as { code: string }).code) })
    const lost = new Promise((resolve) => client.onStatus((_status, info) => resolve(info)))
    for (let i = 0; i < 11; i++) await control.say(peer, `1${'x'.repeat(100)}`)
    same((await lost as { code: number }).code, 1009)
    same(errors, ['JUGGLER_PROTOCOL_ERROR'])
  },

  async 'segmented: an unknown header, and an empty frame' (context) {
    for (const frame of ['4', '']) {
      const { client, peer } = await pair(context, { framing: 'segmented', onError: () => {} })
      const lost = new Promise((resolve) => client.onStatus((_status, info) => resolve(info)))
      await context.control.say(peer, frame)
      same((await lost as { code: number }).code, 4400)
      await context.control.next()
      await client.close()
    }
  },

  async 'a server of the other framing ends it, and the error says what to do' (context) {
    for (const [framing, frame, other] of [['plain', `0${message.whole(1)}`, 'segmented'], ['segmented', message.whole(1), 'plain']] as const) {
      const errors: Error[] = []
      const { client, peer } = await pair(context, { framing, onError: (error) => errors.push(error as Error) })
      await context.control.say(peer, frame)
      same((await client.closed).code, 4406)
      holds(errors.length === 1 && errors[0]!.message.includes(`framing=${other}`), `"${errors[0]?.message}" names the other framing`)
    }
  },

  async 'the address may name the framing' ({ control, connect }) {
    const { url } = await control.listen()
    await connect(`${url}?framing=segmented`, quick)
    same(unnamed((await control.asked(await control.next())).path), '/ws?framing=segmented&announce=1')
  },

  async 'auto: a server of the first guess' ({ control, connect }) {
    const { url } = await control.listen()
    const attempt = connect(url, { ...quick, framing: 'auto' })
    const peer = await control.next()
    same(JSON.parse(await control.frame(peer)), { type: 'request', id: 0, name: '', data: null })
    await control.say(peer, message.response(0))
    same((await attempt).status, 'open')
  },

  async 'auto: the other framing, learnt from a frame, a code or a plain close' ({ control, connect }) {
    for (const hint of ['frame', 4406, 1000]) {
      const { url } = await control.listen()
      const errors: unknown[] = []
      const attempt = connect(url, { ...quick, framing: 'auto', onError: (error) => errors.push(error) })
      const first = await control.next()
      if (typeof hint === 'number') await control.close(first, hint)
      else await control.say(first, '2')
      const second = await control.next()
      same(unnamed((await control.asked(second)).path), '/ws?framing=segmented&announce=1')
      same(await control.frame(second), '2')
      await control.say(second, '3')
      const client = await attempt
      const change = changed(client)
      await control.say(second, `0${message.whole(1)}`)
      await change
      same(client.state.data, 1)
      await control.drop(second)
      const third = await control.next()
      same(unnamed((await control.asked(third)).path), '/ws?framing=segmented&announce=1', 'it is remembered')
      await client.close()
      same(errors, [])
    }
  },

  async 'auto: after both guesses have failed, it begins with what worked before' ({ control, connect }) {
    const { url } = await control.listen()
    const attempt = connect(url, { ...quick, framing: 'auto' })
    const first = await control.next()
    await control.say(first, message.response(0))
    await attempt
    await control.closeAll(1011)
    await control.drop(first)
    for (const framing of ['plain', 'segmented', 'plain', 'segmented']) {
      same(unnamed((await control.asked(await control.next())).path), `/ws?framing=${framing}&announce=1`)
    }
    await control.closeAll(null)
  },

  async 'auto: a server that refuses both, since it is being replaced, is tried again' ({ control, connect }) {
    const { url } = await control.listen()
    const attempt = connect(url, { ...quick, framing: 'auto' })
    const first = await control.next()
    await control.say(first, message.response(0))
    const client = await attempt
    await control.closeAll(4406)
    await control.drop(first)
    for (let tries = 0; tries < 4; tries++) await control.next()
    same(client.status, 'reconnecting')
    await control.closeAll(null)
    await client.close()
  },

  async 'auto: neither framing' ({ control, connect }) {
    await control.closeAll(4406)
    const { url } = await control.listen()
    await rejection(connect(url, { ...quick, framing: 'auto' }), 'JUGGLER_CONNECT_FAILED')
    same(await control.count(), 2)
    await control.closeAll(null)
  },

  async 'a quiet server is probed, and kept while it answers' (context) {
    for (const framing of ['plain', 'segmented'] as const) {
      const { control } = context
      const { client, peer } = await pair(context, { framing, pingDelay: 8, pingTimeout: 20_000 })
      for (let round = 0; round < 3; round++) {
        const probe = await control.frame(peer)
        if (framing === 'segmented') same(probe, '2')
        else same(JSON.parse(probe), { type: 'request', id: 0, name: '', data: null })
        await control.say(peer, framing === 'segmented' ? '3' : message.response(0))
      }
      same(client.status, 'open')
      await client.close()
    }
  },

  async 'a dead server is left' (context) {
    for (const framing of ['plain', 'segmented'] as const) {
      const { control } = context
      // The time that an attempt to connect has is the sum of the two, and a busy machine needs some of it.
      const { client, peer } = await pair(context, { framing, pingDelay: 1500, pingTimeout: 500, reconnect: false })
      const lost = new Promise((resolve) => client.onStatus((_status, info) => resolve(info)))
      same((await lost as { code: number }).code, 4408, 'what the client says')
      same((await control.closed(peer)).code, 4408, 'what the server saw')
      await client.close()
    }
  }
}

export const suite: Cases = { ...basics, ...endings, ...faults, ...excess, ...framings }
