/** RFC 6455 and RFC 7692, case by case, in what the server writes itself and in what it makes of a client's bytes. */
import t from 'tap'
import type { Test } from 'tap'
import { startApp } from '../helpers/app.ts'
import type { TestApp } from '../helpers/app.ts'
import { pattern } from './bytes.ts'
import { calls } from './calls.ts'
import { servers } from './case.ts'
import type { Call, Exchange, Handshake, Numbered } from './case.ts'
import { exchanges } from './exchanges.ts'
import { handshakes } from './handshakes.ts'
import { scenarios } from './scenarios.ts'
import { Wire, upgradeLines } from './wire.ts'

const started = new Map<string, Promise<TestApp>>()

/** The server of a case, which serves all of them. */
function serverOf (name: keyof typeof servers = 'plain'): Promise<TestApp> {
  let server = started.get(name)
  if (server === undefined) started.set(name, server = startApp(t, { juggler: servers[name] }))
  return server
}

const title = ({ n, rfc, section, holds }: Numbered) => `${n} RFC ${rfc}, ${section}: ${holds}`

/** Compares bytes with what a case has written down: a string that says where they differ, or nothing. */
function difference (actual: Buffer, text: string): string | undefined {
  const { bytes, any } = pattern(text)
  for (let i = 0; i < Math.max(actual.length, bytes.length); i++) {
    if (actual[i] === bytes[i] || (any.has(i) && i < actual.length)) continue
    const piece = (buffer: Buffer) => buffer.subarray(Math.max(0, i - 8), i + 24).toString('hex')
    return `byte ${i} of ${bytes.length}: …${piece(actual)}… (${actual.length}) is not …${piece(bytes)}…`
  }
  return undefined
}

async function shake (t: Test, { request = upgradeLines('/ws'), more = [], status, answer, without, server }: Handshake) {
  const wire = await Wire.dial(t, (await serverOf(server)).origin)
  const [first, ...headers] = await wire.ask([...request, ...more])
  t.equal(first!.split(' ')[1], String(status))
  for (const line of answer) t.ok(headers.includes(line), `${line} is among ${JSON.stringify(headers)}`)
  if (without !== undefined) t.notOk(headers.some((line) => line.toLowerCase().startsWith(`${without.toLowerCase()}:`)), `no ${without}`)
}

async function exchange (t: Test, { server, framing = 'segmented', offer, sends, bytewise, fin, gets, ends, told }: Exchange) {
  const { app, origin } = await serverOf(server)
  const wire = await Wire.dial(t, origin)
  const known = new Set(app.juggler.connections)
  await wire.ask(upgradeLines(`/ws?framing=${framing}`, ...offer === undefined ? [] : [`Sec-WebSocket-Extensions: ${offer}`]))
  // Cases that came before may still close theirs; none begins beside this one.
  const connection = [...app.juggler.connections].find((one) => !known.has(one))
  const { bytes } = pattern(sends)
  for (let i = 0; bytewise && i < bytes.length; i++) await wire.write(bytes.subarray(i, i + 1))
  if (!bytewise) await wire.write(bytes)
  if (fin) wire.socket.end()
  if (ends) {
    t.equal(difference(await wire.end(), gets), undefined)
    // The server ends TCP first (section 7.1.1); a client that did not end its side would be waited for.
    wire.socket.end()
    t.equal((await connection?.closed)?.code, told)
    return
  }
  t.equal(difference(await wire.take(pattern(gets).bytes.length), gets), undefined)
  await wire.write(pattern('8981 00000000 7e').bytes)
  t.equal(difference(await wire.take(3), '8a01 7e'), undefined, 'nothing more, and it goes on')
  wire.socket.destroy()
}

function check (t: Test, { call, begins, lengths }: Call) {
  const made = call()
  const buffers = Buffer.isBuffer(made) ? [made] : [...made as readonly Buffer[]]
  t.same(buffers.map(({ length }) => length), lengths)
  for (const [i, text] of begins.entries()) t.equal(difference(buffers[i]!.subarray(0, pattern(text).bytes.length), text), undefined)
}

t.test('the table is numbered', async (t) => {
  const all = [...handshakes, ...exchanges, ...calls, ...scenarios]
  t.same(all.map(({ n }) => n), all.map((_, i) => i + 1))
  t.ok(all.every(({ section }) => /^\d+(\.\d+)*$/.test(section)))
})

for (const one of handshakes) t.test(title(one), (t) => shake(t, one))
for (const one of exchanges) t.test(title(one), (t) => exchange(t, one))
for (const one of calls) t.test(title(one), async (t) => check(t, one))
for (const one of scenarios) t.test(title(one), (t) => one.run(t))
