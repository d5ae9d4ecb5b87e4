/** How late this process's event loop runs: the delay of its timers, and the share of time that it is busy. */
import { monitorEventLoopDelay, performance } from 'node:perf_hooks'

export interface LoopSample { p50: number, p99: number, max: number, busy: number }

const resolution = 10

export class LoopMonitor {
  readonly #histogram = monitorEventLoopDelay({ resolution })
  #utilization = performance.eventLoopUtilization()

  constructor () {
    this.#histogram.enable()
  }

  /** What happened since the last call, in milliseconds. */
  take (): LoopSample {
    const utilization = performance.eventLoopUtilization()
    const { utilization: busy } = performance.eventLoopUtilization(utilization, this.#utilization)
    this.#utilization = utilization
    const sample = {
      p50: this.#delay(this.#histogram.percentile(50)),
      p99: this.#delay(this.#histogram.percentile(99)),
      max: this.#delay(this.#histogram.max),
      busy: Number(busy.toFixed(4))
    }
    this.#histogram.reset()
    return sample
  }

  stop () {
    this.#histogram.disable()
  }

  /** The histogram holds the time from one timer to the next: what is over the asked for time is the delay. */
  #delay (nanoseconds: number): number {
    return this.#histogram.count === 0 ? 0 : Number(Math.max(0, nanoseconds / 1e6 - resolution).toFixed(2))
  }
}
