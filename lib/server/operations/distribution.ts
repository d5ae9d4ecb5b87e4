/** Counts values by their size, in buckets that never change, so that it costs no memory of its own to count one. */
import type { Histogram } from '../../../types/stats.ts'

/** Bounds for times, in ms. */
export const timeBounds = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000]
/** Bounds for sizes, in bytes. */
export const sizeBounds = [64, 256, 1024, 4096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304, 16_777_216]

export class Distribution {
  readonly #bounds: readonly number[]
  /** Of each bound what is up to it, and above the one before; the last counts what is above all. */
  readonly #counts: number[]
  #count = 0
  #sum = 0

  /** @param bounds - ascending */
  constructor (bounds: readonly number[]) {
    this.#bounds = bounds
    this.#counts = new Array<number>(bounds.length + 1).fill(0)
  }

  add (value: number): void {
    const bounds = this.#bounds
    let i = 0
    while (i < bounds.length && value > bounds[i]!) i++
    this.#counts[i]!++
    this.#count++
    this.#sum += value
  }

  read (): Histogram {
    let count = 0
    const buckets = this.#bounds.map((le, i) => {
      count += this.#counts[i]!
      return { le, count }
    })
    return { count: this.#count, sum: this.#sum, buckets }
  }
}
