/** A proxy harms the stream at every byte of a conversation; each client ends at the server's state, or never began. */
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import { WebSocketServer } from 'ws'
import { connect } from '../../lib/client/index.ts'
import { plainDecoder } from '../../lib/protocol/plain.ts'
import { encodeSegments, segmentedDecoder } from '../../lib/protocol/segmented.ts'
import type { Client, ConnectOptions } from '../../types/client.ts'
import { FlakyProxy } from '../helpers/client/flaky-proxy.ts'
import type { Direction, Fault, Harm } from '../helpers/client/flaky-proxy.ts'

/** The states that the server goes through for a client, and the patches between them. */
const states = [{ a: 0 }, { a: 1 }, { a: 1, b: 'ü' }, { a: 1, b: 'ü', c: [1, 2] }, { b: 'ü', c: [1] }]
const patches = [
  [{ op: 'replace', path: '/a', value: 1 }],
  [{ op: 'add', path: '/b', value: 'ü' }],
  [{ op: 'add', path: '/c', value: [1, 2] }],
  [{ op: 'remove', path: '/a' }, { op: 'remove', path: '/c/1' }]
]

/** Of a segment: so short that every message has several. */
const segmentSize = 20

/** How far the server is, by the client's number. */
const progress = new Map<string, number>()
const wss = new WebSocketServer({ host: '127.0.0.1', port: 0 })
await once(wss, 'listening')
wss.on('connection', (socket, request) => {
  const query = new URL(request.url!, 'ws://host').searchParams
  const key = query.get('n')!
  const segmented = query.get('framing') === 'segmented'
  const decode = segmented ? segmentedDecoder(10_000) : plainDecoder(10_000)
  const say = (message: unknown) => {
    const text = JSON.stringify(message)
    for (const frame of segmented ? encodeSegments(text, segmentSize) : [text]) socket.send(frame)
  }
  const state = () => states[progress.get(key) ?? 0]
  socket.on('error', () => {})
  say({ type: 'state', diff: [{ op: 'replace', path: '', value: state() }] })
  socket.on('message', (data: Buffer) => {
    const { text, ping } = decode(data.toString())
    if (ping !== undefined) socket.send(`3${ping}`)
    if (text === undefined) return
    const { id, name } = JSON.parse(text)
    if (name === 'go' && !progress.has(key)) {
      for (const [i, diff] of patches.entries()) {
        progress.set(key, i + 1)
        say({ type: 'state', diff })
      }
    }
    say({ type: 'response', id, success: true, data: null })
  })
})
t.teardown(async () => {
  for (const socket of wss.clients) socket.terminate()
  await new Promise((resolve) => wss.close(resolve))
})

let clients = 0

t.jobs = 3

/** One client's whole life behind a proxy. @returns what went wrong, whether it ever connected, and whether it was harmed */
async function live (fault: Fault, options: ConnectOptions) {
  const key = String(clients++)
  const proxy = await FlakyProxy.start((wss.address() as AddressInfo).port, fault)
  let client: Client | undefined
  try {
    client = await connect(`ws://127.0.0.1:${proxy.port}/?n=${key}`, { ...options, maxSegmentSize: segmentSize, reconnect: { minDelay: 1, maxDelay: 20 } })
    const wrong = await settled(client, key)
    return { wrong, connected: true, hit: proxy.hit }
  } catch (error) {
    const { code } = error as { code?: string }
    return { wrong: code === 'JUGGLER_CONNECT_FAILED' ? undefined : String(error), connected: false, hit: proxy.hit }
  } finally {
    await client?.close()
    await proxy.stop()
  }
}

/** Asks the server to go through its states, and waits for its last one. @returns a state that never was, shown as if it were */
function settled (client: Client, key: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const known = [null, ...states].map((state) => JSON.stringify(state))
    const look = () => {
      const shown = client.state.stringify()
      if (!known.includes(shown)) resolve(`showed ${shown}`)
      const last = states[progress.get(key) ?? 0]
      // A request that was lost with its connection is not repeated: the server may have stayed where it was.
      if (asked && client.status === 'open' && !client.stale && shown === JSON.stringify(last)) resolve(undefined)
    }
    let asked = false
    const done = () => {
      asked = true
      look()
    }
    client.state.onChange(look)
    client.onStatus(look)
    client.send('go').then(done, done)
  })
}

/** Runs a life for every byte, some at a time. */
async function everyByte (harm: Harm, direction: Direction, atOnce: number, options: ConnectOptions = {}) {
  const wrong: string[] = []
  let next = 0
  let harmed = 0
  let connected = 0
  let end = Infinity
  await Promise.all(Array.from({ length: atOnce }, async () => {
    for (let at = next; at < end; at = next) {
      next++
      const attempt = () => live({ harm, direction, at }, { pingDelay: 20_000, pingTimeout: 20_000, ...options })
      let outcome = await attempt()
      // On a busy machine a client may have given up before its byte: that is not yet the end of the stream.
      if (!outcome.hit && outcome.wrong === undefined) outcome = await attempt()
      if (outcome.wrong !== undefined) wrong.push(`byte ${at}: ${outcome.wrong}`)
      if (outcome.hit) harmed++
      else end = Math.min(end, at)
      if (outcome.connected) connected++
      else if (harm === 'halve' || harm === 'delay') wrong.push(`byte ${at}: it did not connect`)
    }
  }))
  return { wrong, harmed, connected }
}

for (const [harm, direction] of [
  ['drop', 'down'], ['drop', 'up'], ['halve', 'down'], ['halve', 'up'], ['delay', 'down'], ['delay', 'up']
] as const) {
  t.test(`${harm} ${direction}`, { buffered: true }, async (t) => {
    const { wrong, harmed, connected } = await everyByte(harm, direction, 16)
    t.same(wrong, [])
    t.ok(harmed > 250, `${harmed} streams were harmed, ${connected} clients connected`)
  })
}

for (const harm of ['drop', 'halve'] as const) {
  t.test(`${harm} down, segmented`, { buffered: true }, async (t) => {
    const { wrong, harmed, connected } = await everyByte(harm, 'down', 16, { framing: 'segmented' })
    t.same(wrong, [])
    t.ok(harmed > 250, `${harmed} streams were harmed, ${connected} clients connected`)
  })
}

for (const direction of ['down', 'up'] as const) {
  t.test(`stall ${direction}`, { buffered: true }, async (t) => {
    const { wrong, harmed, connected } = await everyByte('stall', direction, 60, { pingDelay: 100, pingTimeout: 1500 })
    t.same(wrong, [])
    t.ok(harmed > 250, `${harmed} streams were stalled, ${connected} clients connected`)
  })
}
