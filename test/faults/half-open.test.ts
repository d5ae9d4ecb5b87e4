/** A connection of which one side, or both, hears nothing any more, and nobody is told: pulled cables, lost routes. */
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import type { Test } from 'tap'
import type { Report } from '../helpers/faults/clients.ts'
import { twoHosts } from '../helpers/faults/hosts.ts'
import { Link } from '../helpers/faults/link.ts'
import type { Child } from '../helpers/faults/processes.ts'
import { Plant, noticed, silence } from '../helpers/faults/plant.ts'

/** What comes between a server and its client, and can be broken and mended. */
interface Wire {
  readonly plant: Plant
  victim (): Promise<Child>
  drop (...directions: Array<'to the client' | 'to the server'>): Promise<void>
  mend (): Promise<void>
  /** Nothing comes through for so long, and nothing is lost for good. */
  pause (ms: number): Promise<void>
}

async function wireOfHosts (t: Test): Promise<Wire | string> {
  const hosts = await twoHosts(t)
  if (typeof hosts === 'string') return hosts
  const plant = await Plant.start(t, { namespace: hosts.near, host: '0.0.0.0' })
  return {
    plant,
    victim: () => plant.victim(`ws://${hosts.address}:${plant.port}/ws?`, {}, hosts.far),
    drop: async (...directions) => { for (const direction of directions) await hosts.drop(direction) },
    mend: () => hosts.mend(),
    pause: async (ms) => {
      await hosts.drop('to the client')
      await hosts.drop('to the server')
      await sleep(ms)
      await hosts.mend()
    }
  }
}

/** Where there are no namespaces: a proxy that takes everything and passes nothing on. */
async function wireOfProxy (t: Test): Promise<Wire> {
  const plant = await Plant.start(t)
  const link = await Link.start(t, plant.port)
  return {
    plant,
    victim: () => plant.victim(`ws://127.0.0.1:${link.port}/ws?`),
    drop: async (...directions) => { link.manner = directions.length === 2 ? 'swallow' : directions[0] === 'to the client' ? 'swallow down' : 'swallow up' },
    mend: async () => {
      // What was lost on them is not sent again, as TCP would: the other side answers with a reset.
      link.reset()
      link.manner = 'pass'
    },
    pause: async (ms) => {
      link.manner = 'hold'
      await sleep(ms)
      link.manner = 'pass'
    }
  }
}

const hosts = await wireOfHosts(t)
const wire = typeof hosts === 'string' ? await wireOfProxy(t) : hosts
const by = typeof hosts === 'string' ? `a proxy, since there are no namespaces here (${hosts})` : 'two network namespaces, whose packets go to nobody'
t.comment(`by ${by}`)

const { plant } = wire

for (const directions of [['to the client', 'to the server'], ['to the client'], ['to the server']] as const) {
  t.test(`packets ${directions.join(' and ')} are lost`, async (t) => {
    const victim = await wire.victim()
    t.ok(await plant.connections(1) < noticed, 'it is there')
    await wire.drop(...directions)
    const [gone, code] = await Promise.all([plant.connections(0), victim.ask('lost')])
    t.ok(gone < noticed, `the server has noticed after ${Math.round(gone)} ms`)
    t.equal(code, 4408, 'so has the client')
    await wire.mend()
    await plant.rests(t, [victim])
  })
}

t.test('packets are lost for less than keepalive waits: the connection holds', async (t) => {
  const victim = await wire.victim()
  await wire.pause(200)
  await sleep(silence)
  t.same((await victim.ask<Report>('report')).lost, [])
  await plant.rests(t, [victim])
})
