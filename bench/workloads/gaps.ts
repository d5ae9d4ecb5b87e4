/** G: 150 clients that read slowly, each at its own pace, beside 50 that do not: for how long the others see nothing. */
import { interleave, names, Trial, type Options, type Section } from '../bench.ts'
import { figure, quantile, ratio } from '../report.ts'

const servers = ['ws-string', 'juggler', 'socket-io', 'colyseus']
/** As JSON: 1.5 MB. */
const devices = 12_000
const leaves = 500
const interval = 100
const quick = 50

export async function gaps (options: Options): Promise<Section[]> {
  const seconds = options.quick ? 3 : 20
  const slow = options.quick ? 20 : 150
  const ticks = seconds * 1000 / interval
  const results = await interleave('G', servers, options, options.quick ? 1 : 2, async (server) => {
    const trial = await Trial.start({ server, devices, leaves, ready: false, ticks: 2 * ticks })
    try {
      await trial.open({ clients: quick, atOnce: quick, wholeBytes: 4000, keep: ticks })
      const alone = await phase(trial, ticks)
      await trial.open({ clients: slow, atOnce: slow, wholeBytes: 4000, rates: [100_000, 1_000_000] })
      const beside = await phase(trial, ticks)
      return { alone: alone.gap, beside: beside.gap, updates: beside.updates / alone.updates }
    } finally {
      await trial.stop()
    }
  })
  return [{
    title: 'G: gaps beside slow readers',
    about: `${quick} clients that read all there is, alone, and then beside ${slow} that read 0.1 to 1 MB/s, where ${leaves} of ${devices.toLocaleString('en-US')} devices change ten times a second (33 kB a tick, 1.5 MB of state) for ${seconds} s. The longest time between two updates, of all of the ${quick}, and how many updates they got, against alone.`,
    head: ['', 'longest gap', 'alone ms', 'beside ms', 'updates'],
    rows: [...results].map(([server, { alone, beside, updates }]) =>
      [names[server]!, ratio(beside!, alone!), figure(alone!), figure(beside!), ratio(updates!, 1)]),
    facts: { 'G.gap': (results.get('juggler')?.['beside'] ?? NaN) / (results.get('juggler')?.['alone'] ?? NaN) }
  }]
}

async function phase (trial: Trial, ticks: number): Promise<{ gap: number, updates: number }> {
  await trial.load('reset')
  await trial.server.call('run', ticks, interval)
  await trial.delivered(quick * ticks)
  const gaps = Float64Array.from((await trial.load('gaps')).flatMap((part) => [...part])).sort()
  return { gap: quantile(gaps, 1), updates: (await trial.load('updatesKept')).reduce((sum, part) => sum + part) }
}
