import { once } from 'node:events'
import type { AddressInfo, Socket } from 'node:net'
import t from 'tap'
import type { Test } from 'tap'
import { WebSocket, WebSocketServer } from 'ws'
import { InputValve } from '../../../lib/server/wire/input-valve.ts'

interface Pair { peer: WebSocket, ws: WebSocket, valve: InputValve, received: string[], next: () => Promise<string> }

async function pair (t: Test): Promise<Pair> {
  const wss = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: { clientNoContextTakeover: true, threshold: 0 } })
  await once(wss, 'listening')
  const peer = new WebSocket(`ws://127.0.0.1:${(wss.address() as AddressInfo).port}`, { perMessageDeflate: { threshold: 0 } })
  const [[ws]] = await Promise.all([once(wss, 'connection') as Promise<[WebSocket]>, once(peer, 'open')])
  t.teardown(() => {
    peer.terminate()
    ws.terminate()
    wss.close()
  })
  const received: string[] = []
  ws.on('message', (data: Buffer) => { received.push(data.toString()) })
  const valve = new InputValve(ws)
  const next = async (): Promise<string> => {
    await once(ws, 'message')
    return received.at(-1)!
  }
  return { peer, ws, valve, received, next }
}

const turns = async (): Promise<void> => { for (let i = 0; i < 20; i++) await new Promise((resolve) => setTimeout(resolve, 1)) }

/** Messages in one write, so that they come in one chunk. */
function sendTogether (peer: WebSocket, texts: string[], compress: boolean): void {
  const { _socket: socket } = peer as unknown as { _socket: Socket }
  socket.cork()
  for (const text of texts) peer.send(text, { compress })
  // deflating takes turns of the event loop
  setTimeout(() => socket.uncork(), 50)
}

t.test('shut, nothing comes; open, all of it in order', async (t) => {
  const { peer, valve, received, next } = await pair(t)
  valve.shut()
  t.ok(valve.isShut)
  peer.send('a', { compress: false })
  peer.send('b', { compress: false })
  await turns()
  t.strictSame(received, [])
  valve.open()
  while (received.length < 2) await next()
  t.strictSame(received, ['a', 'b'])
})

t.test('deflated messages that came in one chunk wait as they are', async (t) => {
  const { peer, ws, valve, received, next } = await pair(t)
  ws.once('message', () => valve.shut())
  sendTogether(peer, ['first', 'second', 'third'], true)
  t.equal(await next(), 'first')
  await turns()
  t.strictSame(received, ['first'])
  valve.open()
  while (received.length < 3) await next()
  t.strictSame(received, ['first', 'second', 'third'])
})

t.test('a glance lets in one chunk, and then nothing again', async (t) => {
  const { peer, valve, received, next } = await pair(t)
  valve.shut()
  await turns()
  valve.glance()
  valve.glance()
  await turns()
  t.ok(valve.isGlancing, 'as long as nothing comes')
  peer.send('a', { compress: false })
  t.equal(await next(), 'a')
  await turns()
  t.notOk(valve.isGlancing)
  peer.send('b', { compress: false })
  await turns()
  t.strictSame(received, ['a'])
  t.ok(valve.isShut)
  valve.glance()
  t.equal(await next(), 'b')
  valve.open()
  valve.glance()
  peer.send('c', { compress: false })
  t.equal(await next(), 'c', 'an open one needs no glance')
})

t.test('glances see the peer go, behind what it had sent', async (t) => {
  const { peer, ws, valve } = await pair(t)
  valve.shut()
  // more than the stream takes in by itself
  for (let i = 0; i < 10; i++) peer.send('x'.repeat(50_000), { compress: false })
  await turns()
  peer.terminate()
  await turns()
  t.equal(ws.readyState, WebSocket.OPEN, 'nobody has told it')
  const glances = setInterval(() => valve.glance(), 1)
  await once(ws, 'close')
  clearInterval(glances)
})

t.test('spent, it reads up to the close frame, and nobody hears the rest', async (t) => {
  const { peer, ws, valve, received, next } = await pair(t)
  ws.once('message', () => valve.shut())
  sendTogether(peer, ['first', 'second', 'third'], true)
  await next()
  await turns()
  valve.spend()
  peer.close(1000, 'bye')
  const [code] = await once(ws, 'close')
  t.equal(code, 1000)
  t.strictSame(received, ['first'])
})

t.test('a socket that breaks while a deflated message waits comes to its end', async (t) => {
  const { peer, ws, valve, received, next } = await pair(t)
  ws.once('message', () => valve.shut())
  sendTogether(peer, ['first', 'second', 'third'], true)
  await next()
  await turns()
  const closed = once(ws, 'close')
  ;(ws as unknown as { _socket: Socket })._socket.destroy()
  await closed
  t.strictSame(received, ['first'])
})
