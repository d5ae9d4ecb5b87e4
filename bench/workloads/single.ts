/** L: one change after a quiet time, as a button makes it: how long until the clients have it. */
import { interleave, names, Trial, type Options, type Section } from '../bench.ts'
import { figure, quantile } from '../report.ts'

const servers = ['ws-string', 'juggler-default', 'juggler-leading']
const clients = 50
/** Longer than a window. */
const interval = 450

export async function singleChanges (options: Options): Promise<Section[]> {
  const ticks = options.quick ? 5 : 30
  const results = await interleave('L', servers, { ...options, servers: undefined }, 1, async (server) => {
    // Two leaves, so that the light clients take the message for an update.
    const trial = await Trial.start({ server, devices: 1000, leaves: 2, ticks: ticks + 1 })
    try {
      await trial.open({ clients, atOnce: clients, wholeBytes: 4000, keep: ticks })
      await trial.server.call('run', 1, interval)
      await trial.delivered(clients)
      await trial.load('reset')
      const times = await trial.server.call('run', ticks, interval)
      await trial.delivered(clients * ticks)
      const latencies = await trial.latencies(times)
      return { p50: quantile(latencies, 0.5), p99: quantile(latencies, 0.99) }
    } finally {
      await trial.stop()
    }
  })
  return [{
    title: 'L: a single change',
    about: `A change of two leaves every ${interval} ms, ${clients} clients, the default \`autoflushDelay\` of 200 ms: time from the change to its arrival.`,
    head: ['', 'p50 ms', 'p99 ms'],
    rows: [...results].map(([server, { p50, p99 }]) => [names[server]!, figure(p50), figure(p99)]),
    facts: { 'L.p50': results.get('juggler-leading')?.p50 ?? NaN }
  }]
}
