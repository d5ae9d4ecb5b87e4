/** Processes that are stopped, held up, or killed: nobody is cut for it who is alive, and who was cut comes back. */
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import type { Report } from '../helpers/faults/clients.ts'
import { Plant, noticed, silence } from '../helpers/faults/plant.ts'

/** How long (ms) a client is stopped: much longer than keepalive waits. `JUGGLER_FAULTS=long` has them wait for 30 s. */
const stopped = process.env['JUGGLER_FAULTS'] === 'long' ? 30_000 : 4500

const plant = await Plant.start(t)

t.test(`a client that is stopped for ${stopped / 1000} s`, async (t) => {
  const victim = await plant.victim()
  t.ok(await plant.connections(1) < noticed, 'it is there')
  const since = performance.now()
  victim.signal('SIGSTOP')
  const gone = await plant.connections(0)
  t.ok(gone < noticed, `the server has noticed after ${Math.round(gone)} ms`)
  await sleep(stopped - (performance.now() - since))
  victim.signal('SIGCONT')
  await plant.rests(t, [victim])
})

t.test('a client that is killed', async (t) => {
  const victim = await plant.victim()
  await victim.kill()
  t.ok(await plant.connections(0) < noticed, 'the server has noticed')
  await plant.rests(t)
})

t.test('a client whose event loop is held up for 4 s', async (t) => {
  const victim = await plant.victim()
  t.ok(await plant.connections(1) < noticed, 'it is there')
  const held = victim.ask('block', 4000)
  t.ok(await plant.connections(0) < noticed, 'the server has noticed')
  await held
  await plant.rests(t, [victim])
})

t.test('a server whose event loop is held up for 2 s: nobody is cut', async (t) => {
  const victim = await plant.victim(plant.url, { pingDelay: 5000, pingTimeout: 5000 })
  await plant.server.ask('block', 2000)
  await sleep(silence)
  t.same((await victim.ask<Report>('report')).lost, [])
  await plant.rests(t, [victim], { heldUp: 2000 })
})

t.test('a server that is stopped for 3 s: nobody is cut', async (t) => {
  const victim = await plant.victim(plant.url, { pingDelay: 5000, pingTimeout: 5000 })
  plant.server.signal('SIGSTOP')
  await sleep(3000)
  plant.server.signal('SIGCONT')
  await sleep(silence)
  t.same((await victim.ask<Report>('report')).lost, [])
  await plant.rests(t, [victim], { heldUp: 3000 })
})
