/** The memory of one server: it ends with the process. */
import { randomUUID } from 'node:crypto'
import type { Claim, CommandMemory, CommandOutcome } from './memory.ts'

/** What an entry takes beside its texts, in bytes of heap: about 400 measured. */
const bytesPerEntry = 400

interface Entry {
  readonly digest: string
  /** When it may be forgotten. */
  readonly until: number
  /** Undefined: it had to make room. */
  outcome: CommandOutcome | Promise<CommandOutcome | undefined> | undefined
  /** There while it runs. */
  resolve: ((outcome: CommandOutcome | undefined) => void) | undefined
  /** Bytes of heap of the outcome. */
  bytes: number
}

/**
 * Bounded in two ways. Outcomes that take too many bytes make room for later ones: of such a command is still known that
 * it has run. Commands that are too many cannot be forgotten before their time, so that new ones find no room.
 */
export class LocalMemory implements CommandMemory {
  readonly journal = randomUUID()
  readonly #entries = new Map<string, Entry>()
  readonly #maxEntries: number
  readonly #maxBytes: number
  #bytes = 0
  #timer: NodeJS.Timeout | undefined

  /**
   * @param maxEntries - commands that are remembered
   * @param maxBytes - bytes of heap that their outcomes may take
   */
  constructor (maxEntries = 50_000, maxBytes = 16_777_216) {
    this.#maxEntries = maxEntries
    this.#maxBytes = maxBytes
  }

  /** Commands that are remembered. */
  get size (): number {
    return this.#entries.size
  }

  claim (name: string, digest: string, lifetime: number): Claim {
    const now = performance.now()
    const known = this.#entries.get(name)
    if (known !== undefined && (known.until > now || known.resolve !== undefined)) {
      if (known.digest !== digest) return { kind: 'different' }
      return known.outcome === undefined ? { kind: 'evicted' } : { kind: 'known', outcome: known.outcome }
    }
    if (known !== undefined) this.#delete(name, known)
    if (this.#entries.size >= this.#maxEntries) {
      this.#sweep(now)
      if (this.#entries.size >= this.#maxEntries) return { kind: 'full' }
    }
    const entry: Entry = { digest, until: now + lifetime, outcome: undefined, resolve: undefined, bytes: 0 }
    entry.outcome = new Promise((resolve) => { entry.resolve = resolve })
    this.#entries.set(name, entry)
    this.#timer ??= setTimeout(() => this.#tick(), lifetime).unref()
    return { kind: 'new' }
  }

  settle (name: string, outcome: CommandOutcome): void {
    const entry = this.#entries.get(name)
    if (entry?.resolve === undefined) return
    entry.resolve(outcome)
    entry.resolve = undefined
    entry.outcome = { success: outcome.success, text: outcome.text }
    entry.bytes = bytesPerEntry + outcome.text.length * 2
    this.#bytes += entry.bytes
    if (this.#bytes > this.#maxBytes) this.#evict()
  }

  release (name: string): void {
    const entry = this.#entries.get(name)
    if (entry === undefined) return
    this.#delete(name, entry)
    entry.resolve?.(undefined)
  }

  /** Lets the outcomes go that were claimed first, down to three quarters. */
  #evict (): void {
    for (const entry of this.#entries.values()) {
      if (this.#bytes <= this.#maxBytes * 0.75) return
      if (entry.resolve !== undefined || entry.outcome === undefined) continue
      this.#bytes -= entry.bytes
      entry.bytes = 0
      entry.outcome = undefined
    }
  }

  #delete (name: string, entry: Entry): void {
    this.#bytes -= entry.bytes
    this.#entries.delete(name)
  }

  #sweep (now: number): void {
    for (const [name, entry] of this.#entries) {
      // One that still runs is kept, however long it takes.
      if (entry.until <= now && entry.resolve === undefined) this.#delete(name, entry)
    }
  }

  #tick (): void {
    this.#timer = undefined
    const now = performance.now()
    this.#sweep(now)
    const [oldest] = this.#entries.values()
    if (oldest !== undefined) this.#timer = setTimeout(() => this.#tick(), Math.max(1000, oldest.until - now)).unref()
  }
}
