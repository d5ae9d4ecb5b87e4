import { once } from 'node:events'
import { connect } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import t from 'tap'
import type { Test } from 'tap'
import { WebSocket, WebSocketServer } from 'ws'
import { EncodedMessage, messageEncoding } from '../../../lib/server/wire/encoded-message.ts'
import { OutputBudget } from '../../../lib/server/wire/output-budget.ts'
import { Outbox } from '../../../lib/server/wire/outbox.ts'
import type { MessageEncoding } from '../../../lib/server/wire/encoded-message.ts'
import { Monitor, newCost } from '../../../lib/server/operations/monitor.ts'
import { HeldSocket, turn } from '../../helpers/server/held-socket.ts'
import { received } from '../../helpers/server/received.ts'

const plain = messageEncoding('plain', 0, false)
const segmented = messageEncoding('segmented', 65536, false)
const pings = { pingDelay: 30_000, pingTimeout: 30_000 }
const monitor = new Monitor(() => {})
const output = new OutputBudget(1e9, () => [])
const limits = { maxBufferedBytes: 1000, maxQueuedBytes: 5000, ...pings, monitor, output }

function setUp (options: { encoding?: MessageEncoding | undefined, isOpen?: boolean, limits?: typeof limits } = {}) {
  const socket = new HeldSocket(options.isOpen ?? true)
  const events: string[] = []
  const ws = {
    readyState: 1,
    ping () { socket.write(Buffer.from([0x89, 0])) },
    close (code: number, reason: string) {
      this.readyState = 2
      events.push(`close ${code} ${reason}`)
    }
  }
  const owner = { overflow () { events.push('overflow') }, bringState: () => true, drained () { events.push('drained') }, unanswered () {}, crash () {} }
  const encoding = 'encoding' in options ? options.encoding : plain
  const outbox = new Outbox(ws as unknown as WebSocket, socket, options.limits ?? limits, encoding, owner)
  return { outbox, owner, socket, ws, events, texts: () => received(socket.writes) }
}

/** How a promise stands: what has happened to it by the next turn. */
async function standing (promise: Promise<void>): Promise<string> {
  return Promise.race([promise.then(() => 'resolved', (error: Error) => error.message), turn().then(() => 'pending')])
}

t.test('replies of one turn leave in one write', async (t) => {
  const { outbox, socket, texts } = setUp()
  outbox.reply('{"a":1}')
  await Promise.resolve()
  outbox.reply('{"a":"é"}')
  t.equal(socket.writes.length, 0)
  await turn()
  t.equal(socket.writes.length, 1)
  outbox.reply('{"a":3}')
  await turn()
  t.equal(socket.writes.length, 2)
  t.same(await texts(), ['{"a":1}', '{"a":"é"}', '{"a":3}'])
})

t.test('a batch is bounded, and a long reply goes by itself', async (t) => {
  const { outbox, socket, texts } = setUp({ limits: { maxBufferedBytes: 1e6, maxQueuedBytes: 1e6, ...pings, monitor, output } })
  const replies = Array.from({ length: 20 }, (_, i) => `${i}`.repeat(5000)).concat('x'.repeat(20_000), 'last')
  for (const reply of replies) outbox.reply(reply)
  t.ok(socket.writes.length >= 2, 'some went at once')
  await turn()
  t.same(await texts(), replies)
})

t.test('whatever is sent in one turn keeps its order', async (t) => {
  for (const encoding of [plain, segmented]) {
    const { outbox, texts } = setUp({ encoding })
    outbox.reply('a')
    outbox.reply('b')
    outbox.post(new EncodedMessage('c'))
    outbox.reply('d')
    outbox.writeState(new EncodedMessage('e'))
    outbox.deliver(new EncodedMessage('f'))
    outbox.reply('g')
    await turn()
    t.same((await texts()).map((text) => text.slice(-1)).join(''), 'abcdefg')
    if (encoding === segmented) t.same((await texts())[0], '0a')
  }
})

