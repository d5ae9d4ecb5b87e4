/** Remembers which credentials were right, as keyed digests, so that a known user costs no hashing. */
import { createHmac, randomBytes } from 'node:crypto'

const maxEntries = 1000
/** Unused for this many ms, an entry is forgotten. */
const idleTime = 3_600_000

/**
 * Bounded, and cleared whenever the users change. The key is random and never leaves the process, so an image of the
 * memory without it tells nothing. The address is part of what is remembered: guesses from elsewhere find nothing.
 */
export class SuccessCache {
  readonly #key = randomBytes(32)
  /** Digest to the time of its last use; least recently used first. */
  readonly #entries = new Map<string, number>()
  readonly #now: () => number

  constructor (now: () => number = () => performance.now()) {
    this.#now = now
  }

  digest (address: string, user: string, password: string): string {
    return createHmac('sha256', this.#key).update(JSON.stringify([address, user, password])).digest('base64')
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

  clear (): void {
    this.#entries.clear()
  }

  get size (): number {
    return this.#entries.size
  }
}
