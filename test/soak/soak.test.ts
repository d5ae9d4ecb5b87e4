/** A short soak: what it checks is what `npm run soak` checks for as long as one likes. */
import t from 'tap'
import { growth, soak } from './soak.ts'
import type { Round } from './soak.ts'

// own process, from source: the server is a process of its own, beside this file

t.test('500 clients come, go, stall and misbehave; the others hold what the server holds, and nothing grows', async (t) => {
  const { rounds, tally, compared } = await soak({ duration: 20_000, round: 6000, clients: 500 })
  t.same([...new Set(tally.faults)], [])
  t.ok(rounds.length >= 2 && compared === rounds.length * 400, `${compared} comparisons in ${rounds.length} rounds`)
  t.ok(tally.requests > 100 && tally.commands > 20 && tally.visits > 50 && tally.stalls > 10 && tally.misdeeds > 20, JSON.stringify(tally))
  t.same(growth(rounds[0]!, rounds.at(-1)!), [])
})

t.test('what grows is told', async (t) => {
  const round = { heap: 1e7, external: 0, sockets: 10, timers: 5, commands: 0, connections: { open: 4, closing: 0 }, buffered: { input: 0, output: 0 } } as unknown as Round
  t.same(growth(round, round), [])
  t.equal(growth(round, { ...round, heap: 2e7, external: 1e7, sockets: 13, timers: 10, buffered: { input: 20_000, output: 20_000 } }).length, 6)
})
