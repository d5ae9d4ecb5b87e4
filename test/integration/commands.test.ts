import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import type { AddressInfo } from 'node:net'
import Fastify from 'fastify'
import type { FastifyInstance } from 'fastify'
import t from 'tap'
import type { Test } from 'tap'
import juggler from '../../lib/index.ts'
import { connect } from '../../lib/client/index.ts'
import { cuttingProxy } from '../helpers/cutting-proxy.ts'

/** A repeatable source of numbers from 0 to 1 (mulberry32). */
function numbers (seed: number): () => number {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0
    let x = Math.imul(seed ^ (seed >>> 15), 1 | seed)
    x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x
    return ((x ^ (x >>> 14)) >>> 0) / 4294967296
  }
}

interface Run { id: number, run: number }

/** What commands do to the machine: it outlives the servers. */
class Machine {
  readonly runs = new Map<number, number>()

  async start (random: () => number): Promise<FastifyInstance> {
    const app = Fastify()
    await app.register(juggler, { parallelRequests: true })
    app.juggler.handle<{ id: number }, Run>('start', { once: true }, async (_connection, { id }) => {
      const run = (this.runs.get(id) ?? 0) + 1
      this.runs.set(id, run)
      if (random() < 0.5) await sleep(random() * 4)
      if (id % 7 === 0) throw new Error(`${id} fails in run ${run}`)
      return { id, run }
    })
    await app.listen({ port: 0, host: '127.0.0.1' })
    return app
  }
}

const portOf = (app: FastifyInstance): number => (app.server.address() as AddressInfo).port

/** A machine with its first server, and a client behind a line that can be cut. */
async function play (t: Test, seed: number) {
  const random = numbers(seed)
  const machine = new Machine()
  const proxy = await cuttingProxy(t, random)
  const app = await machine.start(random)
  t.teardown(() => app.close())
  proxy.target = portOf(app)
  const client = await connect(`ws://127.0.0.1:${proxy.port}/ws`, { reconnect: { minDelay: 1, maxDelay: 8 } })
  t.teardown(() => client.close())
  return { random, machine, proxy, client, app }
}

/**
 * Sends commands through a line that is cut at random bytes.
 *
 * @param restarts - how many times the server is replaced meanwhile
 * @returns how many ended in which way
 */
async function storm (t: Test, seed: number, count: number, restarts: number): Promise<{ known: number, unknown: number, cuts: number }> {
  const { random, machine, proxy, client, app: first } = await play(t, seed)
  let app = first
  t.teardown(() => app.close())
  proxy.budget = [250, 6000]
  proxy.cut()

  const isOpen = async (): Promise<void> => {
    while (client.status !== 'open') await new Promise<void>((resolve) => { const stop = client.onStatus(() => { stop(); resolve() }) })
  }
  let known = 0
  let unknown = 0
  let next = 1
  const wrong: string[] = []
  const settle = async (id: number): Promise<void> => {
    for (;;) {
      await isOpen()
      const before = client.status
      try {
        const outcome = await client.send<Run>('start', { id }, { key: true, expires: 30_000 })
        known++
        if (outcome.id !== id || outcome.run !== 1) wrong.push(`${id} was told ${JSON.stringify(outcome)}`)
        return
      } catch (error) {
        const { code, data } = error as { code: string, data?: { code?: string } | string }
        if (data === `${id} fails in run 1`) {
          known++
          return
        }
        if ((data as { code?: string } | undefined)?.code === 'JUGGLER_OUTCOME_UNKNOWN') {
          unknown++
          return
        }
        // not sent, since the connection was lost between the look and the call
        if (code === 'JUGGLER_CONNECTION_CLOSED' && before !== 'open') continue
        wrong.push(`${id} ended with ${String(error)} ${JSON.stringify(data)}`)
        return
      }
    }
  }
  const worker = async (): Promise<void> => { while (next <= count) await settle(next++) }
  const restarting = (async () => {
    for (let i = 1; i <= restarts; i++) {
      while (known + unknown < count * i / (restarts + 1)) await sleep(1)
      const old = app
      app = await machine.start(random)
      proxy.target = portOf(app)
      await old.close()
    }
  })()
  await Promise.all(Array.from({ length: 20 }, worker))
  await restarting
  for (const [id, runs] of machine.runs) if (runs !== 1) wrong.push(`${id} ran ${runs} times`)
  t.same(wrong, [])
  t.equal(known + unknown, count, 'every promise has settled')
  t.equal(client.status === 'closed', false)
  return { known, unknown, cuts: proxy.cuts }
}

const count = Number(process.env['JUGGLER_RUNS'] ?? 1000)

t.test('commands through a line that is cut: each runs once, and every outcome is known', async (t) => {
  const { unknown, cuts } = await storm(t, 1, count, 0)
  t.equal(unknown, 0)
  t.ok(cuts > count / 100, `${cuts} cuts`)
})

t.test('with restarts of the server: none runs twice, and an outcome is unknown only over a restart', async (t) => {
  const restarts = 5
  const { unknown, cuts } = await storm(t, 2, count, restarts)
  t.ok(unknown <= restarts * 20, `${unknown} unknown: at most those under way at a restart`)
  t.ok(cuts > count / 100, `${cuts} cuts`)
})

t.test('servers that follow one another, each drained before it goes, lose no command', async (t) => {
  const { random, machine, proxy, client, app: first } = await play(t, 3)
  let app = first
  t.teardown(() => app.close())
  let over = false
  let next = 1
  const wrong: string[] = []
  const worker = async (): Promise<void> => {
    while (!over) {
      if (client.status !== 'open') {
        await sleep(1)
        continue
      }
      const id = next++
      try {
        const outcome = await client.send<Run>('start', { id }, { key: true, expires: 30_000 })
        if (outcome.id !== id) wrong.push(`${id} was told ${JSON.stringify(outcome)}`)
      } catch (error) {
        const { code, data } = error as { code: string, data?: unknown }
        if (data !== `${id} fails in run 1` && code !== 'JUGGLER_CONNECTION_CLOSED') wrong.push(`${id} ended with ${String(error)} ${JSON.stringify(data)}`)
        // it may not have been sent at all, where the connection went in the same turn; but then it has not run
        if (code === 'JUGGLER_CONNECTION_CLOSED' && machine.runs.has(id)) wrong.push(`${id} has run, and nobody knows`)
      }
    }
  }
  const workers = Array.from({ length: 20 }, worker)
  for (let i = 0; i < 4; i++) {
    await sleep(100)
    const old = app
    app = await machine.start(random)
    proxy.target = portOf(app)
    await old.juggler.drain({ over: 30 })
    await old.close()
  }
  over = true
  await Promise.all(workers)
  for (const [id, runs] of machine.runs) if (runs !== 1) wrong.push(`${id} ran ${runs} times`)
  t.same(wrong, [])
  t.ok(machine.runs.size > 100, `${machine.runs.size} commands`)
})

t.test('a shutdown aborts a command that runs', async (t) => {
  const machine = Fastify()
  await machine.register(juggler)
  t.teardown(() => machine.close())
  const aborted = new Promise((resolve) => {
    machine.juggler.handle('start', { once: true }, (_connection, _data, { signal }) => {
      machine.close()
      return once(signal, 'abort').then(resolve)
    })
  })
  await machine.listen({ port: 0, host: '127.0.0.1' })
  const client = await connect(`ws://127.0.0.1:${portOf(machine)}/ws`, { reconnect: false })
  const outcome = client.send('start', null, { key: true })
  await aborted
  await t.rejects(outcome, { code: 'JUGGLER_CONNECTION_CLOSED' })
  await client.close()
})
