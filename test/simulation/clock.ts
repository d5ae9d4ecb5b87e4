/** A clock that stands still until the run says so, in the place of the platform's own. */
import type { Random } from './random.ts'

// Taken before anything replaces them.
const real = { setTimeout, clearTimeout, setInterval, clearInterval, setImmediate, now: Date.now, random: Math.random, clock: performance.now }

/** Immediates that are asked for at once: between two of them Node works off all ticks and promises. */
const batch = 32

type Callback = (...args: unknown[]) => void

/** What waits for its time; in the place of Node's own timers it has what those have. */
export class Timer {
  at: number
  /** Decides between timers that are due at one time. */
  rank: number
  /** Of an interval; 0: it is none. */
  readonly every: number
  isOver = false
  isUnref = false
  /** Whether the library, or `ws`, has made it. */
  readonly isTheirs: boolean
  readonly callback: Callback
  readonly args: unknown[]

  constructor (at: number, rank: number, every: number, isTheirs: boolean, callback: Callback, args: unknown[]) {
    this.at = at
    this.rank = rank
    this.every = every
    this.isTheirs = isTheirs
    this.callback = callback
    this.args = args
  }

  unref (): this {
    this.isUnref = true
    return this
  }

  ref (): this {
    this.isUnref = false
    return this
  }

  hasRef (): boolean {
    return !this.isUnref
  }
}

export class Clock {
  now = 1_000_000
  readonly #random: Random
  /** How late (ms) a timer of theirs may come. */
  readonly #lag: number
  readonly #heap: Timer[] = []
  readonly #failed: (error: unknown) => void
  /** How many events there were. */
  events = 0

  constructor (random: Random, lag: number, failed: (error: unknown) => void) {
    this.#random = random
    this.#lag = lag
    this.#failed = failed
  }

  /** Puts itself in the place of the platform's clocks and timers, and the random numbers beside them. */
  install (): void {
    const replaced = {
      setTimeout: (callback: Callback, ms?: number, ...args: unknown[]) => this.#add(callback, ms, args, 0),
      setInterval: (callback: Callback, ms?: number, ...args: unknown[]) => this.#add(callback, ms, args, Math.max(1, ms ?? 1)),
      clearTimeout: cancel,
      clearInterval: cancel
    }
    Object.assign(globalThis, replaced)
    Date.now = () => 1_700_000_000_000 + this.now
    performance.now = () => this.now
    Math.random = () => this.#random.unit()
    const draw = (array: Uint32Array) => array.map((_, i) => (array[i] = this.#random.next()))
    Object.defineProperty(crypto, 'getRandomValues', { value: draw, configurable: true })
  }

  /** Gives the platform's own back. */
  static restore (): void {
    const { setTimeout, clearTimeout, setInterval, clearInterval } = real
    Object.assign(globalThis, { setTimeout, clearTimeout, setInterval, clearInterval })
    Date.now = real.now
    Math.random = real.random
    Reflect.deleteProperty(performance, 'now')
    Reflect.deleteProperty(crypto, 'getRandomValues')
  }

  /** Calls back after some time, exactly. */
  after (ms: number, callback: () => void): Timer {
    return this.#push(new Timer(this.now + ms, this.#random.next(), 0, false, callback, []))
  }

  /** Timers that are still to come and are theirs. */
  get theirs (): Timer[] {
    return this.#heap.filter((timer) => timer.isTheirs && !timer.isOver)
  }

  /** Lets time pass. Everything that is due happens, each with all that follows from it at once. */
  advance (ms: number): Promise<void> {
    const until = this.now + ms
    return new Promise((resolve) => {
      let isDone = false
      let asked = 0
      const step = () => {
        if (isDone) return
        asked--
        const next = this.#due(until)
        if (next === undefined) {
          isDone = true
          this.now = until
          resolve()
          return
        }
        this.#fire(next)
        if (asked === 0) ask()
      }
      const ask = () => { for (asked = 0; asked < batch; asked++) real.setImmediate(step) }
      ask()
    })
  }

  #fire (timer: Timer): void {
    this.events++
    this.now = Math.max(this.now, timer.at)
    if (timer.every > 0) {
      timer.at = this.now + timer.every + this.#late()
      timer.rank = this.#random.next()
      this.#push(timer)
    } else {
      timer.isOver = true
    }
    try {
      timer.callback(...timer.args)
    } catch (error) {
      this.#failed(error)
    }
  }

  #late (): number {
    return this.#lag > 0 && this.#random.chance(0.3) ? this.#random.int(this.#lag) : 0
  }

  #add (callback: Callback, ms: number | undefined, args: unknown[], every: number): Timer {
    const delay = ms !== undefined && ms >= 1 ? Math.ceil(ms) : 1
    return this.#push(new Timer(this.now + delay + this.#late(), this.#random.next(), every, true, callback, args))
  }

  /** The next that is due. */
  #due (until: number): Timer | undefined {
    const heap = this.#heap
    while (heap.length > 0) {
      const first = heap[0]!
      if (!first.isOver && first.at > until) return undefined
      const last = heap.pop()!
      if (heap.length > 0) this.#sink(last)
      if (!first.isOver) return first
    }
    return undefined
  }

  #push (timer: Timer): Timer {
    const heap = this.#heap
    let i = heap.push(timer) - 1
    while (i > 0) {
      const up = (i - 1) >> 1
      if (!isBefore(timer, heap[up]!)) break
      heap[i] = heap[up]!
      i = up
    }
    heap[i] = timer
    return timer
  }

  #sink (timer: Timer): void {
    const heap = this.#heap
    let i = 0
    for (;;) {
      let down = 2 * i + 1
      if (down >= heap.length) break
      if (down + 1 < heap.length && isBefore(heap[down + 1]!, heap[down]!)) down++
      if (!isBefore(heap[down]!, timer)) break
      heap[i] = heap[down]!
      i = down
    }
    heap[i] = timer
  }
}

export function cancel (timer: unknown): void {
  if (timer instanceof Timer) timer.isOver = true
}

const isBefore = (a: Timer, b: Timer): boolean => a.at < b.at || (a.at === b.at && a.rank < b.rank)
