/** Keeps the shared state true: samples the machine at an interval, slides the history, watches the thresholds. */
import { uptime } from 'node:os'
import { createState } from 'fastify-juggler'
import { alarmLimits, crossing } from './alarms.ts'
import type { Alarm, Crossing, Metric } from './alarms.ts'
import { LoopMonitor } from './event-loop.ts'
import type { LoopSample } from './event-loop.ts'
import { describeHost, readCounters } from './machine.ts'
import type { Counters } from './machine.ts'
import { coarse, takeSample } from './sample.ts'
import type { Sample } from './sample.ts'

/** A moment of the past: time in ms, shares of CPU and memory, bytes per second, the loop's p99 in ms. */
export type HistoryRow = [at: number, cpu: number, memory: number, received: number, sent: number, read: number, written: number, loop: number]

/** Everything that a screen shows. */
export interface MonitorState extends Sample {
  host: ReturnType<typeof describeHost> & { booted: number }
  sampling: { interval: number, at: number }
  loop: LoopSample
  server: { memory: number, started: number }
  alarms: Record<Metric, Alarm>
  connections: Record<string, { remote: string, since: number, agent: string }>
  /** The newest last. Each sample drops the oldest and adds one: two operations on the wire, however long it is. */
  history: HistoryRow[]
}

export const intervalLimits = { min: 250, max: 10_000 }
const historyLength = 240

export class Monitor {
  readonly state
  readonly #loop = new LoopMonitor()
  #before: Counters
  #onCrossing: (crossing: Crossing) => void = () => {}
  #timer: NodeJS.Timeout | undefined
  #sampling: Promise<void> = Promise.resolve()
  #stopped = false

  /** Reads the counters once, so that the first sample has something to compare with. */
  static async create (interval: number) {
    return new Monitor(await readCounters(), interval)
  }

  private constructor (before: Counters, interval: number) {
    this.#before = before
    const now = Date.now()
    this.state = createState<MonitorState>({
      ...takeSample(before, before),
      host: { ...describeHost(), booted: now - Math.round(uptime() * 1000) },
      sampling: { interval, at: now },
      loop: this.#loop.take(),
      server: { memory: coarse(process.memoryUsage.rss()), started: now },
      alarms: Object.fromEntries(Object.entries(alarmLimits).map(([metric, { threshold }]) => [metric, { threshold, active: false }])) as Record<Metric, Alarm>,
      connections: {},
      history: []
    })
  }

  /** @param onCrossing - told each time that a value crosses its threshold */
  start (onCrossing: (crossing: Crossing) => void) {
    this.#onCrossing = onCrossing
    // What the start of the process itself took is no delay of its work.
    this.#loop.take()
    this.#schedule()
  }

  get interval () {
    return this.state.get('/sampling/interval') as number
  }

  set interval (interval: number) {
    this.state.set('/sampling/interval', interval)
    this.#schedule()
  }

  setThreshold (metric: Metric, threshold: number) {
    this.state.set(['alarms', metric, 'threshold'], threshold)
    this.#watch()
  }

  async stop () {
    this.#stopped = true
    clearTimeout(this.#timer)
    await this.#sampling
    this.#loop.stop()
  }

  #schedule () {
    clearTimeout(this.#timer)
    if (this.#stopped) return
    this.#timer = setTimeout(() => {
      // The next one is planned when this one is done: a slow machine is sampled less often, not twice at once.
      this.#sampling = this.#sampling.then(() => this.#sample()).finally(() => this.#schedule())
    }, this.interval)
  }

  async #sample () {
    const after = await readCounters()
    const sample = takeSample(this.#before, after)
    this.#before = after
    const now = Date.now()
    const loop = this.#loop.take()

    // Only what differs is sent, all of it in one message: nobody has to say what changed.
    this.state.update((state) => {
      Object.assign(state, sample, { loop })
      state.sampling.at = now
      state.server.memory = coarse(process.memoryUsage.rss())
      state.history.push([
        now, sample.cpu.total, Number((sample.memory.used / sample.memory.total).toFixed(4)),
        sample.network?.received ?? 0, sample.network?.sent ?? 0, sample.disk?.read ?? 0, sample.disk?.written ?? 0, loop.p99
      ])
      if (state.history.length > historyLength) state.history.shift()
    })
    this.#watch()
  }

  #watch () {
    const values: Record<Metric, number> = {
      cpu: this.state.get('/cpu/total') as number,
      memory: (this.state.get('/memory/used') as number) / (this.state.get('/memory/total') as number),
      loop: this.state.get('/loop/p99') as number
    }
    for (const [metric, value] of Object.entries(values) as Array<[Metric, number]>) {
      const crossed = crossing(metric, value, this.state.get(['alarms', metric]) as unknown as Alarm)
      if (crossed === undefined) continue
      // The state says what holds now, to whoever looks later; the notification says that it happened.
      this.state.set(['alarms', metric, 'active'], crossed.active)
      this.#onCrossing(crossed)
    }
  }
}
