/** V: what it costs that clients see different parts of one state: views by role, and pages that show a few devices of many. */
import { interleave, Trial, type Options, type Section } from '../bench.ts'
import { makePlant } from '../fixtures.ts'
import { figure, ratio } from '../report.ts'

const devices = 1000
const interval = 100

/** How many views of which kind; none: views are not used. */
const kinds: Record<string, [kind: string, views: number]> = {
  'no views': ['', 1],
  '1 view of half the devices': ['half', 1],
  '10 views of other halves': ['half', 10],
  '100 views of other halves': ['half', 100],
  '1 view that hides a member of each': ['hide', 1],
  '10 such views': ['hide', 10],
  '100 such views': ['hide', 100]
}

async function measureViews ([kind, views]: [string, number], clients: number, options: Options): Promise<Record<string, number>> {
  const ticks = options.quick ? 8 : 20
  const warmUp = options.quick ? 20 : 150
  const trial = await Trial.start({ server: kind === '' ? 'juggler' : 'juggler-views', devices, ticks: warmUp + ticks })
  try {
    const paths = Array.from({ length: clients }, (_, i) => kind === '' ? '/ws' : `/ws?view=${kind}-${i % views}`)
    await trial.open({ clients, atOnce: 100, wholeBytes: 4000, paths, keep: ticks })
    await trial.load('reset')
    await trial.server.call('run', warmUp, 10)
    await trial.delivered(Infinity)
    await trial.load('reset')
    const before = await trial.server.call('cpu')
    await trial.server.call('run', ticks, interval)
    await trial.delivered(clients * ticks)
    const cpu = await trial.server.call('cpu') - before
    const { updates, bytes } = await trial.counts()
    return { cpu: cpu / updates, bytes: bytes / updates }
  } finally {
    await trial.stop()
  }
}

const manyDevices = 100_000
const pageSize = 50
/** Devices that change in a tick: one or two of each page. */
const leaves = 3000

async function measurePages (server: string, pages: number, options: Options): Promise<Record<string, number>> {
  const ticks = options.quick ? 5 : 20
  const warmUp = options.quick ? 10 : 60
  const trial = await Trial.start({ server, devices: manyDevices, ticks: warmUp + ticks, leaves })
  try {
    const names = Object.keys(makePlant(manyDevices).devices)
    const paths = Array.from({ length: pages }, (_, page) => server === 'juggler-pages'
      ? `/ws?page=${page}`
      : '/ws?' + names.slice(page * pageSize, (page + 1) * pageSize).map((name) => `path=/devices/${name}`).join('&'))
    const joining = await trial.server.call('cpu')
    await trial.open({ clients: pages, atOnce: 20, wholeBytes: 4000, paths, countsAll: true })
    const joined = await trial.server.call('cpu') - joining
    await trial.server.call('run', warmUp, interval)
    await trial.delivered(Infinity)
    await trial.load('reset')
    const before = await trial.server.call('cpu')
    await trial.server.call('run', ticks, interval)
    await trial.delivered(Infinity)
    const cpu = await trial.server.call('cpu') - before
    const { bytes } = await trial.counts()
    const { held } = await trial.server.call('memory')
    return { cpu: cpu / ticks / pages, bytes: bytes / ticks / pages, join: joined / pages / 1000, held: held / 2 ** 20 }
  } finally {
    await trial.stop()
  }
}

export async function views (options: Options): Promise<Section[]> {
  const clients = options.clients?.[0] ?? (options.quick ? 200 : 2000)
  const repetitions = options.quick ? 1 : 3
  const seen = await interleave('V', Object.keys(kinds), options, repetitions, async (name) => await measureViews(kinds[name]!, clients, options))
  const none = seen.get('no views')!
  const baseOf = (name: string) => seen.get(kinds[name]![0] === 'half' ? '1 view of half the devices' : '1 view that hides a member of each') ?? none
  const pages = options.quick ? 100 : 1000
  const servers = { 'juggler-pages': 'a state of 50 devices for each page', juggler: 'parts of a state of 100,000 devices' }
  const shown = await interleave('V', Object.keys(servers), { ...options, servers: undefined }, repetitions, async (server) => await measurePages(server, pages, options))
  const own = shown.get('juggler-pages')!
  const parts = shown.get('juggler')!
  const fact = (name: string): number => (seen.get(name)?.['cpu'] ?? NaN) / baseOf(name)['cpu']!
  return [{
    title: 'V: views',
    about: `${clients.toLocaleString('en-US')} clients, the ticks of F: server CPU for each update, against one view of the kind.`,
    head: ['', 'CPU per update', 'µs', 'bytes per update'],
    rows: [...seen].map(([name, figures]) => [name, ratio(figures['cpu']!, baseOf(name)['cpu']!), figure(figures['cpu']!), figure(figures['bytes']!)]),
    facts: { 'V.half.10': fact('10 views of other halves'), 'V.half.100': fact('100 views of other halves'), 'V.hide.10': fact('10 such views'), 'V.hide.100': fact('100 such views') }
  }, {
    title: 'V: parts',
    about: `${pages.toLocaleString('en-US')} pages, each of another 50 devices, one client each; ${leaves.toLocaleString('en-US')} of 100,000 devices change in a tick. For each page and tick.`,
    head: ['', 'CPU', 'µs', 'bytes', 'ms to join', 'heap and buffers MB'],
    rows: [...shown].map(([server, figures]) => [
      servers[server as keyof typeof servers], ratio(figures['cpu']!, own['cpu']!), ...['cpu', 'bytes', 'join', 'held'].map((name) => figure(figures[name]!))
    ]),
    facts: { 'V.parts.cpu': parts['cpu']! / own['cpu']!, 'V.parts.bytes': parts['bytes']! / own['bytes']! }
  }]
}
