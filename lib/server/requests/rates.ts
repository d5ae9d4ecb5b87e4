/** How fast one connection may send. */

/** What a connection may send a second; `null`: as fast as it can. */
export interface RateLimits {
  readonly requestsPerSecond: number | null
  readonly bytesPerSecond: number | null
}

/**
 * Two buckets that hold what may come in one second. Who has used one up is not read until it holds something again: what
 * comes too fast waits with its sender, and nothing of it is lost.
 */
export class Rates {
  readonly #limits: RateLimits
  readonly #now: () => number
  #requests: number
  #bytes: number
  #at: number

  constructor ({ requestsPerSecond, bytesPerSecond }: RateLimits, now: () => number = () => performance.now()) {
    this.#limits = { requestsPerSecond, bytesPerSecond }
    this.#now = now
    this.#requests = requestsPerSecond ?? 0
    this.#bytes = bytesPerSecond ?? 0
    this.#at = now()
  }

  /** Counts what has come. @returns for how many ms nothing more should be read */
  spend (requests: number, bytes: number): number {
    const { requestsPerSecond, bytesPerSecond } = this.#limits
    const now = this.#now()
    const seconds = (now - this.#at) / 1000
    this.#at = now
    let wait = 0
    if (requestsPerSecond !== null) {
      this.#requests = Math.min(requestsPerSecond, this.#requests + seconds * requestsPerSecond) - requests
      wait = -this.#requests / requestsPerSecond
    }
    if (bytesPerSecond !== null) {
      this.#bytes = Math.min(bytesPerSecond, this.#bytes + seconds * bytesPerSecond) - bytes
      wait = Math.max(wait, -this.#bytes / bytesPerSecond)
    }
    return Math.max(0, Math.ceil(wait * 1000))
  }
}

/** Longest pause in ms. */
const longestPause = 60_000

/** Keeps a connection from being read for as long as it owes. */
export class RatePause {
  readonly #rates: Rates
  readonly #over: () => void
  #timer: NodeJS.Timeout | undefined

  /** @param over - called when it may be read again */
  constructor (limits: RateLimits, over: () => void) {
    this.#rates = new Rates(limits)
    this.#over = over
  }

  get isOn (): boolean {
    return this.#timer !== undefined
  }

  /** Counts what has come; where that is too much, the pause begins, or becomes longer. */
  spend (requests: number, bytes: number): void {
    const wait = this.#rates.spend(requests, bytes)
    if (wait === 0) return
    this.stop()
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      this.#over()
    }, Math.min(wait, longestPause))
  }

  stop (): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }
}