t.test('a reply longer than a segment is segmented; none is deflated', async (t) => {
  const small = setUp({ encoding: messageEncoding('segmented', 4, false) })
  small.outbox.reply('abcd')
  small.outbox.reply('abcde')
  await turn()
  t.same(await small.texts(), ['0abcd', '1abcd', '0e'])

  const deflating = setUp({ encoding: messageEncoding('plain', 0, true) })
  const reply = JSON.stringify('x'.repeat(400))
  deflating.outbox.reply('1')
  deflating.outbox.reply(reply)
  await turn()
  t.same(await deflating.texts(), ['1', reply])
  t.ok(Buffer.concat(deflating.socket.writes).length > 400, 'what reflects a request is in no window with the state')
})

t.test('the gate shuts with the write that crosses the limit and opens when it has left', async (t) => {
  const { outbox, socket, events, texts } = setUp({ isOpen: false })
  t.equal(outbox.writable, true)
  outbox.writeState(new EncodedMessage('s'.repeat(600)))
  t.equal(outbox.writable, true, '602 of 1,000 bytes')
  outbox.writeState(new EncodedMessage('t'.repeat(600)))
  t.equal(outbox.writable, false)
  outbox.reply('r')
  outbox.post(new EncodedMessage('n'))
  await turn()
  t.equal(outbox.queuedBytes, 2)
  t.equal(socket.writes.length, 1, 'the stream holds the rest')
  await socket.leave()
  t.equal(outbox.writable, false, 'the write that crossed is still there')
  await socket.leave()
  t.equal(outbox.writable, true)
  t.same(events, ['drained'])
  t.equal(outbox.queuedBytes, 0)
  await socket.leave(true)
  t.same((await texts()).map((text) => text[0]).join(''), 'strn')
})

t.test('what goes behind the state does not overtake the replies of its turn, whether it waits or not', async (t) => {
  for (const isOpen of [true, false]) {
    const { outbox, socket, texts } = setUp({ isOpen })
    if (!isOpen) outbox.writeState(new EncodedMessage('s'.repeat(1200)))
    outbox.reply('a')
    outbox.post(new EncodedMessage('b'), true)
    outbox.reply('c')
    outbox.deliver(new EncodedMessage('d'), true)
    outbox.reply('e')
    await turn()
    await socket.leave(true)
    t.equal((await texts()).map((text) => text[0]).join(''), isOpen ? 'abcde' : 'sabcde')
  }
})

t.test('the state goes before what waits behind it, and takes nothing with it that was said later', async (t) => {
  const { outbox, owner, texts } = setUp({ encoding: undefined })
  owner.bringState = () => {
    outbox.reply('answer')
    outbox.post(new EncodedMessage('notification'))
    outbox.writeState(new EncodedMessage('state'))
    return true
  }
  outbox.post(new EncodedMessage('behind'), true)
  outbox.setEncoding(plain)
  await turn()
  t.same(await texts(), ['state', 'behind', 'answer', 'notification'])
})

t.test('a notification is delivered when its socket holds less than the limit', async (t) => {
  const { outbox, socket } = setUp({ isOpen: false })
  const small = outbox.deliver(new EncodedMessage('small'))
  t.equal(await standing(small), 'resolved')
  const crossing = outbox.deliver(new EncodedMessage('c'.repeat(2000)))
  t.equal(await standing(crossing), 'pending', 'longer than the limit: written, since nothing waited, but not delivered')
  t.equal(outbox.queuedBytes, 0)
  const behind = outbox.deliver(new EncodedMessage('b'.repeat(3000)))
  const last = outbox.deliver(new EncodedMessage('last'))
  t.equal(outbox.queuedBytes, 3004)
  await socket.leave()
  t.equal(await standing(crossing), 'pending')
  await socket.leave()
  t.equal(await standing(crossing), 'resolved')
  t.equal(await standing(behind), 'pending', 'it is in the socket now')
  t.equal(outbox.queuedBytes, 4)
  await socket.leave()
  t.same([await standing(behind), await standing(last)], ['resolved', 'resolved'])
})

