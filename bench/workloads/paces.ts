/** P: what a window costs when 500 readers take their messages at different paces, against all of them in step. */
import { Child } from '../children.ts'
import { figure, median, ratio } from '../report.ts'
import type { Options, Section } from '../bench.ts'
import type { StateHost } from '../state/host.ts'

const host = new URL('../state/host.ts', import.meta.url)
const arrangements: Record<string, number> = { 'in step': 0, 'at 10 paces': 9, 'at 40 paces': 39 }

export async function paces (options: Options): Promise<Section[]> {
  const order = options.quick
    ? { devices: 2000, leaves: 50, readers: 50, windows: 20 }
    : { devices: 20_000, leaves: 500, readers: 500, windows: 60 }
  const found = new Map(Object.keys(arrangements).map((name) => [name, { micros: [] as number[], bytes: 0 }]))
  for (let i = 0; i < (options.quick ? 1 : 3); i++) {
    for (const [name, paces] of Object.entries(arrangements)) {
      process.stderr.write(`P: ${name}\n`)
      const child = new Child<StateHost>(host)
      try {
        const { micros, bytes } = await child.call('paces', { ...order, paces })
        found.get(name)!.micros.push(micros)
        found.get(name)!.bytes = bytes
      } finally {
        await child.stop()
      }
    }
  }
  const minutes = options.quick ? 1 : 10
  const child = new Child<StateHost>(host)
  const touched = await child.call('touched', { devices: 1000, leaves: 50, ticks: minutes * 600 }).finally(() => child.stop())
  const base = median(found.get('in step')!.micros)
  return [{
    title: 'P: readers at different paces',
    about: `${order.devices.toLocaleString('en-US')} devices, ${order.leaves} leaves a window, ${order.readers} readers. CPU of a window, sets included, where every reader takes each message, and where each takes one and then none for as many windows as its pace says. Without sockets.`,
    head: ['', 'CPU of a window', 'ms', 'characters a window and reader'],
    rows: [...found].map(([name, { micros, bytes }]) => [name, ratio(median(micros), base), figure(median(micros) / 1000), figure(bytes)]),
    facts: { 'P.mixed': Math.max(...[...found.values()].map(({ micros }) => median(micros))) / base }
  }, {
    title: 'P: memory of touched places',
    about: `1,000 devices, of which 50 change ten times a second for ${minutes} minutes while one reader does not read: heap that is kept for it, the mean of twenty states, against the text of the state. Without a reader behind nothing is kept.`,
    head: ['', 'against the text', 'kB'],
    rows: [['**fastify-juggler**', ratio(touched.bytes, touched.text), figure(touched.bytes / 1000)]],
    facts: { 'P.memory': touched.bytes / touched.text }
  }]
}
