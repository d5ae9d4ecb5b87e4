import { connect } from 'node:net'
import type { Socket } from 'node:net'
import t from 'tap'
import type { Test } from 'tap'
import type { FastifyJugglerOptions } from '../../../types/options.ts'
import type { Connection } from '../../../types/server.ts'
import { startApp } from '../../helpers/app.ts'
import type { TestApp } from '../../helpers/app.ts'
import { Logs } from '../../helpers/logs.ts'
import { connectPeer } from '../../helpers/peer.ts'
import type { Peer } from '../../helpers/peer.ts'

interface Pair extends TestApp { peer: Peer, connection: Connection, logs: Logs }

async function pair (t: Test, options: FastifyJugglerOptions = {}, query = ''): Promise<Pair> {
  const logs = new Logs()
  const served = await startApp(t, { juggler: options, fastify: { logger: logs.logger } })
  const peer = await connectPeer(t, `${served.origin}/ws${query}`)
  const [connection] = served.app.juggler.connections
  return { ...served, peer, connection: connection!, logs }
}

t.test('invalid WebSocket input: one log line, no crash, and a code', async (t) => {
  const cases: Array<[string, (socket: Socket) => void, number]> = [
    ['text that is not UTF-8', (socket) => socket.write(Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0xff, 0xff])), 1007],
    ['a frame that is not masked', (socket) => socket.write(Buffer.from([0x81, 0x01, 0x61])), 1002],
    ['a reserved bit', (socket) => socket.write(Buffer.from([0xf1, 0x80, 0, 0, 0, 0])), 1002]
  ]
  for (const [what, write, code] of cases) {
    const { peer, connection, logs } = await pair(t)
    write((peer.ws as unknown as { _socket: Socket })._socket)
    t.equal((await connection.closed).code, code, what)
    t.equal((await peer.closed).code, code, what)
    t.match(logs.matching(/invalid WebSocket input/), [{ level: 30, code, connection: connection.id }], what)
    t.strictSame(logs.lines.filter(({ level }) => level > 30), [], what)
  }
})

t.test('a message over maxPayload: 1009, one log line without it', async (t) => {
  const { peer, connection, logs } = await pair(t, { maxPayload: 1000 })
  peer.request(1, '', 'secret'.repeat(1000))
  t.equal((await peer.closed).code, 1009)
  t.equal((await connection.closed).code, 1009)
  t.equal(logs.matching(/connection closed/).length, 1)
  t.notMatch(JSON.stringify(logs.lines), 'secretsecret')
})