t.test('over maxQueuedBytes the connection is given up, and everybody hears of it', async (t) => {
  const { outbox, socket, events } = setUp({ isOpen: false })
  outbox.writeState(new EncodedMessage('s'.repeat(1000)))
  outbox.writeState(new EncodedMessage('s'.repeat(100_000))) // state does not count
  t.equal(outbox.queuedBytes, 0)
  const waiting = [outbox.deliver(new EncodedMessage('a'.repeat(3000))), outbox.deliver(new EncodedMessage('b'.repeat(2000)))]
  t.same(events, [])
  t.equal(outbox.queuedBytes, 5000)
  const tooMuch = outbox.deliver(new EncodedMessage('c'))
  t.same(events, ['overflow'])
  for (const promise of [...waiting, tooMuch]) await t.rejects(promise, { name: 'ConnectionClosedError', closeCode: 4429 })
  await t.rejects(outbox.deliver(new EncodedMessage('d')), { name: 'ConnectionClosedError' })
  outbox.reply('e')
  outbox.post(new EncodedMessage('f'))
  await turn()
  t.equal(outbox.queuedBytes, 0)
  outbox.finish(4429, 'too slow')
  t.same(events, ['overflow', 'close 4429 too slow'])
  await socket.leave(true)
  t.equal(socket.writes.length, 1, 'nothing of what waited was written')
})

t.test('replies that wait count as well; one message alone may be longer than the queue', async (t) => {
  const { outbox, events } = setUp({ isOpen: false })
  outbox.writeState(new EncodedMessage('s'.repeat(1000)))
  outbox.reply('r'.repeat(9000))
  await turn()
  t.equal(outbox.queuedBytes, 9000)
  t.same(events, [])
  outbox.reply('r')
  await turn()
  t.same(events, ['overflow'])
})

t.test('a message in pieces goes piece by piece, pings between', async (t) => {
  const text = 'x'.repeat(400_000)
  const { outbox, socket, events, texts } = setUp({ encoding: segmented, isOpen: false })
  outbox.writeState(new EncodedMessage(text))
  outbox.post(new EncodedMessage('behind'))
  t.equal(socket.writableLength < 70_000, true, 'no more than one piece over the limit')
  t.equal(outbox.writable, false)
  outbox.pong('p')
  outbox.ping()
  await socket.leave(true)
  while (events.length === 0) await turn()
  const frames = await texts()
  t.equal(frames.filter((frame) => '01'.includes(frame[0]!)).map((frame) => frame.slice(1)).join(''), text + 'behind')
  t.equal(frames[1], '2', 'at the first gap')
  t.equal(frames.indexOf('3p'), 2)
  t.equal(outbox.writable, true)
})

t.test('a long message to a receiver that inflates waits for the thread pool, and what follows for it', async (t) => {
  const text = JSON.stringify(Array.from({ length: 30_000 }, (_, i) => `device ${i}`))
  const { outbox, socket, events, texts } = setUp({ encoding: messageEncoding('plain', 0, true) })
  outbox.writeState(new EncodedMessage(text, newCost(0)))
  t.equal(outbox.writable, false)
  const behind = outbox.deliver(new EncodedMessage('behind'))
  await behind
  while (events.length === 0) await turn()
  t.same(await texts(), [text, 'behind'])
  t.ok(Buffer.concat(socket.writes).length < text.length / 3)
})

t.test('everything is held until the encoding is known', async (t) => {
  const { outbox, socket, events, texts } = setUp({ encoding: undefined })
  t.equal(outbox.writable, false)
  const notified = outbox.deliver(new EncodedMessage('n'))
  outbox.reply('r')
  outbox.ping()
  await turn()
  t.equal(await standing(notified), 'pending')
  t.same(await texts(), [])
  t.equal(socket.writes.length, 1, 'a WebSocket ping is safe in either framing')
  t.equal(outbox.untouched, true)
  outbox.setEncoding(segmented)
  t.equal(await standing(notified), 'resolved')
  t.same(events, ['drained'])
  t.same(await texts(), ['0n', '0r'])
  t.equal(outbox.untouched, false)
})

