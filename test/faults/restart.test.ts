/** A server that is killed, and started again on the same port: clients come back, and no command runs twice. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { Plant } from '../helpers/faults/plant.ts'
import type { ChildError } from '../helpers/faults/processes.ts'

// Of this process alone: two runs of the tests at one time would count each other's.
const folder = mkdtempSync(join(tmpdir(), 'juggler-'))
t.teardown(() => rmSync(folder, { recursive: true, force: true }))
const runs = join(folder, 'runs')
writeFileSync(runs, '')
const ran = () => readFileSync(runs, 'utf8').split('\n').filter(Boolean).map(Number)
const plant = await Plant.start(t, { runs, options: { parallelRequests: true }, client: { reconnect: { minDelay: 10, maxDelay: 200 } } })

t.test('killed while commands run', async (t) => {
  const victim = await plant.victim()
  const known: number[] = []
  const unknown: number[] = []
  const other: string[] = []
  const send = async (id: number, work: number): Promise<void> => {
    await victim.ask('send', 'start', { id, ms: work }, { key: true, expires: 60_000 }).then(
      () => known.push(id),
      ({ message, data }: ChildError) => (data as { code?: string } | undefined)?.code === 'JUGGLER_OUTCOME_UNKNOWN' ? unknown.push(id) : other.push(`${id}: ${message}`))
  }
  for (let id = 1; id <= 20; id++) await send(id, 0)
  t.equal(known.length, 20)
  // These run when the server dies, those behind them are sent while there is none.
  const pending = Array.from({ length: 20 }, (_, i) => send(101 + i, 60_000))
  while (ran().length < 40) await sleep(10)
  await plant.kill()
  t.equal(await victim.ask('lost'), 1006)
  await sleep(300)
  await plant.restart()
  await Promise.all(pending)
  t.equal(unknown.length, 20, 'nobody knows whether those that ran have come to their end, and the client says so')
  for (let id = 201; id <= 220; id++) await send(id, 0)
  t.equal(known.length, 40, 'new ones run on the new server')
  t.same(other, [])
  t.equal(new Set(ran()).size, ran().length, 'none has run twice')
  t.ok(known.every((id) => ran().includes(id)), 'what is said to have run has run')
  await plant.settled(t, 1)
  await plant.rests(t, [victim])
})

t.test('killed and started three times in a row', async (t) => {
  const victim = await plant.victim()
  for (let i = 0; i < 3; i++) {
    await plant.kill()
    await plant.restart()
    await sleep(100)
  }
  await plant.settled(t, 1)
  await plant.rests(t, [victim])
})
