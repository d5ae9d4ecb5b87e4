/** Compression with a memory: whatever order things happen in, stock WebSocket clients read every text. */
import type { Socket } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import t from 'tap'
import { WebSocket } from 'ws'
import { createState } from '../../lib/index.ts'
import { applyOperations } from '../../lib/state/patching/apply.ts'
import { createReplicaTree } from '../../lib/state/replica/replica-tree.ts'
import type { JsonValue } from '../../types/json.ts'
import type { State } from '../../types/state.ts'
import { startApp } from '../helpers/app.ts'
import fc from '../helpers/fast-check.ts'
import { connectPeer } from '../helpers/peer.ts'
import type { Peer } from '../helpers/peer.ts'
import { canonical } from '../helpers/server/fake-client.ts'

interface Stated { type: string, diff: unknown[], revision?: number, epoch?: string, since?: number }

/** A stock client, which applies what it is sent. */
class Reader {
  readonly ws: WebSocket
  tree = createReplicaTree()
  epoch: string | undefined
  revision: number | undefined
  failure: unknown
  #left = false

  constructor (url: string, options: object, old?: Reader) {
    const place = old === undefined ? '' : `&epoch=${old.epoch ?? ''}&revision=${old.revision ?? ''}`
    this.ws = new WebSocket(`${url}?announce=1${place}`, options)
    this.ws.on('error', (error) => { if (!this.#left) this.failure ??= error })
    this.ws.on('message', (data: Buffer) => {
      try {
        const message = JSON.parse(data.toString()) as Stated
        if (message.type !== 'state') return
        if (message.since !== undefined) this.tree = old!.tree
        this.epoch = message.epoch ?? this.epoch
        this.revision = message.revision ?? this.revision
        applyOperations(this.tree, message.diff)
      } catch (error) {
        this.failure ??= error
      }
    })
  }

  leave (): void {
    this.#left = true
    this.ws.terminate()
  }

  /** Whether what comes is read. */
  read (reads: boolean): void {
    const { _socket: socket } = this.ws as unknown as { _socket?: Socket }
    if (reads) socket?.resume()
    else socket?.pause()
  }
}

const kinds = [{ perMessageDeflate: true }, { perMessageDeflate: true }, { perMessageDeflate: { serverNoContextTakeover: true } }, { perMessageDeflate: { serverMaxWindowBits: 10 } }, { perMessageDeflate: false }]

t.test('any order of joining, lagging, draining, coming back, of raw and deflated messages', async (t) => {
  const step = fc.record({
    act: fc.constantFrom('edit', 'edit', 'edit', 'edit', 'join', 'leave', 'pause', 'go on', 'come back', 'noise', 'notify', 'ask', 'flush one', 'wait'),
    who: fc.nat(9),
    seed: fc.nat()
  })
  await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 60 }), fc.constantFrom(0, 2), async (steps, autoflushDelay) => {
    const state = createState<JsonValue>({ devices: Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`d${i}`, { value: i, on: true }])) })
    const { app, origin } = await startApp(t, { juggler: { state: state as State, compression: true, autoflushDelay, maxBufferedBytes: 2000, checkInterval: null } })
    const readers: Reader[] = [new Reader(`${origin}/ws`, kinds[0]!)]
    let notes = 0
    for (const { act, who, seed } of steps) {
      const reader = readers[who % readers.length]!
      const random = (n: number) => (seed * 7919 + who * 104729) % n
      if (act === 'edit') state.set(['devices', `d${random(30)}`, 'value'], seed % 100_000 / 7)
      else if (act === 'noise') state.set(['noise'], Array.from({ length: 40 + random(2000) }, (_, i) => String.fromCharCode(33 + (i * seed) % 90)).join(''))
      else if (act === 'join' && readers.length < 8) readers.push(new Reader(`${origin}/ws`, kinds[random(kinds.length)]!))
      else if (act === 'leave') reader.leave()
      else if (act === 'pause' || act === 'go on') reader.read(act === 'go on')
      else if (act === 'come back') {
        reader.leave()
        readers[who % readers.length] = new Reader(`${origin}/ws`, kinds[random(kinds.length)]!, reader)
      } else if (act === 'notify') app.juggler.broadcast('note', ++notes)
      else if (act === 'ask' && reader.ws.readyState === reader.ws.OPEN) reader.ws.send(JSON.stringify({ type: 'request', id: 1, name: '', data: 'x'.repeat(random(3000)) }))
      else if (act === 'flush one') void [...app.juggler.connections][random(app.juggler.connections.size + 1)]?.flush()
      else await turn()
      if (seed % 3 === 0) await turn()
    }
    for (const reader of readers) reader.read(true)
    const expected = canonical(state.data as JsonValue)
    const open = readers.filter(({ ws }) => ws.readyState <= ws.OPEN)
    const begun = performance.now()
    while (open.some(({ tree, failure }) => failure === undefined && canonical(tree.root) !== expected)) {
      if (performance.now() - begun > 5000) throw new Error('somebody does not come to rest')
      await turn()
    }
    for (const { failure } of readers) if (failure !== undefined) throw new Error('a reader has failed', { cause: failure })
    for (const reader of readers) reader.leave()
    await app.close()
  }), { numRuns: Number(process.env['JUGGLER_RUNS'] ?? 100), endOnFailure: true })
})

const agreed = ({ ws }: Peer) => ({ ...(ws as unknown as { _extensions: { 'permessage-deflate': { params: object } } })._extensions['permessage-deflate'].params })

t.test('who is in step is sent little; who was away is in step again after one message', async (t) => {
  const state = createState<Record<string, { value: number }>>(Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`device ${i}`, { value: i }])))
  const { origin } = await startApp(t, { juggler: { state: state as unknown as State, compression: true, autoflushDelay: 0 } })
  const peer = await connectPeer(t, `${origin}/ws`, { perMessageDeflate: true })
  t.same(agreed(peer), { client_no_context_takeover: true })
  await peer.next()
  const bytes = () => (peer.ws as unknown as { _socket: Socket })._socket.bytesRead
  const lengths: number[] = []
  for (let i = 0; i < 12; i++) {
    const before = bytes()
    state.set([`device ${i * 71 % 1000}`, 'value'], (i + 1) * 1.37 + 0.5)
    await peer.next()
    lengths.push(bytes() - before)
  }
  t.ok(lengths[0]! > 60, 'the first refers to nothing')
  t.ok(lengths.slice(3).every((length) => length < 32), String(lengths))
  const other = await connectPeer(t, `${origin}/ws`, { perMessageDeflate: { serverNoContextTakeover: true } })
  t.same(agreed(other), { server_no_context_takeover: true, client_no_context_takeover: true })
  await other.next()
  state.set(['device 5', 'value'], -1)
  t.equal(await other.nextText(), await peer.nextText())
})
