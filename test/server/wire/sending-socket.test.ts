/** The stand-in for the socket, with the real `ws` in the place of one that a runtime has put there. */
import { once } from 'node:events'
import { connect as connectTcp } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { deflateRawSync, constants } from 'node:zlib'
import t from 'tap'
import type { Test } from 'tap'
import { WebSocket, WebSocketServer } from 'ws'
import { createState } from '../../../lib/index.ts'
import { frameSinkOf } from '../../../lib/server/wire/sending-socket.ts'
import { payloadFrames, textFrame, textFrames } from '../../../lib/server/wire/ws-frame.ts'
import { startApp } from '../../helpers/app.ts'

/** Both ends of a WebSocket. */
async function pair (t: Test, options = {}) {
  const wss = new WebSocketServer({ host: '127.0.0.1', port: 0, ...options })
  await once(wss, 'listening')
  const client = new WebSocket(`ws://127.0.0.1:${(wss.address() as AddressInfo).port}`)
  const [[server]] = await Promise.all([once(wss, 'connection'), once(client, 'open')]) as [[WebSocket], unknown]
  t.teardown(() => {
    client.terminate()
    server.terminate()
    wss.close()
  })
  return { client, server, socket: (server as unknown as { _socket: Duplex })._socket }
}

/** What stands in where the WebSocket writes to something else than the socket. */
const standIn = (ws: WebSocket) => frameSinkOf(ws, {} as Duplex)

t.test('where ws writes to the socket, it is the socket', async (t) => {
  const { server, socket } = await pair(t)
  t.equal(frameSinkOf(server, socket), socket, 'relied on: `_sender._socket` of ws 8')
  t.not(standIn(server), socket)
})

t.test('a runtime whose WebSocket has no sender gets the stand-in', async (t) => {
  const { socket } = await pair(t)
  const replaced = { send () {}, _socket: socket } as unknown as WebSocket
  t.not(frameSinkOf(replaced, socket), socket)
})

t.test('sends what is in the frames, message by message', async (t) => {
  const { client, server } = await pair(t, { perMessageDeflate: true })
  const received: string[] = []
  client.on('message', (data: Buffer, binary) => received.push(`${binary ? 'binary ' : ''}${data.toString()}`))
  const sink = standIn(server)
  const long = 'ä'.repeat(40_000)
  const large = 'x'.repeat(3 * 1024 * 1024)
  const deflated = deflateRawSync(Buffer.from('deflated '.repeat(50)), { finishFlush: constants.Z_SYNC_FLUSH })
  sink.write(textFrame('', '{"a":1}'))
  sink.write(textFrames('0', ['one', '', long]))
  for (const frame of payloadFrames(Buffer.from(large), false)) sink.write(frame)
  for (const frame of payloadFrames(deflated.subarray(0, -4), true)) sink.write(frame)
  await new Promise<void>((resolve) => sink.write(textFrame('', 'last'), () => resolve()))
  while (received.length < 7) await once(client, 'message')
  t.same(received.map((text) => text.length > 100 ? text.length : text), ['{"a":1}', '0one', '0', 40_001, 3 * 1024 * 1024, 450, 'last'])
  t.equal(sink.writableLength, 0)
})

t.test('counts what has not left, and says when it has', async (t) => {
  const { client, server } = await pair(t)
  const sink = standIn(server)
  client.pause()
  const frames = Array.from({ length: 30 }, () => textFrame('', 'x'.repeat(1_000_000)))
  let left = 0
  for (const frame of frames) sink.write(frame, () => { left++ })
  await new Promise((resolve) => setTimeout(resolve, 50))
  t.ok(sink.writableLength > 1_000_000, `${sink.writableLength} bytes have not left`)
  t.ok(left < frames.length)
  client.resume()
  for (let received = 0; received < frames.length; received++) await once(client, 'message')
  t.equal(left, frames.length)
  t.equal(sink.writableLength, 0)
})

t.test('a socket that has gone is told to whoever waits', async (t) => {
  const { client, server } = await pair(t)
  const sink = standIn(server)
  client.terminate()
  await once(server, 'close')
  const error = await new Promise((resolve) => sink.write(textFrame('', 'late'), resolve))
  t.ok(error instanceof Error)
  t.equal(sink.writableLength, 0)
})

t.test('a client that reads slowly gets a whole state, where ws has been replaced', async (t) => {
  const state = createState({ text: 'x'.repeat(12_000_000) })
  const { app } = await startApp(t, { juggler: { state, autoflushDelay: 0 } })
  // As under Bun: the WebSocket sends by means that nobody can see.
  let sent = 0
  const { websocketServer } = app as unknown as { websocketServer: WebSocketServer }
  websocketServer.prependListener('connection', (ws) => {
    const { _sender: sender } = ws as unknown as { _sender: object }
    let hidden = 0
    Object.defineProperty(ws, '_sender', { get: () => hidden++ === 0 ? undefined : sender })
    const { send } = ws
    ws.send = function (...call: unknown[]) {
      sent++
      return (send as (...call: unknown[]) => void).apply(this, call)
    }
  })
  const { port } = app.server.address() as AddressInfo
  const socket: Socket = connectTcp(port, '127.0.0.1')
  t.teardown(() => socket.destroy())
  socket.write('GET /ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n' +
    'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n')
  let size = 0
  // It takes a chunk a turn, so that the kernel's buffers are full most of the time.
  socket.on('data', (chunk) => {
    size += chunk.length
    socket.pause()
    setImmediate(() => socket.resume())
  })
  while (size < 12_000_000) await once(socket, 'data')
  t.equal(sent, 1, 'it went by `send`')
})
