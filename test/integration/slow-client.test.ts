import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import type { Test } from 'tap'
import { createState } from '../../lib/index.ts'
import type { JsonValue } from '../../types/json.ts'
import type { FastifyJugglerOptions } from '../../types/options.ts'
import { startApp } from '../helpers/app.ts'
import { Logs } from '../helpers/logs.ts'
import { connectPeer } from '../helpers/peer.ts'
import type { Peer } from '../helpers/peer.ts'
import { applyPatch } from '../helpers/conformance/apply-patch.ts'

const mebibyte = 1048576

interface Counted { n: number, blob: string }

/** One client that does not read, one that does. */
async function serve (t: Test, options: FastifyJugglerOptions) {
  const logs = new Logs()
  const served = await startApp(t, { juggler: options, fastify: { logger: logs.logger } })
  const stalled = await connectPeer(t, `${served.origin}/ws`)
  const [connection] = served.app.juggler.connections
  const reader = await connectPeer(t, `${served.origin}/ws`)
  return { ...served, logs, stalled, reader, connection: connection! }
}

/** Applies the messages of a client in order, up to the state of a round. */
async function follow (peer: Peer, last: number): Promise<{ state: JsonValue, messages: number }> {
  let state: JsonValue = null
  let messages = 0
  while ((state as Counted | null)?.n !== last) {
    const message = await peer.next()
    if (message.type !== 'state') continue
    state = applyPatch(state, message.diff)
    messages++
  }
  return { state, messages }
}

t.test('a stalled client holds bounded memory while others go on, and ends at the newest state', async (t) => {
  const state = createState<Counted>({ n: 0, blob: '' })
  const { stalled, reader, app } = await serve(t, { state, autoflushDelay: 0, maxBufferedBytes: mebibyte })
  stalled.ws.pause()
  const rounds = 150
  const half = mebibyte / 2
  const following = follow(reader, rounds)
  const before = process.memoryUsage().arrayBuffers
  let most = 0
  for (let n = 1; n <= rounds; n++) {
    state.update((draft) => { draft.n = n; draft.blob = String(n % 10).repeat(half) })
    await sleep(0)
    most = Math.max(most, process.memoryUsage().arrayBuffers - before)
  }
  const { messages } = await following
  t.ok(messages > rounds / 10, `${messages} messages reached the reader`)
  // 75 MB were sent to the reader; the stalled one may hold its limit and a frame, the kernel a few MB outside
  t.ok(most < 32 * mebibyte, `${Math.round(most / mebibyte)} MB at most`)
  t.equal(app.juggler.connections.size, 2)
  stalled.ws.resume()
  const end = await follow(stalled, rounds)
  t.strictSame(end.state, state.data)
  t.ok(end.messages < rounds / 3, `${end.messages} messages brought it there`)
})

t.test('responses and notifications wait in order, and none is lost', async (t) => {
  const state = createState<JsonValue>('start')
  const { app, stalled, connection } = await serve(t, { state, autoflushDelay: 0, maxBufferedBytes: 64 * 1024 })
  app.juggler.handle('blob', async (_connection, data) => ({ n: data, padding: 'x'.repeat(256 * 1024) }))
  t.match(await stalled.next(), { type: 'state' })
  const count = 40
  for (let n = 0; n < count; n++) stalled.request(n, 'blob', n)
  t.match(await stalled.next(), { id: 0 })
  stalled.ws.pause()
  const sent = []
  for (let n = 0; n < 20; n++) {
    sent.push(connection.notify('n', { n, padding: 'y'.repeat(256 * 1024) }))
    state.set('', n)
  }
  await sleep(50)
  stalled.ws.resume()
  const ids: number[] = []
  const notes: number[] = []
  let last: JsonValue = 'start'
  while (ids.length < count - 1 || notes.length < 20 || last !== 19) {
    const message = await stalled.next()
    if (message.type === 'response') ids.push(message.id as number)
    else if (message.type === 'notify') notes.push((message.data as Counted).n)
    else last = applyPatch(last, message.diff)
  }
  t.strictSame(ids, Array.from({ length: count - 1 }, (_, n) => n + 1))
  t.strictSame(notes, Array.from({ length: 20 }, (_, n) => n))
  await Promise.all(sent)
})

t.test('beyond maxQueuedBytes the connection is closed with 4429, and others are not', async (t) => {
  const { app, stalled, reader, connection, logs } = await serve(t, { maxBufferedBytes: 64 * 1024, maxQueuedBytes: mebibyte, shutdownTimeout: 20 })
  stalled.ws.pause()
  const data = 'x'.repeat(256 * 1024)
  let count = 0
  // the kernel takes some before anything waits
  while (connection.isOpen && count < 1000) {
    app.juggler.broadcast('n', data)
    count++
    await reader.next()
  }
  t.equal(connection.isOpen, false)
  t.match(await connection.closed, { code: 4429 })
  t.match(logs.matching(/too slow/), [{ level: 30, connection: connection.id }])
  t.equal(app.juggler.connections.size, 1)
  t.match(await reader.ask(1, ''), { id: 1 })
})

t.test('a client that asks without reading is served only as fast as it reads', async (t) => {
  const { app, stalled, connection } = await serve(t, { maxBufferedBytes: 64 * 1024, maxQueuedBytes: mebibyte })
  let served = 0
  app.juggler.handle('blob', () => {
    served++
    return 'x'.repeat(256 * 1024)
  })
  stalled.ws.pause()
  for (let n = 0; n < 500; n++) stalled.request(n, 'blob')
  let before = -1
  while (served !== before) {
    before = served
    await sleep(100)
  }
  t.ok(connection.isOpen, 'it is not closed')
  t.ok(served < 200, `${served} of 500 were served`)
  stalled.ws.resume()
  for (let n = 0; n < 500; n++) t.equal((await stalled.next()).id, n)
})
