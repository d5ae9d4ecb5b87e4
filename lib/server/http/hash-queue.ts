/** Checks passwords without holding up the event loop: slow hashes one at a time in a worker thread, addresses taking turns. */
import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import { FST_JUGGLER_LOGIN_BUSY } from './errors.ts'
import { passwordMatches } from './password-check.ts'
import type { PasswordHash } from './htpasswd.ts'
import type { HashResult, HashTask } from './hash-worker.ts'

/** Checks that may wait for one address, and for all; beyond it the answer is 503. */
const maxWaitingPerAddress = 16
const maxWaiting = 512
/** The thread ends after this many ms without work; it holds some 10 MB. */
const idleTime = 30_000

interface Waiting {
  readonly password: string
  readonly hash: PasswordHash
  readonly resolve: (matches: boolean) => void
  readonly reject: (error: Error) => void
}

export class HashQueue {
  /** Per address, in the order of their turns: an address that has been served goes to the end. */
  readonly #waiting = new Map<string, Waiting[]>()
  #count = 0
  #running: Waiting | undefined
  #worker: Worker | undefined
  #idle: NodeJS.Timeout | undefined
  #nextId = 1
  #closed = false

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
    if (this.#closed || this.#count >= maxWaiting || own.length >= maxWaitingPerAddress) return Promise.reject(new FST_JUGGLER_LOGIN_BUSY())
    return new Promise((resolve, reject) => {
      own.push({ password, hash, resolve, reject })
      this.#waiting.set(address, own)
      this.#count++
      this.#next()
    })
  }

  /** Ends the thread; what waits is rejected. Idempotent. */
  async close (): Promise<void> {
    this.#closed = true
    clearTimeout(this.#idle)
    const worker = this.#worker
    this.#worker = undefined
    this.#abandon(new FST_JUGGLER_LOGIN_BUSY())
    await worker?.terminate()
  }

  #next (): void {
    if (this.#running !== undefined) return
    const turn = this.#waiting.entries().next()
    if (turn.done) {
      this.#idle ??= setTimeout(() => { this.#stopIdle() }, idleTime).unref()
      return
    }
    clearTimeout(this.#idle)
    this.#idle = undefined
    const [address, own] = turn.value
    this.#running = own.shift() as Waiting
    this.#count--
    this.#waiting.delete(address)
    if (own.length > 0) this.#waiting.set(address, own)
    const task: HashTask = { id: this.#nextId, password: this.#running.password, hash: this.#running.hash }
    this.#thread().postMessage(task)
  }

  #thread (): Worker {
    if (this.#worker !== undefined) return this.#worker
    // .ts when the sources are run, .js in the package
    const worker = new Worker(new URL(`./hash-worker${extname(import.meta.url)}`, import.meta.url))
    worker.unref()
    worker.on('message', (result: HashResult) => {
      if (result.id !== this.#nextId) return
      const done = this.#running
      this.#running = undefined
      this.#nextId++
      done?.resolve(result.matches)
      this.#next()
    })
    // A thread that dies (no memory, a file missing from a bundle) must not leave logins hanging
    worker.on('error', (error) => {
      if (this.#worker !== worker) return
      this.#worker = undefined
      this.#abandon(error)
    })
    this.#worker = worker
    return worker
  }

  #stopIdle (): void {
    this.#idle = undefined
    const worker = this.#worker
    this.#worker = undefined
    void worker?.terminate()
  }

  #abandon (error: Error): void {
    const all = [this.#running, ...[...this.#waiting.values()].flat()]
    this.#running = undefined
    this.#nextId++
    this.#waiting.clear()
    this.#count = 0
    for (const waiting of all) waiting?.reject(error)
  }
}
