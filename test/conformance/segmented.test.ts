/** Segmented framing, in literal frames: a header of one character and a payload. */
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import type { RawClient } from '../helpers/conformance/raw-client.ts'
import { implementation, protocolError, serve } from '../helpers/conformance/harness.ts'
import type { Application } from '../helpers/conformance/implementation.ts'

const framing = { framing: 'segmented', pingDelay: null } satisfies Application
const echo = (id: number, data: unknown) => JSON.stringify({ type: 'request', id, name: '', data })

/** The frames of the next message, without its pings. */
async function segments (client: RawClient): Promise<string[]> {
  const frames: string[] = []
  do frames.push(await client.next()); while (frames.at(-1)?.[0] === '1')
  return frames
}

async function message (client: RawClient): Promise<{ id: unknown, data: unknown }> {
  return JSON.parse((await segments(client)).map((frame) => frame.slice(1)).join(''))
}

t.test('T01 header 0 is the last segment of a message, 1 says that more follow', async (t) => {
  const served = await serve(t, framing)
  const client = await served.connect()
  client.send(`0${echo(1, 'whole')}`)
  t.match(await message(client), { id: 1, data: 'whole' })
  const text = echo(2, 'in pieces')
  for (const character of text) client.send(`1${character}`)
  client.send('0')
  t.match(await message(client), { id: 2, data: 'in pieces' })
})

t.test('T02 no empty tail segment is sent', async (t) => {
  const state = implementation.createState()
  const served = await serve(t, { ...framing, state, autoflushDelay: 0, maxSegmentSize: 10 })
  const client = await served.connect()
  for (let size = 0; size < 30; size++) {
    state.set('', 'x'.repeat(size))
    const frames = await segments(client)
    const text = JSON.stringify({ type: 'state', diff: [{ op: 'replace', path: '', value: 'x'.repeat(size) }] })
    t.equal(frames.map((frame) => frame.slice(1)).join(''), text)
    t.ok(frames.every((frame) => frame.length > 1 && frame.length <= 11))
    t.equal(frames.length, Math.ceil(text.length / 10))
  }
})

t.test('T03 a segment holds 65,536 characters by default', async (t) => {
  const served = await serve(t, framing)
  const client = await served.connect()
  const data = 'é'.repeat(100_000)
  client.send(`0${echo(1, data)}`)
  const frames = await segments(client)
  t.strictSame(frames.map(([header]) => header).join(''), '10')
  t.equal(frames[0]?.length, 65_537)
  t.equal(JSON.parse(frames.map((frame) => frame.slice(1)).join('')).data, data)
})

t.test('B10 a surrogate pair is never cut (the stock JavaScript client does, and damages text)', async (t) => {
  const state = implementation.createState()
  const served = await serve(t, { ...framing, state, autoflushDelay: 0, maxSegmentSize: 7 })
  const client = await served.connect()
  for (let shift = 0; shift < 8; shift++) {
    const text = 'x'.repeat(shift) + '😀'.repeat(20)
    state.set('', text)
    const frames = await segments(client)
    t.ok(frames.every((frame) => frame.length <= 8 && !frame.includes('\ufffd')))
    t.equal(JSON.parse(frames.map((frame) => frame.slice(1)).join('')).diff[0].value, text)
  }
})

t.test('T05 empty segments are accepted', async (t) => {
  const served = await serve(t, framing)
  const client = await served.connect()
  const text = echo(1, 'x')
  for (const frame of ['1', '1', `1${text.slice(0, 5)}`, '1', `1${text.slice(5)}`, '1', '0']) client.send(frame)
  t.match(await message(client), { id: 1, data: 'x' })
})

t.test('T06 a ping is answered with its payload, between the segments of a message too', async (t) => {
  const served = await serve(t, framing)
  const client = await served.connect()
  client.send('2')
  t.equal(await client.next(), '3')
  const text = echo(1, 'x')
  client.send(`1${text.slice(0, 5)}`)
  client.send('2are you there? 😀')
  t.equal(await client.next(), '3are you there? 😀')
  client.send(`0${text.slice(5)}`)
  t.match(await message(client), { id: 1, data: 'x' })
})

t.test('T07 a pong that nobody asked for is ignored', async (t) => {
  const served = await serve(t, framing)
  const client = await served.connect()
  const text = echo(1, 'x')
  for (const frame of ['3', '3payload', `1${text.slice(0, 5)}`, '3', `0${text.slice(5)}`]) client.send(frame)
  t.match(await message(client), { id: 1, data: 'x' })
})

