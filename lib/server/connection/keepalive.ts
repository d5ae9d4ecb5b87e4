/** Finds connections whose peer has gone without a word, or comes to no end, for a whole registration with one timer. */

/** What the keepalive needs of a connection. */
export interface WatchedConnection {
  /** Called at each sweep. @param ms - since the last one */
  swept (ms: number): void
  /** Sweeps since the peer was last heard. The connection sets it to 0 with every sign of life that counts. */
  quiet: number
  /** Whether input is read. While the connection itself has paused it, silence says nothing, and pings go on. */
  readonly isReading: boolean
  /** Asks the peer for a sign of life. */
  ping (): void
  /** Whether the peer is still taking what was sent before the ping: see `Outbox.progressed`. */
  progressed (): boolean
  /** No sign of life came in time: the peer is dead. Called once. */
  pingTimedOut (): void
}

export interface KeepaliveOptions {
  /** Quiet time in ms before a ping, more than 0; `null`: no pings. */
  readonly pingDelay: number | null
  /** Wait in ms for any traffic after it, more than 0. */
  readonly pingTimeout: number
}

/** The clock; another one in tests. */
export interface SweepTimers {
  setInterval (callback: () => void, delay: number): { unref? (): unknown }
  clearInterval (timer: unknown): void
}

/** Sweeps in the shorter of the two times, and at least one a second: by one sweep a verdict may come late. */
const sweepsPerTime = 8
const longestInterval = 1000

/**
 * ```
 * heard     quiet > pingDelay            > pingTimeout more
 *   │ ─ ─ ─ ─ ─ ─ ─ ─ ─ ▶ ping ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ▶ dead
 *   └──◀── a sign of life ─────┘◀─────────────────────┘
 * ```
 *
 * Time is counted in sweeps and not read from a clock: a sign of life costs one store, and a process that was
 * stopped or slept does not take its own absence for silence of all its peers, since missed sweeps are not made up for.
 */
export class Keepalive {
  readonly #connections: Iterable<WatchedConnection>
  readonly #timers: SweepTimers
  readonly #interval: number
  /** Sweeps of silence after which a ping goes; and after which the peer is dead. */
  readonly #pingAt: number
  readonly #deadAt: number
  #timer: ReturnType<SweepTimers['setInterval']> | undefined

  /** @param connections - the live collection of all connections; it is read at every sweep */
  constructor (
    connections: Iterable<WatchedConnection>,
    options: KeepaliveOptions,
    timers: SweepTimers = globalThis as unknown as SweepTimers
  ) {
    const { pingDelay, pingTimeout } = options
    this.#connections = connections
    this.#timers = timers
    const delay = pingDelay ?? Infinity
    this.#interval = Math.min(Math.max(Math.floor(Math.min(delay, pingTimeout) / sweepsPerTime), 1), longestInterval)
    // The last sign came at some time before the first sweep that counts, so one more makes sure of the whole delay.
    this.#pingAt = pingDelay === null ? Infinity : Math.ceil(delay / this.#interval) + 1
    this.#deadAt = this.#pingAt + Math.ceil(pingTimeout / this.#interval)
  }

  /** To be called with every new connection: starts the timer, which stops by itself when there are none. */
  watch (): void {
    if (this.#timer !== undefined) return
    this.#timer = this.#timers.setInterval(() => this.#sweep(), this.#interval)
    this.#timer.unref?.()
  }

  /** Stops for good or until the next `watch`. */
  stop (): void {
    if (this.#timer === undefined) return
    this.#timers.clearInterval(this.#timer)
    this.#timer = undefined
  }

  #sweep (): void {
    let alone = true
    for (const connection of this.#connections) {
      alone = false
      connection.swept(this.#interval)
      const quiet = ++connection.quiet
      if (quiet < this.#pingAt) continue
      if (quiet === this.#pingAt) connection.ping()
      else if (quiet === this.#deadAt) {
        // a slow one that is still taking a long message has not seen the ping yet
        if (connection.progressed()) connection.quiet = this.#pingAt
        else if (connection.isReading) connection.pingTimedOut()
        else {
          // its answer cannot be read; but what is written to a peer that has gone fails, the second time at the latest
          connection.quiet = this.#pingAt
          connection.ping()
        }
      }
    }
    if (alone) this.stop()
  }
}
