/** Z: what an update of one, five and fifty leaves weighs, by every way of making it small. */
import { interleave, names, Trial, type Options, type Section } from '../bench.ts'
import { figure } from '../report.ts'
import { compressed, type Variant } from './fan-out.ts'

const sizes = [1, 5, 50]
const ticks = 40
const clients = 10
/** Ticks before it is counted: the first messages of a connection have nothing to refer to. */
const settling = 5

const variants: Record<string, Variant> = { ...compressed, 'Yjs (Hocuspocus)': { server: 'hocuspocus', compression: false } }

async function measure ({ server, compression }: Variant): Promise<Record<string, number>> {
  const figures: Record<string, number> = {}
  for (const leaves of sizes) {
    const trial = await Trial.start({ server, devices: 1000, ticks: settling + ticks, leaves, compression })
    try {
      await trial.open({ clients, atOnce: clients, wholeBytes: 4000, compression, countsAll: true })
      await trial.load('reset')
      await trial.server.call('run', settling, 50)
      await trial.delivered(Infinity)
      await trial.load('reset')
      await trial.server.call('run', ticks, 50)
      await trial.delivered(Infinity)
      figures[leaves] = (await trial.counts()).bytes / (clients * ticks)
    } finally {
      await trial.stop()
    }
  }
  return figures
}

export async function fewLeaves (options: Options): Promise<Section[]> {
  const results = await interleave('Z', Object.keys(variants), options, 1, async (variant) => await measure(variants[variant]!))
  const ours = results.get('juggler')
  return [{
    title: 'Z: bytes of small updates',
    about: 'What a client in step is sent for a tick that changes so many leaves of 1,000 devices, WebSocket header included.',
    head: ['', ...sizes.map((leaves) => leaves === 1 ? '1 leaf' : `${leaves} leaves`)],
    rows: [...results].map(([variant, figures]) => [names[variant] ?? variant, ...sizes.map((leaves) => figure(figures[leaves]!))]),
    facts: Object.fromEntries(sizes.map((leaves) => [`Z.${leaves}`, ours?.[leaves] ?? NaN]))
  }]
}