t.test('finish hands over what waits, then closes', async (t) => {
  const { outbox, socket, events, texts } = setUp({ isOpen: false })
  outbox.writeState(new EncodedMessage('s'.repeat(1000)))
  const waiting = outbox.deliver(new EncodedMessage('w'))
  outbox.reply('r')
  outbox.finish(1000, 'closed')
  t.same(events, ['close 1000 closed'])
  outbox.post(new EncodedMessage('late'))
  await t.rejects(outbox.deliver(new EncodedMessage('late')), { name: 'ConnectionClosedError' })
  outbox.ping()
  outbox.pong('late')
  t.equal(await standing(waiting), 'pending')
  await socket.leave(true)
  t.equal(await standing(waiting), 'resolved')
  t.same((await texts()).map((text) => text[0]).join(''), 'swr')
})

t.test('finish settles those who wait for what it sent', async (t) => {
  const { outbox } = setUp({ limits: { maxBufferedBytes: 1e6, maxQueuedBytes: 1e6, ...pings, monitor, output }, encoding: undefined })
  const held = outbox.deliver(new EncodedMessage('held'))
  outbox.finish(1000, 'closed')
  t.equal(await standing(held), 'pending', 'what could not be sent is known when the connection has ended')
  outbox.closed(1000, 'closed')
  await t.rejects(held, { name: 'ConnectionClosedError', closeCode: 1000, closeReason: 'closed' })
})

t.test('an end rejects whoever waits, once, and nobody who ignores it', async (t) => {
  const { outbox, ws } = setUp({ isOpen: false })
  const inSocket = outbox.deliver(new EncodedMessage('x'.repeat(1000)))
  const queued = outbox.deliver(new EncodedMessage('y'))
  outbox.deliver(new EncodedMessage('ignored'))
  ws.readyState = 3
  outbox.closed(1006, '')
  outbox.closed(1000, 'again')
  for (const promise of [inSocket, queued]) await t.rejects(promise, { name: 'ConnectionClosedError', closeCode: 1006 })
  await t.rejects(outbox.deliver(new EncodedMessage('z')), { name: 'ConnectionClosedError' })
})

t.test('what fails on its way out is not delivered', async (t) => {
  const { outbox, socket, events } = setUp({ isOpen: false })
  outbox.post(new EncodedMessage('in flight'))
  const crossing = outbox.deliver(new EncodedMessage('x'.repeat(1000)))
  await socket.fail()
  t.equal(await standing(crossing), 'pending')
  t.same(events, [])
  outbox.closed(1006, '')
  await t.rejects(crossing, { name: 'ConnectionClosedError', closeCode: 1006 })
})

t.test('a peer that has begun to close is sent nothing', async (t) => {
  const { outbox, socket, ws } = setUp()
  outbox.reply('r')
  ws.readyState = 2
  await turn()
  const notified = outbox.deliver(new EncodedMessage('n'))
  t.equal(outbox.writable, false)
  t.equal(await standing(notified), 'pending')
  outbox.closed(1001, 'left')
  await t.rejects(notified, { name: 'ConnectionClosedError', closeCode: 1001 })
  t.same(socket.writes, [])
})

t.test('control frames alone do not shut the gate for ever', async (t) => {
  const { outbox, socket, events } = setUp({ encoding: segmented, isOpen: false, limits: { maxBufferedBytes: 10, maxQueuedBytes: 1000, ...pings, monitor, output } })
  for (let i = 0; i < 5; i++) outbox.ping()
  t.equal(outbox.writable, true)
  outbox.writeState(new EncodedMessage('state'))
  t.equal(outbox.writable, false)
  for (let i = 0; i < 5; i++) outbox.ping()
  for (let i = 0; i < 6; i++) await socket.leave()
  t.equal(outbox.writable, true)
  t.same(events, ['drained'])
})

