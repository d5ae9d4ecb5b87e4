/** F and Fz: ten ticks a second, each changing 50 leaves of 1,000 devices, delivered to every client; plain and compressed. */
import { Child } from '../children.ts'
import { interleave, names, Trial, type Options, type Section } from '../bench.ts'
import { figure, quantile, ratio } from '../report.ts'
import type { RealHost } from '../clients/host.ts'

const devices = 1000
const interval = 100
/** Ticks after more clients have come, before they are measured. */
const settling = 3
const realClients = 2
const realHost = new URL('../clients/host.ts', import.meta.url)

const servers = ['ws-string', 'ws-frame', 'juggler', 'socket-io', 'colyseus', 'colyseus-quantized', 'sharedb', 'hocuspocus', 'fastify-websocket']

export interface Variant { server: string, compression: boolean | 'remembers' }

/**
 * Measures one server at all sizes, smallest first, in one process that warms up on the way. The figures are named
 * by size: `500.cpu`.
 */
async function measure ({ server, compression }: Variant, sizes: number[], options: Options): Promise<Record<string, number>> {
  const real = new Child<RealHost>(realHost)
  const ticks = options.quick ? 8 : 20
  // A server lives for weeks, this one for seconds: what compiling its code costs is not the question.
  const warmUp = options.quick ? 20 : 150
  const trial = await Trial.start({ server, devices, ticks: warmUp + sizes.length * (settling + ticks), compression })
  const figures: Record<string, number> = {}
  try {
    await real.call('open', server, trial.port, realClients)
    let opened = 0
    for (const clients of sizes) {
      await trial.open({ clients: clients - opened, atOnce: 100, wholeBytes: 4000, compression, keep: ticks })
      await trial.load('reset')
      const warm = opened === 0 ? await trial.server.call('run', warmUp, 10) : await trial.server.call('run', settling, interval)
      await trial.delivered(clients * warm.length)
      await trial.load('reset')
      opened = clients
      const before = await trial.server.call('cpu')
      const times = await trial.server.call('run', ticks, interval)
      await trial.delivered(clients * times.length)
      const cpu = await trial.server.call('cpu') - before
      const { updates, bytes } = await trial.counts()
      const latencies = await trial.latencies(times)
      figures[`${clients}.cpu`] = cpu / (updates * (1 + realClients / clients))
      figures[`${clients}.p50`] = quantile(latencies, 0.5)
      figures[`${clients}.p99`] = quantile(latencies, 0.99)
      figures[`${clients}.bytes`] = bytes / updates
    }
    figures['right'] = await real.call('comeTo', await trial.server.call('expected')) ? 1 : 0
    return figures
  } finally {
    await trial.stop()
    await real.stop()
  }
}

const columns = ['CPU per update', 'µs', 'p50 ms', 'p99 ms', 'bytes per update', 'clients right']

async function compare (
  code: string, about: string, variants: Record<string, Variant>, sizes: number[], options: Options, most: Record<string, number>
): Promise<Section[]> {
  const results = await interleave(code, Object.keys(variants), options, options.quick ? 1 : 3, async (variant) => await measure(
    variants[variant]!, sizes.filter((clients) => clients <= (most[variant] ?? Infinity)), options))
  const base = results.get('ws-string')!
  const ours = results.get('juggler')
  return sizes.map((clients) => ({
    title: `${code}: ${clients.toLocaleString('en-US')} clients`,
    about,
    head: ['', ...columns],
    rows: [...results].filter(([, figures]) => `${clients}.cpu` in figures).map(([variant, figures]) => [
      names[variant] ?? variant,
      ratio(figures[`${clients}.cpu`]!, base[`${clients}.cpu`]!),
      ...['cpu', 'p50', 'p99', 'bytes'].map((name) => figure(figures[`${clients}.${name}`]!)),
      figures['right'] === 1 ? 'yes' : 'no'
    ]),
    facts: {
      [`${code}.${clients}.ratio`]: (ours?.[`${clients}.cpu`] ?? NaN) / base[`${clients}.cpu`]!,
      [`${code}.${clients}.bytes`]: ours?.[`${clients}.bytes`] ?? NaN
    }
  }))
}

export const fanOut = async (options: Options): Promise<Section[]> => await compare(
  'F',
  'Fan-out: 1,000 devices, 10 ticks a second of 50 leaves. Server CPU per delivered update; latency from the start of a tick to the arrival at a client.',
  Object.fromEntries(servers.map((server) => [server, { server, compression: false }])),
  options.clients ?? (options.quick ? [50] : [100, 500, 2000]),
  options,
  // One diff per connection takes half a second and more for a tick of 2,000 clients: no time is left to measure in.
  { 'fastify-websocket': 500 })

/** Every way of making an update small. */
export const compressed: Record<string, Variant> = {
  'ws-string': { server: 'ws-string', compression: false },
  '`ws`, deflating for each client': { server: 'ws-string', compression: true },
  '`ws`, with context takeover': { server: 'ws-string', compression: 'remembers' },
  juggler: { server: 'juggler', compression: 'remembers' },
  'fastify-juggler, clients that forget': { server: 'juggler', compression: true },
  'Socket.IO, compressing': { server: 'socket-io', compression: true },
  'Colyseus (binary, not compressed)': { server: 'colyseus', compression: false },
  'Colyseus, quantized (not compressed)': { server: 'colyseus-quantized', compression: false }
}

export const fanOutCompressed = async (options: Options): Promise<Section[]> => await compare(
  'Fz',
  'The same with permessage-deflate, against the same uncompressed ready string.',
  compressed,
  options.clients ?? (options.quick ? [50] : [100, 500, 2000]),
  options,
  // The same: some 0.15 ms of deflate for each client and tick.
  { '`ws`, deflating for each client': 500, '`ws`, with context takeover': 500, 'Socket.IO, compressing': 500 })
