import { once } from 'node:events'
import { connect } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import t from 'tap'
import type { Test } from 'tap'
import { WebSocket, WebSocketServer } from 'ws'
import { messageEncoding } from '../../../lib/server/wire/encoded-message.ts'
import { Keepalive } from '../../../lib/server/connection/keepalive.ts'
import { Monitor } from '../../../lib/server/operations/monitor.ts'
import { Outbox } from '../../../lib/server/wire/outbox.ts'
import type { KeepaliveOptions, WatchedConnection } from '../../../lib/server/connection/keepalive.ts'

/** A clock that stands still until it is told to go. */
class Clock {
  now = 0
  timer: { callback: () => void, delay: number, due: number } | undefined
  started = 0

  setInterval (callback: () => void, delay: number) {
    this.started++
    this.timer = { callback, delay, due: this.now + delay }
    return {}
  }

  clearInterval (): void {
    this.timer = undefined
  }

  pass (time: number): void {
    const end = this.now + time
    while (this.timer !== undefined && this.timer.due <= end) {
      this.now = this.timer.due
      this.timer.due += this.timer.delay
      this.timer.callback()
    }
    this.now = end
  }
}

class Fake implements WatchedConnection {
  quiet = 0
  isReading = true
  moves = 0
  swepts = 0
  readonly events: Array<[string, number]> = []
  readonly #clock: Clock

  constructor (clock: Clock) {
    this.#clock = clock
  }

  swept (ms: number): void {
    this.swepts += ms
  }

