/** A line that is cut, reset, stalled, slow, or that goes byte by byte: its client comes back, and nobody else notices. */
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { Link } from '../helpers/faults/link.ts'
import type { Report } from '../helpers/faults/clients.ts'
import { Plant, noticed } from '../helpers/faults/plant.ts'

const plant = await Plant.start(t)
const link = await Link.start(t, plant.port)
const url = `ws://127.0.0.1:${link.port}/ws?`

const ends: ReadonlyArray<readonly [what: string, happens: () => void]> = [
  ['cut', () => link.cut()],
  ['reset', () => link.reset()],
  ['the direction to the server is ended, and nothing else', () => link.endUpwards()]
]
for (const [what, happens] of ends) {
  t.test(what, async (t) => {
    const victim = await plant.victim(url)
    happens()
    t.equal(await victim.ask('lost'), 1006)
    await plant.rests(t, [victim])
  })
}

t.test('stalled for longer than keepalive waits: both sides notice, and what waited harms nobody', async (t) => {
  const victim = await plant.victim(url)
  t.equal(await plant.connections(1) < noticed, true)
  link.manner = 'hold'
  const [gone, code] = await Promise.all([plant.connections(0), victim.ask('lost')])
  t.ok(gone < noticed, `the server has noticed after ${Math.round(gone)} ms`)
  t.equal(code, 4408, 'so has the client')
  t.equal((await victim.ask<Report>('report')).stale, true, 'and it has said so')
  link.manner = 'pass'
  await plant.rests(t, [victim])
})

t.test('every byte by itself, both ways', async (t) => {
  link.manner = 'bytes'
  const victim = await plant.victim(url)
  await sleep(1000)
  t.equal(await victim.ask('send', 'ask', 'ü'), 'ü')
  const { lost, gap } = await victim.ask<Report>('report')
  t.same(lost, [], 'the connection holds')
  t.ok(gap > 0 && gap < noticed, `it has followed, with ${Math.round(gap)} ms between two states at most`)
  await plant.rests(t, [victim])
  link.manner = 'pass'
})

t.test('everything 100 ms late, both ways', async (t) => {
  link.manner = 'delay'
  const victim = await plant.victim(url)
  await sleep(1000)
  t.equal(await victim.ask('send', 'ask', 'ü'), 'ü')
  t.same((await victim.ask<Report>('report')).lost, [], 'the connection holds')
  await plant.rests(t, [victim])
  link.manner = 'pass'
})

t.test('reset while a state of 8 MB is on its way, five times', async (t) => {
  const victim = await plant.victim(`${url}big=1`, { reconnect: { minDelay: 20, maxDelay: 100, resume: false } })
  link.resets.push(100, 1000, 500_000, 2_000_000, 7_000_000)
  link.reset()
  t.equal(await victim.ask('lost'), 1006)
  // To make 8 MB into text and frames, six times, takes all of a busy machine for a while.
  await plant.rests(t, [victim], { big: true, heldUp: 2000 })
  t.same(link.resets, [], 'all of them happened')
})
