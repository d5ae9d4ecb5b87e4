/** How long to wait before the next attempt: exponential backoff with full jitter. */

/** A connection that lasted this long (ms) counts as healthy: the next wait is as short as the first. */
export const stableAfter = 5000

/** How many steps a server that is overloaded (close code 4429) pushes the waits up. */
export const overloadSteps = 3

export class Backoff {
  readonly #min: number
  readonly #max: number
  #failures = 0

  /**
   * @param minDelay - upper bound of the first wait (ms)
   * @param maxDelay - upper bound of every wait (ms)
   */
  constructor (minDelay: number, maxDelay: number) {
    this.#min = minDelay
    this.#max = maxDelay
  }

  reset (): void {
    this.#failures = 0
  }

  /** Makes the waits longer by some doublings. */
  raise (steps: number): void {
    this.#failures += steps
  }

  /**
   * The next wait (ms): anything up to the bound, so that clients that lost one server together do not come back
   * together. The bound doubles each time.
   */
  next (): number {
    const bound = Math.min(this.#max, this.#min * 2 ** this.#failures++)
    return Math.random() * bound
  }

  /** A wait for somebody who has a reason to hurry (ms). */
  hurry (): number {
    return Math.random() * Math.min(this.#min, this.#max)
  }
}
