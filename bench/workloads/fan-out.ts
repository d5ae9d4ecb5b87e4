/** F and Fz: ten ticks a second, each changing 50 leaves of 1,000 devices, delivered to every client; plain and compressed. */
import { setTimeout as sleep } from 'node:timers/promises'
import { Child } from '../children.ts'
import { interleave, names, Trial, type Options, type Section } from '../bench.ts'
import { figure, quantile, ratio } from '../report.ts'
import type { RealHost } from '../clients/host.ts'

const devices = 1000
const interval = 100
const realClients = 2
const realHost = new URL('../clients/host.ts', import.meta.url)

interface Variant { server: string, compression: boolean }
interface Figures extends Record<string, number> { cpu: number, p50: number, p99: number, bytes: number, right: number }

async function measure ({ server, compression }: Variant, clients: number, warmUp: number, ticks: number): Promise<Figures> {
  const trial = await Trial.start({ server, devices, ticks: warmUp + ticks, compression })
  const real = new Child<RealHost>(realHost)
  try {
    await real.call('open', server, trial.port, realClients)
    await trial.open({ clients, atOnce: 100, wholeBytes: 4000, compression, keep: warmUp + ticks })
    const warm = await trial.server.call('run', warmUp, interval)
    await allDelivered(trial, clients * warm.length)
    const before = await trial.counts()
    const cpuBefore = await trial.server.call('cpu')
    const times = await trial.server.call('run', ticks, interval)
    await allDelivered(trial, clients * (warm.length + times.length))
    const cpu = await trial.server.call('cpu') - cpuBefore
    const after = await trial.counts()
    const updates = after.updates - before.updates
    const latencies = await trial.latencies(Float64Array.from([...warm, ...times]), warm.length, warm.length + times.length)
    const right = await real.call('comeTo', await trial.server.call('expected'))
    if (!right) process.stderr.write(`${server}: a client ended with another state than the server\n`)
    return {
      cpu: cpu / (updates * (1 + realClients / clients)),
      p50: quantile(latencies, 0.5),
      p99: quantile(latencies, 0.99),
      bytes: (after.bytes - before.bytes) / updates,
      right: right ? 1 : 0
    }
  } finally {
    await real.stop()
    await trial.stop()
  }
}

/** Until the clients have so many updates, or nothing has come for half a second. */
async function allDelivered (trial: Trial, updates: number): Promise<void> {
  for (let last = -1, quiet = 0; quiet < 10; quiet++) {
    const counts = await trial.counts()
    if (counts.updates >= updates) return
    if (counts.updates !== last) quiet = 0
    last = counts.updates
    await sleep(50)
  }
}

const columns = ['CPU per update', 'µs', 'p50 ms', 'p99 ms', 'bytes per update', 'clients right']

async function compare (
  code: string, about: string, variants: Record<string, Variant>, sizes: number[], options: Options, leftOut: (variant: string, clients: number) => boolean
): Promise<Section[]> {
  const sections: Section[] = []
  for (const clients of sizes) {
    const chosen = Object.keys(variants).filter((variant) => !leftOut(variant, clients))
    const results = await interleave(`${code}, ${clients} clients`, chosen, options, options.quick ? 1 : 3, async (variant) =>
      await measure(variants[variant]!, clients, options.quick ? 4 : 10, options.quick ? 10 : 25))
    const base = results.get('ws-string')!
    sections.push({
      title: `${code}: ${clients.toLocaleString('en-US')} clients`,
      about,
      head: ['', ...columns],
      rows: [...results].map(([variant, { cpu, p50, p99, bytes, right }]) => [
        names[variant] ?? variant, ratio(cpu, base.cpu), figure(cpu), figure(p50), figure(p99), figure(bytes), right === 1 ? 'yes' : 'no'
      ]),
      facts: {
        [`${code}.${clients}.ratio`]: (results.get('juggler')?.cpu ?? NaN) / base.cpu,
        [`${code}.${clients}.bytes`]: results.get('juggler')?.bytes ?? NaN
      }
    })
  }
  return sections
}

export const fanOut = async (options: Options): Promise<Section[]> => await compare(
  'F',
  'Fan-out: 1,000 devices, 10 ticks a second of 50 leaves. Server CPU per delivered update; latency from the start of a tick to the arrival at a client.',
  Object.fromEntries(Object.keys(names).map((server) => [server, { server, compression: false }])),
  options.clients ?? (options.quick ? [50] : [100, 500, 2000]),
  options,
  // One diff per connection takes seconds for a tick of 2,000 clients: there is nothing left to measure.
  (server, clients) => server === 'fastify-websocket' && clients > 500)

export const fanOutCompressed = async (options: Options): Promise<Section[]> => await compare(
  'Fz',
  'The same with permessage-deflate, against the same uncompressed ready string.',
  {
    'ws-string': { server: 'ws-string', compression: false },
    '`ws`, deflating for each client': { server: 'ws-string', compression: true },
    juggler: { server: 'juggler', compression: true },
    'Socket.IO, compressing': { server: 'socket-io', compression: true },
    'Colyseus (binary, not compressed)': { server: 'colyseus', compression: false }
  },
  options.clients ?? (options.quick ? [50] : [500, 2000]),
  options,
  () => false)