for (const [title, frame] of [
  ['T08 an unknown header', `4${echo(1, 'x')}`],
  ['T08 a letter as the header', `a${echo(1, 'x')}`],
  ['T09 an empty frame', ''],
  ['T10 a frame of plain framing', echo(1, 'x')],
  ['M01 a message that is not JSON', '0not JSON'],
  ['M02 an empty message', '0'],
  ['M08 an unknown type', '0{"type":"x","id":1,"name":"","data":null}']
] as const) {
  t.test(`${title}: closed`, async (t) => {
    const served = await serve(t, framing)
    const client = await served.connect()
    client.send(`0${echo(1, 'first')}`)
    t.match(await message(client), { id: 1, data: 'first' })
    client.send(frame)
    const { code, reason } = await client.closed
    t.ok(code === protocolError || code === 4406, `closed with ${code}`)
    t.not(reason, '')
    t.equal(client.pending, 0)
  })
}

t.test('M10 a binary frame: closed', async (t) => {
  const served = await serve(t, framing)
  const client = await served.connect()
  client.send(Buffer.from(`0${echo(1, 'x')}`), { binary: true })
  t.equal((await client.closed).code, protocolError)
})

t.test('T11 after pingDelay without an inbound frame the server pings, whatever it sends itself', async (t) => {
  const state = implementation.createState(0)
  const served = await serve(t, { framing: 'segmented', state, autoflushDelay: 0, pingDelay: 100, pingTimeout: 60_000 })
  const client = await served.connect()
  const frames: string[] = []
  for (let i = 1; !frames.includes('2') && i < 1000; i++) {
    state.set('', i)
    await sleep(5)
    while (client.pending > 0) frames.push(await client.next())
  }
  t.ok(frames.includes('2'))
  t.equal(served.peer.isOpen, true)
})

t.test('T12 then, after pingTimeout without any inbound frame, the connection is dead', async (t) => {
  const served = await serve(t, { framing: 'segmented', pingDelay: 50, pingTimeout: 100 })
  const client = await served.connect()
  const { peer } = served
  t.equal(await client.next(), '2')
  t.equal((await client.closed).code, 4408)
  t.equal((await peer.closed).code, 4408)
})

t.test('T13 any inbound frame counts: a pong, a single segment', async (t) => {
  for (const answer of ['3', '1', '2']) {
    const served = await serve(t, { framing: 'segmented', pingDelay: 20, pingTimeout: 10_000 })
    const client = await served.connect()
    for (let i = 0; i < 4; i++) {
      while (await client.next() !== '2') { /* the answer to our own ping */ }
      client.send(answer)
    }
    t.equal(served.peer.isOpen, true, `answered with ${answer}`)
  }
})

t.test('T14 pingDelay null: no pings', async (t) => {
  const served = await serve(t, { framing: 'segmented', pingDelay: null, pingTimeout: 10 })
  const client = await served.connect()
  await sleep(100)
  client.send(`0${echo(1, 'x')}`)
  t.match(await message(client), { id: 1, data: 'x' })
})

t.test('T19 what was queued before a close is delivered', async (t) => {
  const served = await serve(t, { ...framing, maxSegmentSize: 100 })
  const client = await served.connect()
  const data = 'x'.repeat(10_000)
  served.peer.notify('last', data)
  served.peer.close()
  const text = (await segments(client)).map((frame) => frame.slice(1)).join('')
  t.strictSame(JSON.parse(text), { type: 'notify', name: 'last', data })
  t.equal((await client.closed).code, 1000)
})

t.test('B12 a segment size of 0 and a ping delay of 0 are refused at the start', async (t) => {
  const server = async (application: Application) => {
    const { stop } = await implementation.start(application)
    t.teardown(stop)
  }
  await t.rejects(server({ framing: 'segmented', maxSegmentSize: 0 }))
  await t.rejects(server({ framing: 'segmented', maxSegmentSize: -1 }))
  await t.rejects(server({ framing: 'segmented', pingDelay: 0 }))
  await t.rejects(server({ framing: 'segmented', pingTimeout: -1 }))
})

t.test('B13 a message that never ends is bounded', async (t) => {
  const served = await serve(t, framing)
  const client = await served.connect()
  const segment = `1${'x'.repeat(65_536)}`
  for (let i = 0; i < 70; i++) client.send(segment)
  t.equal((await client.closed).code, 1009)
})
