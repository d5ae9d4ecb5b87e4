/** Compression: negotiated without context takeover, deflated once, read by stock receivers. */
import { once } from 'node:events'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import t from 'tap'
import type { Test } from 'tap'
import { createState } from '../../lib/index.ts'
import { startApp } from '../helpers/app.ts'
import { connectPeer } from '../helpers/peer.ts'

interface Device { temp: number, status: string, ts: number, tags: string[] }

function plant () {
  const devices: Record<string, Device> = {}
  for (let i = 0; i < 1000; i++) devices[`device-${i}`] = { temp: 20 + i % 10, status: 'ok', ts: 1700000000 + i, tags: ['a', 'b', 'c', 'd', 'e'] }
  return createState({ devices })
}

/** Fifty leaves, as a tick of a plant changes them. */
function change (state: ReturnType<typeof plant>, tick: number): void {
  for (let i = 0; i < 50; i++) state.set(`/devices/device-${i * 19}/temp`, 20 + (i * 7 + tick) % 30)
}

/** What a client that offers these extensions is sent, as it is on the wire. */
async function rawClient (t: Test, origin: string, extensions: string): Promise<{ socket: Socket, negotiated: string, bytes: () => Buffer, settle: (length: number) => Promise<void> }> {
  const { hostname, port } = new URL(origin)
  const socket = connect(Number(port), hostname)
  t.teardown(() => socket.destroy())
  let received = Buffer.alloc(0)
  socket.on('data', (chunk) => { received = Buffer.concat([received, chunk]) })
  socket.write(['GET /ws HTTP/1.1', `Host: ${hostname}:${port}`, 'Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==', `Sec-WebSocket-Extensions: ${extensions}`, '', ''].join('\r\n'))
  while (!received.includes('\r\n\r\n')) await once(socket, 'data')
  const end = received.indexOf('\r\n\r\n') + 4
  const negotiated = /sec-websocket-extensions: (.*)\r/i.exec(received.toString('latin1', 0, end))?.[1] ?? ''
  return {
    socket,
    negotiated,
    bytes: () => received.subarray(end),
    settle: async (length) => { while (received.length - end < length) await once(socket, 'data') }
  }
}

t.test('a stock ws client reads it, in a fraction of the bytes, beside one that does not compress', async (t) => {
  const state = plant()
  const { app, origin } = await startApp(t, { juggler: { state, compression: true, autoflushDelay: null } })
  const packed = await connectPeer(t, `${origin}/ws`, { perMessageDeflate: true })
  const plain = await connectPeer(t, `${origin}/ws`, { perMessageDeflate: false })
  t.match(packed.ws.extensions, 'permessage-deflate')
  t.equal(plain.ws.extensions, '')
  const bytesRead = (peer: typeof packed) => (peer.ws as unknown as { _socket: Socket })._socket.bytesRead
  const connections = [...app.juggler.connections]
  const flush = () => Promise.all(connections.map((connection) => connection.flush()))

  await flush()
  t.same(await packed.next(), await plain.next())
  for (let tick = 1; tick <= 3; tick++) {
    const before = [bytesRead(packed), bytesRead(plain)]
    change(state, tick)
    await flush()
    const text = await plain.nextText()
    t.equal(await packed.nextText(), text)
    const [packedBytes, plainBytes] = [bytesRead(packed) - before[0]!, bytesRead(plain) - before[1]!]
    t.ok(plainBytes > 3000, `${plainBytes} bytes as they are`)
    t.ok(packedBytes < 700, `${packedBytes} bytes deflated`)
  }
  app.juggler.broadcast('tiny', 1)
  t.same(await packed.next(), { type: 'notify', name: 'tiny', data: 1 })
  t.same(await packed.ask(1, '', 'x'.repeat(5000)), { type: 'response', id: 1, success: true, data: 'x'.repeat(5000) }, 'a request that the client deflated')
})

t.test('all who negotiated it are sent the same bytes: one deflated frame, small ones as they are', async (t) => {
  const state = plant()
  const { app, origin } = await startApp(t, { juggler: { state, compression: true, autoflushDelay: null } })
  const clients = [await rawClient(t, origin, 'permessage-deflate'), await rawClient(t, origin, 'permessage-deflate; client_max_window_bits')]
  for (const { negotiated } of clients) t.match(negotiated, /^permessage-deflate; .*server_no_context_takeover.*client_no_context_takeover|client_no_context_takeover.*server_no_context_takeover/)
  await Promise.all([...app.juggler.connections].map((connection) => connection.flush()))
  app.juggler.broadcast('end')
  const end = '{"type":"notify","name":"end","data":null}'
  for (const { socket, bytes } of clients) while (!bytes().includes(end)) await once(socket, 'data')
  const [first, second] = clients.map(({ bytes }) => bytes())
  t.equal(first![0], 0xc1, 'FIN, RSV1, text')
  t.ok(first!.equals(second!))
  const tail = first!.subarray(first!.indexOf(end) - 2)
  t.equal(tail[0], 0x81, 'the small frame is not compressed')
})

t.test('a client that cannot take the full window is sent frames as they are', async (t) => {
  const state = plant()
  const { app, origin } = await startApp(t, { juggler: { state, compression: true, autoflushDelay: null } })
  const client = await rawClient(t, origin, 'permessage-deflate; server_max_window_bits=9')
  await [...app.juggler.connections][0]!.flush()
  await client.settle(1000)
  t.equal(client.bytes()[0], 0x81, client.negotiated)
})

t.test('off by default', async (t) => {
  const { origin } = await startApp(t, { juggler: { state: plant() } })
  const peer = await connectPeer(t, `${origin}/ws`, { perMessageDeflate: true })
  t.equal(peer.ws.extensions, '')
})
