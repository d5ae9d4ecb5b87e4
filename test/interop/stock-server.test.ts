/** Our client against servers that behave as hat-juggler 0.6 and 0.7 do. */
import { once } from 'node:events'
import { isDeepStrictEqual } from 'node:util'
import fc from '../helpers/fast-check.ts'
import t from 'tap'
import { ConnectionClosedError, JugglerError, connect } from '../../lib/client/index.ts'
import { createState } from '../../lib/index.ts'
import type { Client, ConnectOptions } from '../../types/client.ts'
import type { JsonValue } from '../../types/json.ts'
import type { Framing } from '../../types/protocol.ts'
import { edit, make } from '../helpers/edits.ts'
import { StockServer, pythonJson } from '../helpers/interop/stock-server.ts'
import type { StockServerOptions } from '../helpers/interop/stock-server.ts'

interface Test { teardown (handler: () => unknown): unknown }

const versions = { plain: 'hat-juggler 0.6', segmented: 'hat-juggler 0.7' } satisfies Record<Framing, string>

async function pair (t: Test, framing: Framing, serverOptions: StockServerOptions = {}, options: ConnectOptions = {}) {
  const server = await StockServer.listen(t, framing, serverOptions)
  const client = await connectTo(t, server, { framing, ...options })
  return { server, client }
}

async function connectTo (t: Test, server: StockServer, options: ConnectOptions): Promise<Client> {
  const client = await connect(server.url, { pingDelay: null, ...options })
  t.teardown(() => client.close())
  return client
}

/** Resolves when the state holds a value. */
function holding (client: Client, value: JsonValue): Promise<void> {
  return new Promise((resolve) => {
    const check = () => { if (isDeepStrictEqual(client.state.data, value)) resolve() }
    client.state.onChange(check)
    check()
  })
}

