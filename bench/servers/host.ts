/** The process of one server under measurement; its CPU time and memory are nobody else's. */
import { setTimeout as sleep } from 'node:timers/promises'
import { answer, clock } from '../children.ts'
import { makePlant, makeTicks, numberTicks } from '../fixtures.ts'
import type { BenchServer, Setup, Start } from './contract.ts'

export interface Order {
  server: string
  devices: number
  ticks?: number
  leaves?: number
  ready?: boolean
  compression?: boolean | 'remembers'
  /** Whether the state tells which tick it is at. */
  numbered?: boolean
}

let setup: Setup
let server: BenchServer
let done = 0
let peak = 0

const methods = {
  async start ({ server: name, devices, ticks = 0, leaves = 50, ready = true, compression = false, numbered = false }: Order): Promise<number> {
    const plant = makePlant(devices)
    setup = { plant, ticks: makeTicks(plant, ticks, leaves), ready, compression }
    if (numbered) numberTicks(plant, setup.ticks)
    const module: { default: Start } = await import(new URL(`${name}.mjs`, import.meta.url).href)
    server = await module.default(setup)
    return server.port
  },

  /** Runs the next `count` ticks, or as many as three times their time allows. Returns when each began. */
  async run (count: number, interval: number): Promise<Float64Array> {
    const times: number[] = []
    const first = clock()
    let next = first
    while (times.length < count && next - first < 3 * count * interval) {
      const now = clock()
      if (now < next) await sleep(next - now)
      times.push(clock())
      server.tick(done++)
      // A server that needs longer than an interval for a tick is given the next one at once, but never two for one.
      next = Math.max(next + interval, clock())
      await sleep(0)
    }
    return Float64Array.from(times)
  },

  /** What the clients must have in the end. */
  expected (): unknown {
    const plant = structuredClone(makePlant(Object.keys(setup.plant.devices).length))
    for (const change of setup.ticks.slice(0, done).flat()) plant.devices[change.device]!.temp = change.temp
    return plant
  },

  /** CPU time of this process, in microseconds, user and system. */
  cpu (): number {
    const { user, system } = process.cpuUsage()
    return user + system
  },

  place: (): string => server.place!(),
  sent: (): number => server.sent!(),

  /** Bytes after garbage collection: resident, and what the heap and its buffers hold. */
  async memory (): Promise<{ resident: number, held: number }> {
    for (let i = 0; i < 3; i++) {
      globalThis.gc!()
      await sleep(50)
    }
    const { rss, heapUsed, external } = process.memoryUsage()
    return { resident: rss, held: heapUsed + external }
  },

  /** Looks at resident memory from now on; `peak` tells the highest seen. */
  watchMemory (): void {
    setInterval(() => { peak = Math.max(peak, process.memoryUsage.rss()) }, 100).unref()
  },
  peak: () => peak
}

export type ServerHost = typeof methods
answer(methods)
