/** A client whose state is not what the server says it is: it tells, and takes the whole. */
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import type { Test } from 'tap'
import type { WebSocket } from 'ws'
import { WebSocketServer } from 'ws'
import { connect } from '../../lib/client/index.ts'
import { digest } from '../../lib/json/digest.ts'
import type { ConnectOptions } from '../../types/client.ts'
import type { JsonValue } from '../../types/json.ts'

const state = { sensors: { a: 1, b: [1, 2] }, rest: null }

/** A server that tells each connection the state, and then does as the test says. */
async function serve (t: Test, say: (send: (members: object) => void, socket: WebSocket) => void) {
  const wss = new WebSocketServer({ host: '127.0.0.1', port: 0 })
  t.teardown(() => { for (const socket of wss.clients) socket.terminate() })
  t.teardown(() => new Promise((resolve) => wss.close(resolve)))
  await once(wss, 'listening')
  const queries: Array<Record<string, string>> = []
  const closed: Array<Promise<number>> = []
  wss.on('connection', (socket, { url }) => {
    queries.push(Object.fromEntries(new URL(url!, 'ws://host').searchParams))
    closed.push(once(socket, 'close').then(([code]) => code as number))
    let revision = 6
    const send = (members: object) => socket.send(JSON.stringify({ type: 'state', diff: [], revision: ++revision, ...members }))
    send({ diff: [{ op: 'replace', path: '', value: state }], epoch: 'E' })
    say(send, socket)
  })
  const errors: Error[] = []
  const options: ConnectOptions = { reconnect: { minDelay: 1, maxDelay: 5 }, onError: (error) => errors.push(error as Error) }
  return { url: `ws://127.0.0.1:${(wss.address() as AddressInfo).port}`, queries, closed, errors, options }
}

const hash = (value: JsonValue, part?: number, parts?: number): number => digest(value, part, parts)

t.test('what agrees is no matter', async (t) => {
  const { url, errors, options } = await serve(t, (send) => {
    send({ check: ['', hash(state)] })
    send({ check: ['/sensors/b', hash([1, 2])] })
    send({ check: ['/sensors', hash(state.sensors, 0, 2), 0, 2] })
    send({ check: ['/sensors', hash(state.sensors, 1, 2), 1, 2] })
    send({ check: ['/sensors', hash(state.sensors, 0, 0), 0, 0] })
    send({ check: ['/rest', hash(null)] })
    send({ diff: [{ op: 'replace', path: '/rest', value: 1 }], check: ['/rest', hash(1)] })
  })
  const client = await connect(url, options)
  t.teardown(() => client.close())
  while (client.state.get('/rest') !== 1) await new Promise(setImmediate)
  t.equal(client.status, 'open')
  t.same(errors, [])
})

for (const [what, check] of Object.entries({
  'another value': ['/sensors/a', hash(2)],
  'another kind': ['/sensors/b', hash({ 0: 1, 1: 2 })],
  'a place that is not there': ['/nowhere/at/all', hash(null)],
  'another part': ['/sensors', hash(state.sensors, 0, 2), 1, 2]
})) {
  t.test(`${what}: it is told, closed with 4409, and the whole is taken`, async (t) => {
    let drifted = false
    const { url, queries, closed, errors, options } = await serve(t, (send) => {
      if (!drifted) send({ check })
      drifted = true
    })
    const client = await connect(url, options)
    t.teardown(() => client.close())
    const statuses: unknown[] = []
    client.onStatus((status, info) => statuses.push(status, info?.code))
    while (client.status !== 'reconnecting') await new Promise(setImmediate)
    t.equal(client.stale, true)
    while (client.stale) await new Promise(setImmediate)
    t.equal(await closed[0], 4409)
    t.match(errors, [{ name: 'JugglerClientError', code: 'JUGGLER_STATE_DRIFTED', message: 'state drifted', cause: check }])
    t.match(queries, [{ epoch: '', revision: '' }, { epoch: '', revision: '' }], 'it has no place to come back to')
    t.same(statuses, ['reconnecting', 4409, 'open', undefined])
    t.same(client.state.data, state)
  })
}

t.test('without reconnect it is the end', async (t) => {
  const { url, errors, options } = await serve(t, (send) => send({ check: ['', 1] }))
  const client = await connect(url, { ...options, reconnect: false })
  t.match(await client.closed, { code: 4409 })
  t.match(errors, [{ code: 'JUGGLER_STATE_DRIFTED' }])
})

t.test('what is no check breaks the protocol', async (t) => {
  for (const check of [5, {}, ['no pointer', 1], [null, 1]]) {
    const { url, closed, errors, options } = await serve(t, (send) => send({ check }))
    const client = await connect(url, { ...options, reconnect: false })
    await client.closed
    t.equal(await closed[0], 4400, JSON.stringify(check))
    t.match(errors, [{ code: 'JUGGLER_PROTOCOL_ERROR' }])
  }
})
