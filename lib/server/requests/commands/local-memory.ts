/** The memory of one server: it ends with the process. */
import { randomBytes } from 'node:crypto'
import { maxDelay } from '../../option-rules.ts'
import type { Claim, CommandMemory, CommandOutcome } from './memory.ts'

/** What an outcome takes beside its text, in bytes of heap. */
const bytesPerOutcome = 100
/** What stays of the outcomes where they are too many. */
const keptPart = 0.75

/** There may be 50,000 of these, so they hold as few objects as they can. */
interface Entry {
  readonly digest: number
  /** When it may be forgotten, in whole ms. */
  readonly until: number
  running: boolean
  success: boolean
  /** The answer's data. Undefined: it runs, or its outcome had to make room. */
  text: string | undefined
  /** Who waits for the outcome of one that runs; there once somebody does. */
  waiting: { readonly promise: Promise<CommandOutcome | undefined>, readonly resolve: (outcome: CommandOutcome | undefined) => void } | undefined
}

const isNew: Claim = Object.freeze({ kind: 'new' })

/**
 * Bounded in two ways. Outcomes that take too many bytes make room for later ones: of such a command is still known that
 * it has run. Commands that are too many cannot be forgotten before their time, so that new ones find no room.
 */
export class LocalMemory implements CommandMemory {
  readonly journal = randomBytes(9).toString('base64url')
  readonly #entries = new Map<string, Entry>()
  readonly #maxEntries: number
  readonly #maxBytes: number
  /** Bytes of heap of all outcomes. */
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

  claim (name: string, digest: number, lifetime: number): Claim {
    const now = performance.now()
    const known = this.#entries.get(name)
    if (known !== undefined) {
      if (known.until > now || known.running) return claimOf(known, digest)
      this.#delete(name, known)
    }
    if (this.#entries.size >= this.#maxEntries) {
      this.#sweep(now)
      if (this.#entries.size >= this.#maxEntries) return { kind: 'full' }
    }
    this.#entries.set(name, { digest, until: Math.ceil(now + lifetime), running: true, success: false, text: undefined, waiting: undefined })
    this.#timer ??= setTimeout(() => this.#tick(), Math.min(maxDelay, lifetime)).unref()
    return isNew
  }

  settle (name: string, outcome: CommandOutcome): void {
    const entry = this.#entries.get(name)
    if (entry?.running !== true) return
    entry.running = false
    entry.success = outcome.success
    entry.waiting?.resolve(outcome)
    entry.waiting = undefined
    const bytes = bytesOf(outcome.text)
    // One that would have to go itself must not take all the others with it.
    if (bytes > this.#maxBytes * keptPart) return
    entry.text = outcome.text
    this.#bytes += bytes
    if (this.#bytes > this.#maxBytes) this.#evict()
  }

  release (name: string): void {
    const entry = this.#entries.get(name)
    if (entry === undefined) return
    this.#delete(name, entry)
    entry.waiting?.resolve(undefined)
  }

  /** Lets the outcomes go that were claimed first, down to three quarters. */
  #evict (): void {
    for (const entry of this.#entries.values()) {
      if (this.#bytes <= this.#maxBytes * keptPart) return
      if (entry.text === undefined) continue
      this.#bytes -= bytesOf(entry.text)
      entry.text = undefined
    }
  }

  #delete (name: string, { text }: Entry): void {
    if (text !== undefined) this.#bytes -= bytesOf(text)
    this.#entries.delete(name)
  }

  #sweep (now: number): void {
    for (const [name, entry] of this.#entries) {
      // One that still runs is kept, however long it takes.
      if (entry.until <= now && !entry.running) this.#delete(name, entry)
    }
  }

  #tick (): void {
    this.#timer = undefined
    const now = performance.now()
    this.#sweep(now)
    const [oldest] = this.#entries.values()
    if (oldest !== undefined) this.#timer = setTimeout(() => this.#tick(), Math.min(maxDelay, Math.max(1000, oldest.until - now))).unref()
  }
}

const bytesOf = (text: string): number => bytesPerOutcome + text.length * 2

function claimOf (entry: Entry, digest: number): Claim {
  if (entry.digest !== digest) return { kind: 'different' }
  if (entry.text !== undefined) return { kind: 'known', outcome: { success: entry.success, text: entry.text } }
  if (!entry.running) return { kind: 'evicted' }
  if (entry.waiting === undefined) {
    let resolve!: (outcome: CommandOutcome | undefined) => void
    const promise = new Promise<CommandOutcome | undefined>((_resolve) => { resolve = _resolve })
    entry.waiting = { promise, resolve }
  }
  return { kind: 'known', outcome: entry.waiting.promise }
}