for (const framing of ['plain', 'segmented'] as const) {
  const header = framing === 'plain' ? '' : '0'

  t.test(versions[framing], async (t) => {
    t.test('K01, K02 the client sends nothing by itself, and its ids are 1, 2, 3', async (t) => {
      const { server, client } = await pair(t, framing)
      server.onRequest = ({ id }) => server.respond(id, true, id)
      t.strictSame(await Promise.all([client.send('a'), client.send('b', null), client.send('c', [1])]), [1, 2, 3])
      t.strictSame(server.frames.map((frame) => JSON.parse(frame.slice(header.length))), [
        { type: 'request', id: 1, name: 'a', data: null },
        { type: 'request', id: 2, name: 'b', data: null },
        { type: 'request', id: 3, name: 'c', data: [1] }
      ])
    })

    t.test('K03, K04, K05 answers in any order; those that fit no request are ignored', async (t) => {
      const { server, client } = await pair(t, framing)
      const requests: JsonValue[] = []
      server.onRequest = ({ id }) => {
        requests.push(id)
        if (requests.length < 3) return
        for (const stray of [99, '1', null, [1]]) server.respond(stray, true, 'stray')
        for (const id of requests.toReversed()) server.respond(id, true, `answer ${id}`)
        server.respond(1, true, 'again')
      }
      t.strictSame(await Promise.all(['a', 'b', 'c'].map((name) => client.send(name))), ['answer 1', 'answer 2', 'answer 3'])
      t.equal(await client.send('', 'still open'), 'still open')
    })

    t.test('K06 errors, with data that is any JSON', async (t) => {
      const { server, client } = await pair(t, framing)
      t.match(await client.send('unknown').catch((error) => error), new JugglerError('request handler not implemented'))
      for (const data of [null, 0, '', 'the pump is stuck', [1], { code: 7 }]) {
        server.onRequest = ({ id }) => server.respond(id, false, data)
        const error = await client.send('x').catch((error) => error)
        t.ok(error instanceof JugglerError)
        t.strictSame(error.data, data)
      }
    })

    t.test('K07 notifications', async (t) => {
      const notes: unknown[] = []
      const { server, client } = await pair(t, framing, {}, { onNotify: (name, data) => { notes.push([name, data]) } })
      server.notify('alarm', { level: 2, text: 'žmigavac 😀' })
      server.notify('', null)
      await client.send('')
      t.strictSame(notes, [['alarm', { level: 2, text: 'žmigavac 😀' }], ['', null]])
      const deaf = await connectTo(t, server, { framing })
      server.notify('nobody listens', null)
      t.equal(await deaf.send('', 1), 1)
    })

    t.test('K09 state null and not; an empty diff is a change as well', async (t) => {
      const { server, client } = await pair(t, framing)
      await client.send('')
      t.equal(client.state.data, null)
      let changes = 0
      client.state.onChange(() => { changes++ })
      server.set({ pumps: [] })
      server.message({ type: 'state', diff: [] })
      await client.send('')
      t.equal(changes, 2)
      const late = await connectTo(t, server, { framing })
      await holding(late, { pumps: [] })
    })

    t.test('every operation of JSON Patch', async (t) => {
      const { server, client } = await pair(t, framing, { state: { a: [1, 2, 3], 'b/c~d': { '-': 1 } } })
      server.set(null, [
        { op: 'test', path: '/a/0', value: 1 },
        { op: 'add', path: '/a/-', value: 4 },
        { op: 'copy', from: '/a', path: '/copy' },
        { op: 'move', from: '/a/3', path: '/a/0' },
        { op: 'remove', path: '/b~1c~0d/-' },
        { op: 'replace', path: '/a/1', value: { x: null } }
      ])
      await client.send('')
      t.strictSame(client.state.data, { a: [4, { x: null }, 2, 3], 'b/c~d': {}, copy: [1, 2, 3, 4] })
    })

    t.test('K33 a large state', async (t) => {
      const text = 'žmigavac 😀 '.repeat(8 * 1024 * 1024 / 11)
      const { client } = await pair(t, framing, { state: { text } })
      await client.send('')
      t.equal(client.state.get('/text') === text, true)
    })

    t.test('pings every 10 ms, from both sides, harm nothing', async (t) => {
      const { server, client } = await pair(t, framing, { pingDelay: 10 })
      const [socket] = server.sockets
      if (framing === 'plain') for (let pongs = 0; pongs < 10; pongs++) await once(socket!, 'pong')
      else while (server.frames.filter((frame) => frame === '3').length < 10) await once(socket!, 'message')
      t.equal(await client.send('', 1), 1)

      const quiet = await StockServer.listen(t, framing)
      const pinging = await connectTo(t, quiet, { framing, pingDelay: 10, pingTimeout: 10_000 })
      const [pinged] = quiet.sockets
      while (quiet.frames.length < 10) await once(pinged!, 'message')
      t.equal(new Set(quiet.frames).size, 1, 'the same probe every time')
      t.equal(await pinging.send('', 1), 1)
      t.equal(pinging.status, 'open')
    })

    t.test('100 random edits of the state, each ending equal', async (t) => {
      const state = createState<JsonValue>({ a: [1, 2, 3], b: { c: 'x' } })
      const { server, client } = await pair(t, framing, { state: JSON.parse(state.stringify()) })
      for (const one of fc.sample(edit, 100)) {
        make(state, one)
        const value = JSON.parse(state.stringify()) as JsonValue
        server.set(value)
        await client.send('')
        if (!isDeepStrictEqual(JSON.parse(client.state.stringify()), value)) return t.fail('they differ', { value, held: client.state.data })
      }
      t.equal(client.status, 'open')
    })

    t.test('reconnection after a server restart', async (t) => {
      const { server, client } = await pair(t, framing, { state: { run: 1, same: [1] } }, { reconnect: { minDelay: 20, maxDelay: 50 } })
      await holding(client, { run: 1, same: [1] })
      const seen: JsonValue[] = []
      client.state.onChange(({ state }) => { seen.push(state.data as JsonValue) })
      const { port } = server
      server.onRequest = () => { server.stop() }
      const error = await client.send('never answered').catch((error) => error)
      t.ok(error instanceof ConnectionClosedError)
      t.equal(client.status, 'reconnecting')
      t.equal(client.stale, true)
      t.strictSame(client.state.data, { run: 1, same: [1] }, 'the last state stays readable')
      const again = await StockServer.listen(t, framing, { port, state: { run: 2, same: [1] } })
      await holding(client, { run: 2, same: [1] })
      t.equal(client.stale, false)
      t.strictSame(seen, [{ run: 2, same: [1] }], 'nobody saw it become null in between')
      t.equal(await client.send('', 'again'), 'again')
      again.set({ run: 3, same: [1] })
      await holding(client, { run: 3, same: [1] })
    })

    t.test('K30, K31, K32 sends that are pending, and later ones, reject when the server closes', async (t) => {
      const { server, client } = await pair(t, framing, {}, { reconnect: false })
      server.onRequest = () => { for (const socket of server.sockets) socket.close(1000) }
      const pending = [client.send('a'), client.send('b')]
      for (const one of pending) t.ok((await one.catch((error) => error)) instanceof ConnectionClosedError)
      await client.closed
      t.ok((await client.send('c').catch((error) => error)) instanceof ConnectionClosedError)
    })

    const faults: Array<[string, string | Buffer]> = [
      ['K20 an unknown type', `${header}{"type": "subscribe"}`],
      ['K21 a request from the server', `${header}${pythonJson({ type: 'request', id: 1, name: '', data: null })}`],
      ['K22 not JSON', `${header}{`],
      ['K23 not an object', `${header}[]`],
      ['K24 binary', Buffer.from(`${header}{"type": "state", "diff": []}`)],
      ['K25 empty', ''],
      ['K26 a patch that does not apply', `${header}${pythonJson({ type: 'state', diff: [{ op: 'remove', path: '/missing' }] })}`],
      ['K27 a diff that is not an array', `${header}${pythonJson({ type: 'state', diff: {} })}`],
      ['K28 the other framing', `${framing === 'plain' ? '0' : ''}${pythonJson({ type: 'state', diff: [] })}`]
    ]
    for (const [title, frame] of faults) {
      t.test(`${title}: the client closes, and what is pending rejects`, async (t) => {
        const errors: unknown[] = []
        const { server, client } = await pair(t, framing, { state: { a: 1 } }, { reconnect: false, onError: (error) => { errors.push(error) } })
        await holding(client, { a: 1 })
        const [socket] = server.sockets
        const closed = once(socket!, 'close')
        server.onRequest = () => server.raw(frame)
        t.ok((await client.send('x').catch((error) => error)) instanceof ConnectionClosedError)
        await closed
        await client.closed
        t.strictSame(client.state.data, { a: 1 }, 'the last state stays readable')
        t.match(errors, [{ code: 'JUGGLER_PROTOCOL_ERROR' }])
      })
    }

    t.test('framing: auto finds out what the server speaks', async (t) => {
      for (const state of [null, { a: 1 }]) {
        const { client } = await pair(t, framing, { state }, { framing: 'auto' })
        t.equal(await client.send('', 'found'), 'found')
        await holding(client, state)
      }
    })

    t.test('a client of the other framing gets no further than its first request', async (t) => {
      const other = framing === 'plain' ? 'segmented' : 'plain'
      const { client } = await pair(t, framing, {}, { framing: other, reconnect: false })
      t.ok((await client.send('x').catch((error) => error)) instanceof ConnectionClosedError)
      t.equal((await client.closed).code, 1000)
    })
  })
}
