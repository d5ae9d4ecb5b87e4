/** Wall clocks that jump: no connection is lost for it, no command expires, and none runs twice. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import type { Report } from '../helpers/faults/clients.ts'
import { Plant, silence } from '../helpers/faults/plant.ts'

const hour = 3_600_000

// Of this process alone: two runs of the tests at one time would count each other's.
const folder = mkdtempSync(join(tmpdir(), 'juggler-'))
t.teardown(() => rmSync(folder, { recursive: true, force: true }))
const runs = join(folder, 'runs')
writeFileSync(runs, '')
const ran = () => readFileSync(runs, 'utf8').split('\n').filter(Boolean)
const plant = await Plant.start(t, { runs })

for (const [who, ms] of [['server', hour], ['server', -2 * hour], ['client', hour], ['client', -2 * hour]] as const) {
  t.test(`the wall clock of the ${who} jumps by ${ms / hour} h`, async (t) => {
    const victim = await plant.victim()
    const before = ran().length
    const command = (id: number, work: number) => victim.ask('send', 'start', { id, ms: work }, { key: `${who} ${ms} ${id}`, expires: 5000 })
    t.equal(await command(1, 0), 1)
    const running = command(2, 500)
    while (ran().length < before + 2) await sleep(5)
    await (who === 'server' ? plant.server : victim).ask('jump', ms)
    t.equal(await running, 2, 'a command that ran comes to its end')
    t.equal(await command(3, 0), 3, 'a new one does not expire')
    t.equal(await command(1, 0), 1, 'a repeat is answered')
    t.equal(ran().length, before + 3, 'and is not run')
    await sleep(silence)
    t.same((await victim.ask<Report>('report')).lost, [], 'the connection holds')
    await plant.rests(t, [victim])
  })
}
