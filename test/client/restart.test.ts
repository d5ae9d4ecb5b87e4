/** A server goes away under 50 clients and comes back: nobody hammers at the door, and all end up right. */
import { once } from 'node:events'
import { createServer } from 'node:net'
import t from 'tap'
import { connect } from '../../lib/client/index.ts'
import { ScriptedServers } from '../helpers/client/control.ts'
import { message, reached } from '../helpers/client/suite.ts'

const count = 50
/** How long the server is away (ms), and by how much its attempts are told. */
const away = 2000
const bucket = 200

t.test('50 clients and a server that is away for two seconds', async (t) => {
  const control = new ScriptedServers()
  const { server, url } = await control.listen()
  const clients = await Promise.all(Array.from({ length: count }, () => connect(url, { reconnect: { minDelay: 100, maxDelay: 1000 }, pingDelay: 60_000 })))
  t.teardown(async () => {
    await Promise.all(clients.map((client) => client.close()))
    await control.end()
  })
  for (let i = 0; i < count; i++) await control.say(await control.next(), message.whole({ version: 1 }))
  await Promise.all(clients.map((client) => client.state.revision > 0 || new Promise<void>((resolve) => client.state.onChange(() => resolve()))))
  const inFlight = clients.map((client) => client.send('slow').then(() => 'answered', (error) => error.code))

  await control.stop(server)
  t.same(new Set(await Promise.all(inFlight)), new Set(['JUGGLER_CONNECTION_CLOSED']))
  const attempts = await countAttempts(Number(new URL(url).port))
  t.comment(`attempts of ${count} clients in each ${bucket} ms: ${attempts.join(' ')}`)
  t.ok(clients.every((client) => client.status === 'reconnecting' && client.stale), 'all are reconnecting')
  t.same(clients.map((client) => client.state.data), Array(count).fill({ version: 1 }), 'all show what they had')
  const total = attempts.reduce((sum, n) => sum + n, 0)
  // On average a client waits 50, 100, 200, 400, 500 ms and so on: about 6 attempts in two seconds.
  t.ok(total >= count, `${total} attempts: nobody gave up`)
  t.ok(total <= count * 15, `${total} attempts: nobody hammered`)

  await control.restart(server)
  await Promise.all(clients.map((client) => reached(client, 'open')))
  const fresh = Promise.all(clients.map((client) => new Promise<void>((resolve) => client.state.onChange(() => resolve()))))
  for (let i = 0; i < count; i++) await control.say(await control.next(), message.whole({ version: 2 }))
  await fresh
  t.same(clients.map((client) => client.state.data), Array(count).fill({ version: 2 }))
  t.notOk(clients.some((client) => client.stale))
})

/** Stands at the server's door for a while, and counts who knocks. */
async function countAttempts (port: number): Promise<number[]> {
  const attempts: number[] = Array(away / bucket).fill(0)
  const start = performance.now()
  const door = createServer((socket) => {
    const index = Math.floor((performance.now() - start) / bucket)
    if (index < attempts.length) attempts[index]!++
    socket.on('error', () => {}).destroy()
  })
  door.listen(port, '127.0.0.1')
  await once(door, 'listening')
  await new Promise((resolve) => setTimeout(resolve, away))
  await new Promise((resolve) => door.close(resolve))
  return attempts
}