  ping (): void {
    this.events.push(['ping', this.#clock.now])
  }

  progressed (): boolean {
    return this.moves-- > 0
  }

  pingTimedOut (): void {
    this.events.push(['dead', this.#clock.now])
  }
}

function setUp (options: KeepaliveOptions, count = 1) {
  const clock = new Clock()
  const connections = new Set(Array.from({ length: count }, () => new Fake(clock)))
  const keepalive = new Keepalive(connections, options, clock)
  keepalive.watch()
  return { clock, connections, keepalive, connection: [...connections][0]! }
}

/** Whether something came at this time or, by a sweep or two, after it. */
const within = (time: number, earliest: number, late: number) => time >= earliest && time <= earliest + late

t.test('a silent peer is pinged after pingDelay and dead pingTimeout later, once', async (t) => {
  for (const [pingDelay, pingTimeout] of [[30_000, 30_000], [5000, 30_000], [30_000, 5000], [10, 10], [10, 1000], [1, 1], [0.5, 0.5]] as const) {
    const { clock, connection } = setUp({ pingDelay, pingTimeout })
    clock.pass((pingDelay + pingTimeout) * 20)
    t.same(connection.events.map(([event]) => event), ['ping', 'dead'])
    const [[, ping], [, dead]] = connection.events as [[string, number], [string, number]]
    const late = Math.max(Math.min(pingDelay, pingTimeout) / 4, 2)
    t.ok(within(ping, pingDelay, late), `${pingDelay}: ping at ${ping}`)
    t.ok(within(dead - ping, pingTimeout, late), `${pingTimeout}: dead ${dead - ping} after`)
  }
})

t.test('any frame within the delay: never a ping', async (t) => {
  const { clock, connection } = setUp({ pingDelay: 1000, pingTimeout: 1000 })
  for (let i = 0; i < 100; i++) {
    clock.pass(999)
    connection.quiet = 0
  }
  t.same(connection.events, [])
})

t.test('any frame after the ping: alive, and pinged again after a whole delay', async (t) => {
  const { clock, connection } = setUp({ pingDelay: 1000, pingTimeout: 1000 })
  clock.pass(1900)
  t.equal(connection.events.length, 1)
  connection.quiet = 0
  clock.pass(999)
  t.equal(connection.events.length, 1)
  clock.pass(300)
  t.same(connection.events.map(([event]) => event), ['ping', 'ping'])
  clock.pass(1300)
  t.same(connection.events.map(([event]) => event), ['ping', 'ping', 'dead'])
})

t.test('every connection has its own silence', async (t) => {
  const { clock, connections } = setUp({ pingDelay: 1000, pingTimeout: 1000 }, 3)
  const [first, second, third] = [...connections] as [Fake, Fake, Fake]
  clock.pass(900)
  second.quiet = 0
  clock.pass(600)
  t.same([first, second, third].map(({ events }) => events.length), [1, 0, 1])
  third.quiet = 0
  clock.pass(1000)
  t.same([first, second, third].map(({ events }) => events.length), [2, 1, 1])
  t.equal(clock.started, 1, 'one timer for all')
})

t.test('a connection that does not read its input is not taken for dead, but asked again and again', async (t) => {
  const { clock, connection } = setUp({ pingDelay: 1000, pingTimeout: 1000 })
  clock.pass(1500)
  connection.isReading = false
  clock.pass(100_000)
  const kinds = connection.events.map(([event]) => event)
  t.ok(kinds.length >= 90 && kinds.every((event) => event === 'ping'), `${kinds.length} pings`)
  connection.isReading = true
  clock.pass(1000)
  t.equal(connection.events.at(-1)![0], 'dead')
})

t.test('a slow peer that is still taking a long message has its time', async (t) => {
  const { clock, connection } = setUp({ pingDelay: 1000, pingTimeout: 1000 })
  connection.moves = 5
  clock.pass(7000)
  t.same(connection.events.map(([event]) => event), ['ping'])
  clock.pass(2000)
  t.same(connection.events.map(([event]) => event), ['ping', 'dead'])
})

t.test('missed sweeps are not made up for', async (t) => {
  // as after a suspended laptop: the timer comes once, however late
  const { clock, connection } = setUp({ pingDelay: 1000, pingTimeout: 1000 })
  clock.now += 1e9
  clock.timer!.due = clock.now
  clock.pass(500)
  t.same(connection.events, [])
})

t.test('the timer runs only while there are connections; with pingDelay null it looks at them and never pings', async (t) => {
  const { clock, connections, connection, keepalive } = setUp({ pingDelay: 1000, pingTimeout: 1000 })
  keepalive.watch()
  t.equal(clock.started, 1)
  connections.delete(connection)
  clock.pass(500)
  t.equal(clock.timer, undefined)
  connections.add(connection)
  keepalive.watch()
  t.equal(clock.started, 2)
  keepalive.stop()
  t.equal(clock.timer, undefined)
  keepalive.stop()

  const off = setUp({ pingDelay: null, pingTimeout: 1000 })
  off.keepalive.watch()
  off.clock.pass(100_000)
  t.same(off.connection.events, [])
  t.equal(off.connection.swepts, 100_000)
})

/** A server's connection with a keepalive of 10 ms, over a real socket. */
async function watched (t: Test, framing: 'plain' | 'segmented', client: (port: number) => unknown) {
  const wss = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  await once(wss, 'listening')
  client((wss.address() as AddressInfo).port)
  const [ws] = await once(wss, 'connection') as [WebSocket]
  const outbox = new Outbox(ws, (ws as unknown as { _socket: Socket })._socket, {
    maxBufferedBytes: 1e6, maxQueuedBytes: 1e6, pingDelay: 10, pingTimeout: 1000, monitor: new Monitor(() => {}), output: { grew () {} }
  }, messageEncoding(framing, 65536, false), { overflow () {}, bringState: () => true, drained () {}, unanswered () {}, crash () {} })
  let heard = 0
  const connection = {
    quiet: 0,
    isReading: true,
    swept () {},
    ping () { outbox.ping() },
    progressed: () => outbox.progressed(),
    pingTimedOut () { ws.emit('dead') }
  }
  const hear = () => {
    heard++
    connection.quiet = 0
  }
  ws.on('message', hear)
  ws.on('pong', hear)
  const keepalive = new Keepalive([connection], { pingDelay: 10, pingTimeout: 10_000 }, undefined)
  keepalive.watch()
  t.teardown(() => {
    keepalive.stop()
    ws.terminate()
    wss.close()
  })
  return { ws, heard: () => heard, connection }
}

t.test('over real sockets: stock clients answer the pings of their framing', async (t) => {
  const plain = await watched(t, 'plain', (port) => new WebSocket(`ws://127.0.0.1:${port}`))
  while (plain.heard() < 3) await once(plain.ws, 'pong')
  const segmented = await watched(t, 'segmented', (port) => {
    const client = new WebSocket(`ws://127.0.0.1:${port}`)
    client.on('message', (data) => { if (data.toString() === '2') client.send('3') })
  })
  while (segmented.heard() < 3) await once(segmented.ws, 'message')
  t.equal(segmented.connection.quiet, 0)
})

t.test('over real sockets: a peer that says nothing is dead', async (t) => {
  const wss = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  await once(wss, 'listening')
  const peer = connect((wss.address() as AddressInfo).port, '127.0.0.1')
  peer.resume()
  peer.write('GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n')
  const [ws] = await once(wss, 'connection') as [WebSocket]
  const dead = new Promise<void>((resolve) => {
    const connection = { quiet: 0, isReading: true, swept () {}, ping () { ws.ping() }, progressed: () => false, pingTimedOut: resolve }
    const keepalive = new Keepalive(new Set([connection]), { pingDelay: 10, pingTimeout: 10 })
    keepalive.watch()
    t.teardown(() => keepalive.stop())
  })
  t.teardown(() => {
    peer.destroy()
    ws.terminate()
    wss.close()
  })
  // the timer alone keeps no process alive, but the sockets do
  await dead
  t.pass('dead')
})
