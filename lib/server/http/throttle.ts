/** Slows guessing: token buckets of failed logins, per address and user, and per address. */
import { createHash } from 'node:crypto'

export interface ThrottleLimits {
  /** Failures that one address may cause for one user at once; one more each `pairInterval` ms. */
  readonly pairBurst: number
  readonly pairInterval: number
  /** Failures that one address may cause at all at once; one more each `addressInterval` ms. */
  readonly addressBurst: number
  readonly addressInterval: number
  /** Buckets kept in memory; the longest unused is forgotten first. */
  readonly maxBuckets: number
}

export const throttleLimits: ThrottleLimits = Object.freeze({
  pairBurst: 10,
  pairInterval: 1000,
  addressBurst: 100,
  addressInterval: 100,
  maxBuckets: 20_000
})

interface Bucket { tokens: number, at: number }

/** A guess that was admitted; `refund` gives its token back when the password was right. */
export interface Admission { refund (): void }

/**
 * An address that guesses at a user uses up that pair's bucket and leaves the user's other addresses alone, and the
 * other users of its own. What the pair refuses does not count for the address, so guesses at one user do not
 * keep the other users behind the same router out.
 */
export class Throttle {
  readonly #limits: ThrottleLimits
  readonly #now: () => number
  /** By digests, which are of one size whatever names clients make up. Least recently used first. */
  readonly #buckets = new Map<string, Bucket>()

  constructor (limits: ThrottleLimits = throttleLimits, now: () => number = () => performance.now()) {
    this.#limits = limits
    this.#now = now
  }

  /** Takes a token for a guess; `undefined`: not now. */
  admit (address: string, user: string): Admission | undefined {
    const { pairBurst, pairInterval, addressBurst, addressInterval } = this.#limits
    const all = this.#bucket(digest(address), addressBurst, addressInterval)
    if (all.tokens < 1) return undefined
    const pair = this.#bucket(digest(address, user), pairBurst, pairInterval)
    if (pair.tokens < 1) return undefined
    all.tokens--
    pair.tokens--
    return {
      refund: () => {
        all.tokens = Math.min(all.tokens + 1, addressBurst)
        pair.tokens = Math.min(pair.tokens + 1, pairBurst)
      }
    }
  }

  get size (): number {
    return this.#buckets.size
  }

  #bucket (key: string, burst: number, interval: number): Bucket {
    const now = this.#now()
    const known = this.#buckets.get(key)
    const bucket = known ?? { tokens: burst, at: now }
    bucket.tokens = Math.min(burst, bucket.tokens + (now - bucket.at) / interval)
    bucket.at = now
    if (known !== undefined) this.#buckets.delete(key)
    this.#buckets.set(key, bucket)
    if (this.#buckets.size > this.#limits.maxBuckets) {
      this.#buckets.delete(this.#buckets.keys().next().value as string)
    }
    return bucket
  }
}

/** 32 characters, for every list of texts another. */
function digest (...texts: string[]): string {
  return createHash('sha256').update(JSON.stringify(texts)).digest().toString('latin1')
}
