/** Whatever bytes a peer sends, the process goes on, and nobody else notices. `JUGGLER_RUNS` says how many inputs. */
import { once } from 'node:events'
import { connect } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import fc from '../helpers/fast-check.ts'
import t from 'tap'
import { createState } from '../../lib/index.ts'
import { startApp } from '../helpers/app.ts'
import { Logs } from '../helpers/logs.ts'
import { connectPeer } from '../helpers/peer.ts'
import { upgradeText } from '../helpers/raw-socket.ts'

const runs = Number(process.env['JUGGLER_RUNS'] ?? 1500)
/** Inputs that are sent at one time. */
const atOnce = 25

const mask = [0x11, 0x22, 0x33, 0x44]

/** A frame as a client sends it. */
function frame (first: number, payload: string): number[] {
  const bytes = [...Buffer.from(payload)]
  const length = bytes.length < 126 ? [0x80 | bytes.length] : [0x80 | 126, bytes.length >> 8, bytes.length & 0xff]
  return [first, ...length, ...mask, ...bytes.map((byte, i) => byte ^ mask[i % 4]!)]
}

/** What peers really send, whole or in parts, of either framing. */
const frames: readonly number[][] = [
  frame(0x81, '{"type":"request","id":1,"name":"double","data":{"n":21}}'),
  frame(0x81, '{"type":"request","id":2,"name":"","data":null}'),
  frame(0x81, '{"type":"request","id":3,"name":"start","data":1,"key":"k","expires":1e9,"expect":{"path":"/n","value":0}}'),
  frame(0x81, '0{"type":"request","id":4,"name":"double","data":{"n":1}}'),
  frame(0x81, '1{"type":"request","id":'),
  frame(0x81, '05,"name":"double","data":null}'),
  frame(0x81, '2payload'),
  frame(0x81, '3payload'),
  frame(0x01, '{"type":"request",'),
  frame(0x80, '"id":6,"name":"double","data":[]}'),
  frame(0x89, 'ping'),
  frame(0x8a, 'p000001'),
  frame(0x82, 'binary'),
  frame(0x88, '\u0003\u00e8bye'),
  frame(0x81, JSON.stringify({ type: 'request', id: 7, name: 'double', data: 'x'.repeat(500) })),
  frame(0xc1, 'deflated?')
]

type Change = { do: 'flip', at: number, to: number } | { do: 'cut', at: number, length: number } | { do: 'insert', at: number, bytes: Uint8Array } | { do: 'repeat', at: number, length: number }

const at = fc.nat(1200)
const change: fc.Arbitrary<Change> = fc.oneof(
  fc.record({ do: fc.constant('flip' as const), at, to: fc.nat(255) }),
  fc.record({ do: fc.constant('cut' as const), at, length: fc.nat(40) }),
  fc.record({ do: fc.constant('insert' as const), at, bytes: fc.uint8Array({ maxLength: 20 }) }),
  fc.record({ do: fc.constant('repeat' as const), at, length: fc.nat(60) })
)
const input = fc.record({
  query: fc.constantFrom('', '?framing=plain', '?framing=segmented', '?framing=auto', '?announce=1&journal=me&epoch=&revision=', '?epoch=x&revision=1e9'),
  deflate: fc.boolean(),
  frames: fc.array(fc.constantFrom(...frames), { minLength: 1, maxLength: 6 }),
  changes: fc.array(change, { maxLength: 5 })
})
type Input = typeof input extends fc.Arbitrary<infer Value> ? Value : never

function bytesOf ({ frames, changes }: Input): Buffer {
  let bytes = Buffer.from(frames.flat())
  for (const change of changes) {
    const at = change.at % (bytes.length + 1)
    const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)]
    if (change.do === 'flip') bytes = Buffer.concat([before, Buffer.from([change.to]), after.subarray(1)])
    else if (change.do === 'cut') bytes = Buffer.concat([before, after.subarray(change.length)])
    else if (change.do === 'insert') bytes = Buffer.concat([before, change.bytes, after])
    else bytes = Buffer.concat([before, after.subarray(0, change.length), after])
  }
  return bytes
}

t.test('no bytes end the process, or touch anybody else', async (t) => {
  const logs = new Logs()
  const state = createState({ n: 0 })
  const { app, origin } = await startApp(t, { fastify: { logger: logs.logger }, juggler: { state, autoflushDelay: 0, framing: 'auto', framingTimeout: 5, compression: true, maxPayload: 2000 } })
  app.juggler.handle('double', (_connection, data) => (data as { n: number } | null)?.n ?? data)
  app.juggler.handle('start', { once: true }, () => 1)
  const port = Number(new URL(origin).port)

  const send = async (one: Input): Promise<void> => {
    const socket = connect({ port, host: '127.0.0.1' })
    socket.on('error', () => {})
    const gone = once(socket, 'close').catch(() => {})
    socket.write(upgradeText(`/ws${one.query}`, one.deflate ? ['Sec-WebSocket-Extensions: permessage-deflate'] : []))
    socket.write(bytesOf(one))
    // Until all of it is in the server, which answers with something at least: the upgrade.
    await Promise.race([once(socket, 'data').catch(() => {}), gone])
    socket.end()
    await turn()
    socket.destroy()
    await gone
  }

  const witness = await connectPeer(t, `${origin}/ws?framing=plain`)
  await witness.next()
  let sent = 0
  await fc.assert(fc.asyncProperty(fc.array(input, { minLength: atOnce, maxLength: atOnce }), async (inputs) => {
    await Promise.all(inputs.map(send))
    sent += inputs.length
    state.set('/n', sent)
    const { diff } = await witness.next()
    if (diff.length !== 1 || (diff[0] as { value?: unknown }).value !== sent) throw new Error(`the witness was sent ${JSON.stringify(diff)}`)
    witness.request(sent, 'double', sent)
    const { id, data } = await witness.next()
    if (id !== sent || data !== sent) throw new Error(`the witness was answered ${JSON.stringify(data)}`)
    if (logs.lines.some(({ level, msg }) => level >= 50 && msg !== 'request handler failed')) throw new Error(JSON.stringify(logs.lines.filter(({ level }) => level >= 50)))
    logs.lines.length = 0
  }), { numRuns: Math.ceil(runs / atOnce) })
  while (app.juggler.connections.size > 1) await turn()
  t.ok(sent >= runs, `${sent} inputs`)
  const { closed } = app.juggler.stats().connections
  for (const code of [1002, 4400]) t.ok((closed[code] ?? 0) > 0, `${closed[code]} closed with ${code}`)
  t.equal(app.juggler.stats().buffered.input, 0)
})
