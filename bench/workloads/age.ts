/** A: 20 of 200 clients have slow lines while much changes: how old is what they show, and when do they have the last of it. */
import { Child } from '../children.ts'
import { interleave, names, Trial, type Options, type Section } from '../bench.ts'
import { figure } from '../report.ts'
import type { RealHost } from '../clients/host.ts'

const servers = ['ws-string', 'juggler', 'socket-io', 'colyseus']
const realHost = new URL('../clients/host.ts', import.meta.url)
const devices = 1000
const interval = 200
const slow = 20
const bytesPerSecond = 50_000

export async function age (options: Options): Promise<Section[]> {
  const seconds = options.quick ? 5 : 60
  const patience = options.quick ? 10_000 : 60_000
  const others = options.quick ? 20 : 180
  const ticks = seconds * 1000 / interval
  const results = await interleave('A', servers, options, 1, async (server) => {
    const real = new Child<RealHost>(realHost)
    // Every device changes: 68 kB a tick, 340 kB a second.
    const trial = await Trial.start({ server, devices, leaves: devices, ready: false, ticks, numbered: true })
    try {
      await trial.open({ clients: others, atOnce: 100, wholeBytes: 4000 })
      await real.call('openSlow', server, trial.port, slow, bytesPerSecond)
      const before = await trial.server.call('memory')
      await real.call('watch')
      const times = await trial.server.call('run', ticks, interval)
      const after = await trial.server.call('memory')
      const { oldest, newest, cut } = await real.call('ages', times, patience)
      return { oldest, newest, cut, growth: after.held - before.held }
    } finally {
      await trial.stop()
      await real.stop()
    }
  })
  return [{
    title: 'A: age on slow lines',
    about: `${slow} of ${others + slow} clients at 50 kB/s, a storm of 340 kB/s for ${seconds} s. For how long at most one of the slow ones showed what was not so any more, without marking it stale; how long after the storm the last of them had the newest state; how many of them were cut off; growth of the memory that the server holds. The clients are each peer's own.`,
    head: ['', 'oldest shown s', 'newest after s', 'cut off', 'growth MB'],
    rows: [...results].map(([server, { oldest, newest, cut, growth }]) =>
      [names[server]!, figure(oldest / 1000), newest < 0 ? `not in ${patience / 1000}` : figure(newest / 1000), String(cut), figure(growth / 1e6)]),
    facts: { 'A.oldest': (results.get('juggler')?.oldest ?? NaN) / 1000, 'A.newest': (results.get('juggler')?.newest ?? NaN) / 1000 }
  }]
}
