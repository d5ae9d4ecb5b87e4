/** What the workloads share: the processes of a measurement, repetitions, and the shape of a result. */
import { setTimeout as sleep } from 'node:timers/promises'
import { Child } from './children.ts'
import { median } from './report.ts'
import type { LoadHost, OpenOptions } from './load/host.ts'
import type { Order, ServerHost } from './servers/host.ts'

export interface Options {
  /** A smoke run: small and short. */
  quick: boolean
  /** Measure only these servers, beside the baseline; none: all. */
  servers: string[] | undefined
  /** Client counts of the fan-out, in place of the usual ones. */
  clients: number[] | undefined
}

/** One table of RESULTS.md, with the figures of it that budgets are about. */
export interface Section {
  title: string
  about: string
  head: string[]
  rows: string[][]
  facts: Record<string, number>
}

export type Workload = (options: Options) => Promise<Section[]>

/** Names in tables, in the order of the rows. */
export const names: Record<string, string> = {
  'ws-string': '`ws`, ready string',
  'ws-frame': '`ws`, ready frame',
  juggler: '**fastify-juggler**',
  'juggler-default': '**fastify-juggler**, default',
  'juggler-leading': '**fastify-juggler**, `autoflushLeading`',
  'juggler-checked': '**fastify-juggler**, schemas for data and result',
  'juggler-once': '**fastify-juggler**, commands',
  'socket-io': 'Socket.IO',
  colyseus: 'Colyseus',
  'colyseus-quantized': 'Colyseus, quantized (16 bits)',
  sharedb: 'ShareDB',
  hocuspocus: 'Yjs (Hocuspocus)',
  'fastify-websocket': '@fastify/websocket, diff per connection'
}

/** With BENCH_PROFILE set to a folder, every server leaves a CPU profile there. */
const profileFlags = process.env['BENCH_PROFILE'] ? ['--cpu-prof', `--cpu-prof-dir=${process.env['BENCH_PROFILE']}`] : []
const serverHost = new URL('servers/host.ts', import.meta.url)
const loadHost = new URL('load/host.ts', import.meta.url)
/** Two processes of light clients, kept from one measurement to the next. */
let loads: Array<Child<LoadHost>> = []

/** One server in a process of its own, and the load on it. */
export class Trial {
  readonly server = new Child<ServerHost>(serverHost, profileFlags)
  readonly name: string
  #port = 0

  private constructor (name: string) {
    this.name = name
  }

  static async start (order: Order): Promise<Trial> {
    if (loads.length === 0) loads = [new Child<LoadHost>(loadHost), new Child<LoadHost>(loadHost)]
    const trial = new Trial(order.server)
    try {
      trial.#port = await trial.server.call('start', order)
    } catch (error) {
      await trial.stop()
      throw error
    }
    return trial
  }

  get port (): number {
    return this.#port
  }

  /** Opens clients, half of them in each load process. */
  async open (options: Omit<OpenOptions, 'server' | 'port'>): Promise<void> {
    const half = Math.ceil(options.clients / 2)
    await Promise.all(loads.map((load, i) => load.call('open', {
      ...options,
      server: this.name,
      port: this.#port,
      atOnce: Math.ceil(options.atOnce / 2),
      clients: i === 0 ? half : options.clients - half,
      ...(options.paths && { paths: options.paths.filter((_, k) => k % 2 === i) })
    })))
  }

  async load<K extends keyof LoadHost & string> (name: K, ...args: Parameters<LoadHost[K]>): Promise<Array<Awaited<ReturnType<LoadHost[K]>>>> {
    return await Promise.all(loads.map((load) => load.call(name, ...args)))
  }

  async counts (): Promise<{ updates: number, bytes: number, answers: number, open: number }> {
    const sum = { updates: 0, bytes: 0, answers: 0, open: 0 }
    for (const counts of await this.load('counts')) {
      for (const key of Object.keys(sum) as Array<keyof typeof sum>) sum[key] += counts[key]
    }
    return sum
  }

  /** Latencies in ms of the ticks since the counts were reset, sorted. */
  async latencies (times: Float64Array): Promise<Float64Array> {
    const parts = await this.load('latencies', times)
    return Float64Array.from(parts.flatMap((part) => [...part])).sort()
  }

  /** Waits until the clients have so many updates, or nothing has come for half a second. */
  async delivered (updates: number): Promise<void> {
    for (let last = -1, quiet = 0; quiet < 10; quiet++) {
      const counts = await this.counts()
      if (counts.updates >= updates) return
      if (counts.updates !== last) quiet = 0
      last = counts.updates
      await sleep(50)
    }
  }

  /** Ends the server first: some complain about clients that vanish. */
  async stop (): Promise<void> {
    await this.server.stop()
    await this.load('close')
  }
}

export async function stopLoads (): Promise<void> {
  await Promise.all(loads.map((load) => load.stop()))
}

/**
 * Measures every server (the baseline first) `repetitions` times, in turn, so that what the machine does meanwhile falls on all of them,
 * and takes the median of each figure. A repetition that fails is reported and left out.
 */
export async function interleave<F extends Record<string, number>> (
  what: string, candidates: string[], options: Options, repetitions: number, measure: (server: string) => Promise<F>
): Promise<Map<string, F>> {
  const servers = candidates.filter((server, i) => i === 0 || (options.servers?.includes(server) ?? true))
  const all = new Map<string, F[]>(servers.map((server) => [server, []]))
  for (let i = 1; i <= repetitions; i++) {
    for (const server of servers) {
      process.stderr.write(`${what}: ${server} (${i} of ${repetitions})\n`)
      try {
        all.get(server)!.push(await measure(server))
      } catch (error) {
        console.error(error)
      }
    }
  }
  const measured = [...all].filter(([, figures]) => figures.length > 0)
  if (measured[0]?.[0] !== servers[0]) throw new Error('the baseline was not measured')
  return new Map(measured.map(([server, figures]) => [
    server,
    Object.fromEntries(Object.keys(figures[0]!).map((key) => [key, median(figures.map((figure) => figure[key]!))])) as F
  ]))
}