t.test('a message of maxPayload passes, in either framing', async (t) => {
  const { origin } = await pair(t, { maxPayload: 1000 })
  const request = (length: number): string => {
    const head = '{"type":"request","id":1,"name":"","data":"'
    return `${head}${'x'.repeat(length - head.length - 2)}"}`
  }
  const plain = await connectPeer(t, `${origin}/ws`)
  plain.send(request(1000))
  t.match(await plain.next(), { success: true })
  plain.send(request(1001))
  t.equal((await plain.closed).code, 1009)
  const segmented = await connectPeer(t, `${origin}/ws?framing=segmented`)
  segmented.send(`0${request(1000)}`)
  t.match(await segmented.nextText(), /^0{.*"success":true/)
  segmented.send(`1${request(1001).slice(0, 500)}`)
  segmented.send(`0${request(1001).slice(500)}`)
  t.equal((await segmented.closed).code, 1009)
})

t.test('a fault in parallel mode closes at once', async (t) => {
  const { app, peer } = await pair(t, { parallelRequests: true, shutdownTimeout: 5000 })
  app.juggler.handle('forever', () => new Promise(() => {}))
  peer.request(1, 'forever')
  peer.send('bad')
  t.match(await peer.closed, { code: 4400 })
  t.equal(peer.pending, 0)
})

t.test('a peer that is silent after a ping is closed with 4408; one that answers is not', async (t) => {
  const { connection, peer, origin, app } = await pair(t, { pingDelay: 20, pingTimeout: 40 })
  const quiet = connect({ host: '127.0.0.1', port: Number(new URL(origin).port) })
  t.teardown(() => quiet.destroy())
  quiet.write('GET /ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n')
  quiet.resume()
  while (app.juggler.connections.size < 2) await new Promise((resolve) => setImmediate(resolve))
  const [, other] = app.juggler.connections
  t.match(await other!.closed, { code: 4408 })
  t.ok(connection.isOpen)
  await peer.echo()
})

t.test('keepalive does not take a connection for dead that it has stopped reading from itself', async (t) => {
  const { app, peer, connection, logs } = await pair(t, { pingDelay: 10, pingTimeout: 20, maxPayload: 100_000 })
  let open!: () => void
  const passed = new Promise<void>((resolve) => { open = resolve })
  app.juggler.handle('slow', () => passed)
  for (let i = 0; i < 1500; i++) peer.request(i, 'slow')
  // long past any timeout
  await new Promise((resolve) => setTimeout(resolve, 300))
  t.ok(connection.isOpen)
  open()
  for (let i = 0; i < 1500; i++) t.equal((await peer.next()).id, i)
  t.strictSame(logs.matching(/ping timeout/), [])
})

t.test('a peer that falls silent while its input is paused is dead as well', async (t) => {
  const { app, origin } = await pair(t, { pingDelay: 50, pingTimeout: 50 })
  let signal: AbortSignal | undefined
  app.juggler.handle('forever', (connection) => {
    signal = connection.signal
    return new Promise(() => {})
  })
  // as one whose cable was pulled: the system takes what is written to it for minutes
  const peer = await connectPeer(t, `${origin}/ws`, { autoPong: false })
  const connection = [...app.juggler.connections].at(-1)!
  for (let i = 0; i < 1500; i++) peer.request(i, 'forever')
  t.match(await connection.closed, { code: 4408 })
  t.ok(signal!.aborted)
})

t.test('a peer that leaves while its input is paused behind a handler is noticed', async (t) => {
  for (const how of ['terminate', 'close'] as const) {
    const { app, peer, connection } = await pair(t, { pingDelay: 50, pingTimeout: 50 })
    let signal: AbortSignal | undefined
    app.juggler.handle('forever', (connection) => {
      signal = connection.signal
      return new Promise(() => {})
    })
    const count = 4000
    for (let i = 0; i < count; i++) peer.request(i, 'forever', 'x'.repeat(2000))
    while (peer.ws.bufferedAmount > 0 && signal === undefined) await new Promise((resolve) => setImmediate(resolve))
    await new Promise((resolve) => setTimeout(resolve, 200))
    t.ok(connection.isOpen, 'all is well as long as it is there')
    if (how === 'close') peer.ws.close()
    // a closing page waits for the answer only for a moment
    peer.ws.terminate()
    await connection.closed
    t.ok(signal!.aborted, how)
  }
})

t.test('messages that are never whole count as well, of all connections together', async (t) => {
  const { app, origin } = await startApp(t, { juggler: { pingTimeout: 400, maxPayload: 1_000_000, limits: { bufferedBytes: 2_000_000 } } })
  const peers = await Promise.all(Array.from({ length: 5 }, () => connectPeer(t, `${origin}/ws`)))
  for (const { ws } of peers) ws.send('x'.repeat(600_000), { fin: false })
  const closed = peers.map((peer) => peer.closed.then(() => peer))
  const first = await Promise.race(closed)
  t.match(await first.closed, { code: 4429 })
  const next = await Promise.race(peers.filter((peer) => peer !== first).map((peer) => peer.closed))
  t.match(next, { code: 4429 })
  t.equal(app.juggler.connections.size, 3)
  const left = peers.filter(({ ws }) => ws.readyState === ws.OPEN)
  left[0]!.ws.send('', { fin: true })
  t.match(await left[0]!.closed, { code: 4400 }, 'it was no JSON')
})
