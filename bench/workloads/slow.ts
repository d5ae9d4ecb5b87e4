/** S: 20 of 200 clients stop reading while the others go on: what that costs the server's memory and the others' latency. */
import { interleave, names, Trial, type Options, type Section } from '../bench.ts'
import { figure, quantile } from '../report.ts'

const servers = ['ws-string', 'juggler', 'socket-io', 'colyseus']
const devices = 1000
const interval = 100
const slow = 20

export async function slowConsumers (options: Options): Promise<Section[]> {
  const seconds = options.quick ? 3 : 20
  const calmTicks = options.quick ? 8 : 20
  const stalledTicks = seconds * 1000 / interval
  const clients = options.quick ? 60 : 200
  const results = await interleave('S', servers, options, 1, async (server) => {
    // Every device changes, 66 kB a tick, so that 20 s of it are more than the kernel's buffers swallow.
    const trial = await Trial.start({ server, devices, leaves: devices, ready: false, ticks: 2 * calmTicks + stalledTicks })
    try {
      await trial.open({ clients: clients - slow, atOnce: 100, wholeBytes: 4000, keep: stalledTicks })
      await trial.server.call('run', calmTicks, interval)
      await trial.load('reset')
      const calmLatencies = await trial.latencies(await trial.server.call('run', calmTicks, interval))
      // Held memory: what the allocator has kept of the garbage of the calm ticks would hide the growth of resident memory.
      const before = await trial.server.call('memory')
      await trial.server.call('watchMemory')
      // Clients that never read much: for one that did, the kernel's receive buffer has grown to tens of megabytes.
      await trial.open({ clients: slow, atOnce: slow, wholeBytes: 4000 })
      await trial.load('pause', slow / 2)
      await trial.load('reset')
      const stalledLatencies = await trial.latencies(await trial.server.call('run', stalledTicks, interval))
      const peak = await trial.server.call('peak')
      const after = await trial.server.call('memory')
      return {
        growth: after.held - before.held,
        peak,
        calm: quantile(calmLatencies, 0.99),
        stalled: quantile(stalledLatencies, 0.99),
        lost: clients - (await trial.counts()).open
      }
    } finally {
      await trial.stop()
    }
  })
  return [{
    title: 'S: slow consumers',
    about: `${slow} of ${clients} clients do not read for ${seconds} s of ticks that change all 1,000 devices (10 a second). Growth of the memory held by the heap and its buffers, the peak of resident memory, and the 99th percentile of the other clients' latency before and during the stall.`,
    head: ['', 'growth MB', 'peak resident MB', 'p99 before ms', 'p99 during ms', 'clients cut off'],
    rows: [...results].map(([server, { growth, peak, calm, stalled, lost }]) =>
      [names[server]!, figure(growth / 1e6), figure(peak / 1e6), figure(calm), figure(stalled), String(lost)]),
    facts: {
      'S.growth': (results.get('juggler')?.growth ?? NaN) / 1e6,
      'S.p99': (results.get('juggler')?.stalled ?? NaN) / (results.get('juggler')?.calm ?? NaN)
    }
  }]
}
