/** Cases 111 to 124: what takes more than one exchange, or where zlib has a say in the bytes. */
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { constants, inflateRawSync } from 'node:zlib'
import type { Test } from 'tap'
import { connect } from '../../lib/client/index.ts'
import { createState } from '../../lib/index.ts'
import type { Connection } from '../../types/server.ts'
import type { FastifyJugglerOptions } from '../../types/options.ts'
import { startApp } from '../helpers/app.ts'
import type { TestApp } from '../helpers/app.ts'
import { pattern } from './bytes.ts'
import type { Numbered } from './case.ts'
import { Wire, upgradeLines } from './wire.ts'
import type { Frame } from './wire.ts'

interface Scenario extends Numbered { run (t: Test): Promise<void> }

const plainOffer = 'permessage-deflate'
const forgetting = `${plainOffer}; server_no_context_takeover`

async function join (t: Test, { app, origin }: TestApp, offer?: string, path = '/ws'): Promise<{ wire: Wire, connection: Connection }> {
  const wire = await Wire.dial(t, origin)
  await wire.ask(upgradeLines(path, ...offer === undefined ? [] : [`Sec-WebSocket-Extensions: ${offer}`]))
  return { wire, connection: [...app.juggler.connections].at(-1)! }
}

async function serve (t: Test, juggler: FastifyJugglerOptions = {}, offer?: string, path?: string) {
  const served = await startApp(t, { juggler })
  return { ...served, ...await join(t, served, offer, path) }
}

/** As a client that keeps no context: with a window that has seen nothing, and the four bytes that the wire leaves out. */
const inflated = (payload: Buffer): string =>
  inflateRawSync(Buffer.concat([payload, Buffer.from([0, 0, 0xff, 0xff])]), { finishFlush: constants.Z_SYNC_FLUSH }).toString()

/** The frames of the next data message, and of what comes between them. */
async function message (wire: Wire): Promise<Frame[]> {
  const frames: Frame[] = []
  do frames.push(await wire.frame())
  while ((frames.at(-1)!.first & 0x88) !== 0x80)
  return frames
}

/** The payload of the data frames among them. */
const payloadOf = (frames: readonly Frame[]): Buffer => Buffer.concat(frames.filter(({ first }) => (first & 0x08) === 0).map(({ payload }) => payload))

/** A value whose message of the state has a length in bytes. */
const stated = (length: number): string => 'y'.repeat(length - '{"type":"state","diff":[{"op":"replace","path":"","value":""}]}'.length)

/** The next frame that is no control frame. */
async function data (wire: Wire): Promise<Frame> {
  for (;;) {
    const frame = await wire.frame()
    if ((frame.first & 0x08) === 0) return frame
  }
}

async function stating (t: Test, offer: string, options: FastifyJugglerOptions = {}, path?: string) {
  const state = createState<unknown>(null)
  return { state, ...await serve(t, { compression: true, autoflushDelay: 0, state, ...options }, offer, path) }
}

/** What a client that keeps its window makes of the payloads of messages, one after the other. */
const inflatedInTurn = (payloads: readonly Buffer[]): string =>
  inflated(Buffer.concat(payloads.flatMap((payload, i) => i === 0 ? [payload] : [Buffer.from([0, 0, 0xff, 0xff]), payload])))

function scenario (n: number, rfc: 6455 | 7692, section: string, holds: string, run: (t: Test) => Promise<void>): Scenario {
  return { n, rfc, section, holds, run }
}

