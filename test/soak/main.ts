/** `npm run soak -- --minutes N`: docs/operations.md shows what it finds. */
import { parseArgs } from 'node:util'
import { growth, soak } from './soak.ts'
import type { Round } from './soak.ts'

const { values } = parseArgs({ options: { minutes: { type: 'string', default: '30' }, clients: { type: 'string', default: '500' } } })
const minutes = Number(values.minutes)
const clients = Number(values.clients)
if (!(minutes > 0) || !Number.isInteger(clients) || clients < 10) {
  console.error('usage: npm run soak -- [--minutes N] [--clients N], at least 10 clients')
  process.exit(2)
}

const mega = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`
const line = ({ at, heap, external, rss, sockets, timers, connections, commands, flushes, load }: Round): string =>
  `${(at / 60_000).toFixed(1)} min: heap ${mega(heap)}, beside it ${mega(external)}, rss ${mega(rss)}, ${sockets} sockets, ${timers} timers, ` +
  `${connections.open} of ${connections.opened} connections are there, ${commands} commands are remembered, ${flushes.messages} messages of the state went ${flushes.deliveries} times, ${(load * 100).toFixed(0)} % of a core`

const { rounds, tally: { faults, ...done }, compared } = await soak({
  duration: minutes * 60_000, round: Math.min(60_000, minutes * 30_000), clients, onRound: (round) => console.log(line(round))
})
// The first round has filled what is filled once.
const grown = rounds.length > 2 ? growth(rounds[0]!, rounds.at(-1)!) : []
console.log(JSON.stringify({ closed: rounds.at(-1)?.connections.closed, limits: rounds.at(-1)?.limits }))
for (const problem of [...new Set(faults), ...grown]) console.log(`FAULT ${problem}`)
console.log(`${Object.entries(done).map(([name, count]) => `${count} ${name}`).join(', ')}, ${compared} states compared, ${faults.length + grown.length} faults`)
process.exit(faults.length + grown.length === 0 ? 0 : 1)