/** The server's and the client's end of one connection. */
async function connection (t: Test, client: (port: number) => WebSocket | Socket) {
  const wss = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  t.teardown(() => {
    for (const ws of wss.clients) ws.terminate()
    wss.close()
  })
  await once(wss, 'listening')
  const peer = client((wss.address() as AddressInfo).port)
  const [ws] = await once(wss, 'connection') as [WebSocket]
  const socket = (ws as unknown as { _socket: Socket })._socket
  const events: string[] = []
  const owner = { overflow () { events.push('overflow') }, bringState: () => true, drained () { events.push('drained') }, unanswered () {}, crash () {} }
  const outbox = new Outbox(ws, socket, { maxBufferedBytes: 65536, maxQueuedBytes: 1e9, ...pings, monitor, output }, plain, owner)
  ws.on('error', () => {})
  ws.on('close', (code, reason) => outbox.closed(code, reason.toString()))
  return { outbox, ws, socket, peer, events }
}

t.test('a stock client that pauses: everything arrives, in order, behind a bounded buffer', async (t) => {
  const { outbox, socket, peer, ws } = await connection(t, (port) => new WebSocket(`ws://127.0.0.1:${port}`))
  const client = peer as WebSocket
  const texts: string[] = []
  client.on('message', (data) => texts.push(data.toString()))
  await once(client, 'open')
  client.pause()
  const sent: string[] = []
  // more than the kernel's buffers take
  for (let i = 0; i < 400; i++) {
    const text = `${i} ` + (i % 3 === 0 ? 'é' : 'x').repeat(50_000)
    sent.push(text)
    if (i % 2 === 0) outbox.reply(text)
    else outbox.post(new EncodedMessage(text))
    if (i % 50 === 0) ws.ping()
    if (i % 10 === 0) await turn()
  }
  t.ok(outbox.queuedBytes > 0)
  t.ok(socket.writableLength < 65536 + 2 * 150_000)
  const delivered = outbox.deliver(new EncodedMessage('end'))
  sent.push('end')
  client.resume()
  await delivered
  outbox.finish(4400, 'enough')
  const [code, reason] = await once(client, 'close') as [number, Buffer]
  t.same([code, reason.toString()], [4400, 'enough'])
  t.equal(texts.length, sent.length)
  t.ok(texts.every((text, i) => text === sent[i]))
})

t.test('a peer that vanishes with a full socket: waiting promises reject, nothing else happens', async (t) => {
  const { outbox, peer, events } = await connection(t, (port) => {
    const socket = connect(port, '127.0.0.1')
    socket.write('GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n')
    socket.pause()
    return socket
  })
  const waiting: Array<Promise<void>> = []
  for (let i = 0; i < 30; i++) waiting.push(outbox.deliver(new EncodedMessage('x'.repeat(1_000_000))))
  t.ok(outbox.queuedBytes > 1_000_000)
  ;(peer as Socket).destroy()
  const results = await Promise.allSettled(waiting)
  t.equal(results.at(-1)?.status, 'rejected')
  t.equal(outbox.writable, false)
  t.notOk(events.includes('overflow'))
})

t.test('progress is what leaves of what is held', async (t) => {
  const { outbox, peer } = await connection(t, (port) => new WebSocket(`ws://127.0.0.1:${port}`))
  const client = peer as WebSocket
  await once(client, 'open')
  outbox.ping()
  t.equal(outbox.progressed(), false, 'nothing is held')
  client.pause()
  for (let i = 0; i < 40; i++) outbox.post(new EncodedMessage('x'.repeat(1_000_000)))
  await turn()
  outbox.ping()
  t.equal(outbox.progressed(), false, 'nothing moves')
  let progressed = 0
  client.on('message', () => { if (outbox.progressed()) progressed++ })
  client.resume()
  await outbox.deliver(new EncodedMessage('end'))
  t.ok(progressed > 0)
})