export const scenarios: readonly Scenario[] = [
  scenario(111, 6455, '5.1', 'no frame of a server is masked, and without an agreement no RSV bit is set: state, response, notification, ping, pong, close', async (t) => {
    const state = createState<unknown>({ a: 1 })
    const { wire, connection, app } = await serve(t, { state, autoflushDelay: 0, pingDelay: 50, pingTimeout: 60_000 })
    await wire.write(pattern('8980 00000000 81a3 00000000 <{"type":"request","id":1,"name":""}>').bytes)
    app.juggler.broadcast('n', 'x'.repeat(70_000))
    const seen = new Set<number>()
    while (![0x81, 0x8a, 0x89].every((first) => seen.has(first))) {
      const { first, masked } = await wire.frame()
      t.equal(masked, false)
      seen.add(first)
    }
    connection.close(1000, 'closed')
    for (let frame = await wire.frame(); ; frame = await wire.frame()) {
      t.equal(frame.masked, false)
      t.equal(frame.first & 0x70, 0)
      if (frame.first === 0x88) break
    }
    t.same([...seen].filter((first) => (first & 0x70) !== 0), [])
  }),
  scenario(112, 6455, '5.5', 'a close frame takes a reason of 123 bytes, and no longer one', async (t) => {
    const { wire, connection } = await serve(t)
    t.throws(() => connection.close(4000, 'x'.repeat(124)), { code: 'FST_JUGGLER_ARGUMENT_INVALID' })
    t.throws(() => connection.close(4000, 'é'.repeat(62)), { code: 'FST_JUGGLER_ARGUMENT_INVALID' })
    connection.close(4000, 'x'.repeat(123))
    t.equal((await wire.end()).toString('hex'), pattern('887d 0fa0 78*123').bytes.toString('hex'))
  }),
  scenario(113, 6455, '7.4.1', '1004, 1005, 1006 and 1015 are never sent, nor what is outside of 1000 to 4999', async (t) => {
    const { wire, connection } = await serve(t)
    for (const code of [1004, 1005, 1006, 1015, 999, 5000, 0, 65536]) t.throws(() => connection.close(code), { code: 'FST_JUGGLER_ARGUMENT_INVALID' }, `${code}`)
    await wire.write(pattern('8980 00000000').bytes)
    t.equal((await wire.take(2)).toString('hex'), '8a00', 'nothing was sent')
  }),
  scenario(114, 6455, '5.5.1', 'behind its close frame the server sends nothing: no state, notification, response, or pong', async (t) => {
    const state = createState<unknown>({ a: 1 })
    const { wire, connection, app } = await serve(t, { state, autoflushDelay: 0, shutdownTimeout: 300 })
    const { payload } = (await message(wire))[0]!
    t.match(payload.toString(), /"value":\{"a":1\}/)
    connection.close(1000, 'bye')
    connection.notify('n').catch(() => {})
    app.juggler.broadcast('n')
    state.set('/a', 2)
    await wire.write(pattern('8980 00000000 81a3 00000000 <{"type":"request","id":1,"name":""}>').bytes)
    state.set('/a', 3)
    const rest = await wire.end()
    t.equal(rest.subarray(0, 7).toString('hex'), pattern('8805 03e8 <bye>').bytes.toString('hex'))
    t.equal(rest.length, 7, rest.toString('hex'))
  }),
  scenario(115, 6455, '5.6', 'fragments cut characters, and the whole is UTF-8; control frames between are whole, and of 125 bytes at most', async (t) => {
    const { wire, app } = await serve(t)
    const data = '€'.repeat(400_000)
    app.juggler.broadcast('n', data)
    const frames = await message(wire)
    t.same(frames.filter(({ first }) => (first & 0x08) === 0).map(({ first }) => first), [0x01, 0, 0, 0, 0x80])
    const control = frames.filter(({ first }) => (first & 0x08) !== 0)
    t.ok(control.length >= 3 && control.every(({ first, payload }) => first === 0x89 && payload.length <= 125), `${control.length} pings between`)
    const strict = new TextDecoder('utf-8', { fatal: true })
    t.ok(frames.some(({ first, payload }) => (first & 0x08) === 0 && throws(() => strict.decode(payload))), 'a fragment that is not UTF-8 by itself')
    t.equal(JSON.parse(strict.decode(payloadOf(frames))).data === data, true)
  }),
  scenario(116, 7692, '7.2.1', 'by itself the state is deflated from 256 bytes on, and the 00 00 ff ff at its end is left out; below it goes as it is', async (t) => {
    const { wire, state } = await stating(t, forgetting)
    for (const length of [255, 256]) state.set('', stated(length))
    const [raw, deflated] = [await data(wire), await data(wire)]
    t.same([raw.header.toString('hex'), deflated.first], ['817e00ff', 0xc1])
    t.not(deflated.payload.subarray(-4).toString('hex'), '0000ffff')
    t.equal(inflated(deflated.payload).length, 256)
  }),
  scenario(117, 7692, '7.1.1.1', 'without context each message is inflated by itself: the same one twice is the same bytes', async (t) => {
    const { wire, state } = await stating(t, forgetting)
    for (const length of [5000, 4000, 5000]) state.set('', stated(length))
    const [one, , two] = [await data(wire), await data(wire), await data(wire)]
    t.same(one.payload, two.payload)
    t.equal(inflated(two.payload).length, 5000)
  }),
  scenario(118, 7692, '7.1.2.1', 'a client with a smaller window gets what fits it: frames that are not compressed', async (t) => {
    for (const bits of [8, 14]) {
      const { wire, state } = await stating(t, `${plainOffer}; server_max_window_bits=${bits}`)
      state.set('', stated(5000))
      t.equal((await data(wire)).header.toString('hex'), '817e1388')
    }
    const { wire, state } = await stating(t, `${plainOffer}; server_max_window_bits=15`)
    state.set('', stated(5000))
    t.equal((await data(wire)).first, 0xc1, 'the full one is no smaller one')
  }),
  scenario(119, 7692, '6', 'segmented framing: each segment is a message of WebSocket, deflated by itself where that is worth it', async (t) => {
    const { wire, state } = await stating(t, forgetting, { maxSegmentSize: 1000 }, '/ws?framing=segmented')
    state.set('', stated(2100))
    const frames = [await data(wire), await data(wire), await data(wire)]
    t.same(frames.map(({ first }) => first), [0xc1, 0xc1, 0x81])
    const texts = frames.map(({ first, payload }) => first === 0x81 ? payload.toString() : inflated(payload))
    t.same(texts.map((text) => [text[0], text.length]), [['1', 1001], ['1', 1001], ['0', 101]])
    t.equal(JSON.parse(texts.map((text) => text.slice(1)).join('')).diff[0].value, stated(2100))
  }),
  scenario(120, 7692, '6', 'clients with different agreements share a state, and each gets it as agreed', async (t) => {
    const value = { a: stated(3000) }
    const served = await serve(t, { compression: true, autoflushDelay: 0, state: createState<unknown>(value) })
    const wires = [served.wire, ...await Promise.all([plainOffer, `${plainOffer}; server_max_window_bits=9`, `${plainOffer}; client_max_window_bits`].map(async (offer) => (await join(t, served, offer)).wire))]
    const frames = await Promise.all(wires.map((wire) => wire.frame()))
    t.same(frames.map(({ first }) => first), [0x81, 0xc1, 0x81, 0xc1])
    for (const { first, payload } of frames) t.same(JSON.parse(first === 0xc1 ? inflated(payload) : payload.toString()).diff[0].value, value)
  }),
  scenario(121, 7692, '6.1', 'a deflated message in fragments: RSV1 on the first alone, and on no ping between them', async (t) => {
    const { wire, state } = await stating(t, plainOffer)
    let seed = 1
    const value = Array.from({ length: 400_000 }, () => (seed = (seed * 48271) % 2147483647).toString(16).padStart(8, '0')).join('')
    state.set('', value)
    const frames = await message(wire)
    const parts = frames.filter(({ first }) => (first & 0x08) === 0).map(({ first }) => first)
    t.ok(parts.length >= 5)
    t.same(parts, [0x41, ...parts.slice(2).map(() => 0), 0x80])
    t.ok(frames.filter(({ first }) => first === 0x89).length === frames.length - parts.length && frames.length > parts.length)
    t.equal(JSON.parse(inflated(payloadOf(frames))).diff[0].value === value, true)
  }),
  scenario(122, 6455, '5.3', 'the client, whose frames are those of ws: every frame is masked, with a key of its own, and its close frame has a code', async (t) => {
    const server = createServer().listen(0, '127.0.0.1')
    t.teardown(() => { server.close() })
    await once(server, 'listening')
    const connected = once(server, 'connection')
    const client = connect(`ws://127.0.0.1:${(server.address() as AddressInfo).port}/ws`, { pingDelay: null })
    const wire = Wire.of(t, (await connected)[0])
    const head = await wire.head()
    t.match(head[0], /^GET \/ws\?\S+ HTTP\/1\.1$/)
    t.ok(head.includes('Sec-WebSocket-Version: 13'))
    const key = head.find((line) => line.startsWith('Sec-WebSocket-Key: '))!.slice(19)
    t.equal(Buffer.from(key, 'base64').length, 16)
    const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
    wire.socket.write(['HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade', `Sec-WebSocket-Accept: ${accept}`, '', ''].join('\r\n'))
    wire.socket.write(pattern('813a <{"type":"state","diff":[{"op":"add","path":"","value":1}]}>').bytes)
    const opened = await client
    for (let i = 0; i < 2; i++) opened.send('go').catch(() => {})
    opened.close().catch(() => {})
    const frames = [await wire.frame(), await wire.frame(), await wire.frame()]
    t.same(frames.map(({ first, masked }) => [first, masked]), [[0x81, true], [0x81, true], [0x88, true]])
    t.equal(new Set(frames.map(({ mask }) => mask!.toString('hex'))).size, 3)
    t.equal(frames[2]!.payload.readUInt16BE(), 1000)
    wire.socket.destroy()
  }),
  scenario(123, 7692, '7.2.3.2', 'with context a message refers to the one before it, and so the same one again is a few bytes', async (t) => {
    const { wire, state } = await stating(t, plainOffer)
    const values = [1, 2, 1].map((n) => Array.from({ length: 400 }, (_, i) => `${(i * 7919 + n) % 10007}`).join())
    for (const value of values) state.set('', value)
    const frames = [await data(wire), await data(wire), await data(wire)]
    t.same(frames.map(({ first }) => first), [0xc1, 0xc1, 0xc1])
    t.equal(inflatedInTurn(frames.map(({ payload }) => payload)), values.map((value) => `{"type":"state","diff":[{"op":"replace","path":"","value":"${value}"}]}`).join(''))
    t.ok(frames[1]!.payload.length < frames[0]!.payload.length)
  }),
  scenario(124, 7692, '7.2.3.3', 'responses and notifications are not deflated, whatever their length, and are in nobody\'s window', async (t) => {
    const { wire, app, state } = await stating(t, plainOffer)
    state.set('', stated(600))
    const first = await data(wire)
    app.juggler.broadcast('n', 'x'.repeat(5000))
    state.set('', stated(601))
    const frames = [first, await data(wire), await data(wire)]
    t.same(frames.map(({ first }) => first), [0xc1, 0x81, 0xc1])
    t.equal(inflatedInTurn([frames[0]!.payload, frames[2]!.payload]).length, 1201)
  })
]

function throws (run: () => unknown): boolean {
  try {
    run()
    return false
  } catch {
    return true
  }
}
