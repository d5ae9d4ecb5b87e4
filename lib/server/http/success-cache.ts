/** Remembers which credentials were right, as keyed digests, so that a known user costs no hashing. */
import { createHmac, randomBytes } from 'node:crypto'

const maxEntries = 1000
/** Unused for this many ms, an entry is forgotten. */
const idleTime = 3_600_000

/**
 * Bounded. The key is random and never leaves the process, so an image of the memory without it tells nothing. What is
 * remembered includes the hash from the file: once a user has another one, nothing is found.
 */
export class SuccessCache {
  readonly #key = randomBytes(32)
  /** Digest to the time of its last use; least recently used first. */
  readonly #entries = new Map<string, number>()
  readonly #now: () => number

  constructor (now: () => number = () => performance.now()) {
    this.#now = now
  }

  digest (...parts: readonly string[]): string {
    return createHmac('sha256', this.#key).update(JSON.stringify(parts)).digest('base64')
  }

  has (digest: string): boolean {
    const used = this.#entries.get(digest)
    if (used === undefined) return false
    this.#entries.delete(digest)
    if (this.#now() - used > idleTime) return false
    this.#entries.set(digest, this.#now())
    return true
  }

  add (digest: string): void {
    this.#entries.set(digest, this.#now())
    if (this.#entries.size > maxEntries) this.#entries.delete(this.#entries.keys().next().value as string)
  }

  get size (): number {
    return this.#entries.size
  }
}
