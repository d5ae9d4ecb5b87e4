/** Checks passwords without holding up the event loop: slow hashes one at a time in a worker thread, addresses taking turns. */
import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import { FST_JUGGLER_LOGIN_BUSY } from '../errors.ts'
import { passwordMatches } from './password-check.ts'
import type { PasswordHash } from './htpasswd.ts'
import type { HashResult, HashTask } from './hash-worker.ts'

/** Checks that may wait, for one address and for all; beyond it the answer is 503. */
const queueLimits = Object.freeze({ perAddress: 16, total: 512 })
/** The thread ends after this many ms without work; it holds some 10 MB. */
const idleTime = 30_000

interface Waiting {
  readonly password: string
  readonly hash: PasswordHash
  readonly resolve: (matches: boolean) => void
  readonly reject: (error: Error) => void
}

export class HashQueue {
  readonly #onThreadless: (error: Error) => void
  readonly #limits: { readonly perAddress: number, readonly total: number }
  /** Per address, in the order of their turns: an address that has been served goes to the end. */
  readonly #waiting = new Map<string, Waiting[]>()
  #count = 0
  #running: Waiting | undefined
  /** The number of the task that is running. */
  #id = 0
  #worker: Worker | undefined
  #idle: NodeJS.Timeout | undefined
  /** Whether no thread can be had. */
  #threadless = false
  #closed = false

  /** @param onThreadless - called once if the thread cannot be started, and hashes are computed here instead */
  constructor (onThreadless: (error: Error) => void = () => {}, limits: { readonly perAddress: number, readonly total: number } = queueLimits) {
    this.#onThreadless = onThreadless
    this.#limits = limits
  }

  /**
   * Whether the password has the hash.
   *
   * @param address - whose turn it takes
   * @throws FST_JUGGLER_LOGIN_BUSY rejects when too many are waiting
   */
  check (password: string, hash: PasswordHash, address: string): Promise<boolean> {
    // SHA-1 takes microseconds, less than the way to the thread
    if (hash.form === 'sha1') return Promise.resolve(passwordMatches(password, hash))
    const own = this.#waiting.get(address) ?? []
    if (this.#closed || this.#count >= this.#limits.total || own.length >= this.#limits.perAddress) return Promise.reject(new FST_JUGGLER_LOGIN_BUSY())
    return new Promise((resolve, reject) => {
      own.push({ password, hash, resolve, reject })
      this.#waiting.set(address, own)
      this.#count++
      if (this.#running === undefined) this.#next()
    })
  }

  /** Ends the thread; what waits is rejected. Idempotent. */
  async close (): Promise<void> {
    this.#closed = true
    clearTimeout(this.#idle)
    this.#abandon(new FST_JUGGLER_LOGIN_BUSY())
    await this.#stop()
  }

  #next (): void {
    const turn = this.#waiting.entries().next()
    if (turn.done) {
      this.#idle ??= setTimeout(() => { void this.#stop() }, idleTime).unref()
      return
    }
    clearTimeout(this.#idle)
    this.#idle = undefined
    const [address, own] = turn.value
    this.#running = own.shift()
    this.#count--
    this.#id++
    this.#waiting.delete(address)
    if (own.length > 0) this.#waiting.set(address, own)
    this.#run()
  }

  #run (): void {
    const { password, hash } = this.#running as Waiting
    const id = this.#id
    if (this.#threadless) {
      setImmediate(() => { if (id === this.#id) this.#finish({ id, matches: passwordMatches(password, hash) }) })
      return
    }
    const task: HashTask = { id, password, hash }
    this.#thread().postMessage(task)
  }

  #finish (result: HashResult): void {
    const done = this.#running
    if (result.id !== this.#id || done === undefined) return
    this.#running = undefined
    done.resolve(result.matches)
    this.#next()
  }

  #thread (): Worker {
    if (this.#worker !== undefined) return this.#worker
    // .ts when the sources are run, .js in the package
    const worker = new Worker(new URL(`./hash-worker${extname(import.meta.url)}`, import.meta.url))
    let answered = false
    worker.unref()
    worker.on('message', (result: HashResult) => {
      answered = true
      this.#finish(result)
    })
    worker.on('error', (thrown: unknown) => {
      if (this.#worker !== worker) return
      this.#worker = undefined
      const error = thrown instanceof Error ? thrown : new Error('the thread threw no error', { cause: thrown })
      // A thread that died of its work (no memory left) leaves no login hanging; one that never came up (its file is
      // missing from a bundle) is done without
      if (answered) return this.#abandon(error)
      this.#threadless = true
      this.#onThreadless(error)
      if (this.#running !== undefined) this.#run()
    })
    this.#worker = worker
    return worker
  }

  async #stop (): Promise<void> {
    this.#idle = undefined
    const worker = this.#worker
    this.#worker = undefined
    await worker?.terminate()
  }

  #abandon (error: Error): void {
    const all = [this.#running, ...[...this.#waiting.values()].flat()]
    this.#running = undefined
    this.#id++
    this.#waiting.clear()
    this.#count = 0
    for (const waiting of all) waiting?.reject(error)
  }
}
