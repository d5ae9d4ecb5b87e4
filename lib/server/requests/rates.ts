/** How fast one connection may send. */
import { closeCodes } from '../../protocol/close-codes.ts'
import { ProtocolFault } from '../../protocol/fault.ts'

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

  /** Which of the two ran out the last time. */
  limit: keyof RateLimits = 'requestsPerSecond'

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
      const forBytes = -this.#bytes / bytesPerSecond
      this.limit = forBytes > wait || requestsPerSecond === null ? 'bytesPerSecond' : 'requestsPerSecond'
      wait = Math.max(wait, forBytes)
    }
    return Math.max(0, Math.ceil(wait * 1000))
  }
}

/** Longest pause in ms. Who owes more has sent so much too fast that it is not waited for. */
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

  /** Which of the limits it is for. */
  get limit (): keyof RateLimits {
    return this.#rates.limit
  }

  /**
   * Counts what has come; where that is too much, the pause begins, or becomes longer.
   *
   * @throws ProtocolFault 4429: the pause would be too long
   */
  spend (requests: number, bytes: number): void {
    const wait = this.#rates.spend(requests, bytes)
    if (wait === 0) return
    this.stop()
    if (wait > longestPause) {
      const fault = new ProtocolFault(closeCodes.overLimit, `over ${longestPause / 1000} s' worth of '${this.limit}' at once`)
      fault.limit = this.limit
      throw fault
    }
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      this.#over()
    }, wait)
  }

  stop (): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }
}
