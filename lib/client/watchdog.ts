/** Notices that the peer is gone: probes it after quiet time, and takes it for dead when nothing comes. */

/** The wall clock ran this much (ms) further than our timer was late: the machine slept. */
const jump = 1000

/** A wait is cut into this many timers, and each counts for no more than it was set for. */
const slices = 4

/**
 *   inbound     quiet for `quiet`      nothing for `timeout`
 *   |<-----------------+------------------------------>|
 *                      probe                            dead
 *
 * Timers come late in background tabs (once a minute), in a process that was busy, after a laptop slept. What came in
 * meanwhile is often still unread then. So silence is counted in slices: however late a timer comes, it counts for
 * the time that it was set for, and between two slices there is a chance to hear the peer.
 */
export class Watchdog {
  readonly #quiet: number | null
  readonly #timeout: number
  readonly #onQuiet: () => void
  readonly #onDead: () => void
  #timer: ReturnType<typeof setTimeout> | undefined
  /** How long to wait for the peer before it is dead; 0 while nothing is asked of it. */
  #limit = 0
  #slice = 0
  #silence = 0
  #heard = false
  #tickedAt = 0

  /**
   * @param quiet - ms of silence before a probe; null: none is sent
   * @param timeout - ms of silence after a probe
   * @param probe - asks the peer for something, so that it has a reason to speak
   * @param dead - nothing came in time
   */
  constructor (quiet: number | null, timeout: number, probe: () => void, dead: () => void) {
    this.#quiet = quiet
    this.#timeout = timeout
    this.#onQuiet = probe
    this.#onDead = dead
  }

  /** From now on the peer has `limit` ms to say something. */
  expect (limit: number): void {
    this.#limit = limit
    this.#count(limit)
  }

  /** Something came in. Called for every frame, so it costs next to nothing. */
  heard (): void {
    this.#heard = true
    if (this.#timer === undefined || this.#limit > 0) this.#rest()
  }

  /** The machine may have slept: asks at once, and gives the peer its whole time. */
  wake (): void {
    if (this.#quiet !== null && this.#timer !== undefined) this.#probe()
  }

  stop (): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  #probe (): void {
    this.expect(this.#timeout)
    this.#onQuiet()
  }

  /** Nothing is asked of the peer; waits for quiet time. */
  #rest (): void {
    this.#limit = 0
    if (this.#quiet === null) this.stop()
    else this.#count(this.#quiet)
  }

  #count (time: number): void {
    this.#silence = 0
    this.#heard = false
    this.#slice = Math.ceil(time / slices)
    this.#arm()
  }

  #arm (): void {
    this.stop()
    this.#tickedAt = Date.now()
    this.#timer = setTimeout(() => this.#tick(), this.#slice)
    // In Node a timer holds the process; whether it goes on is for the socket to say.
    ;(this.#timer as { unref?: () => void }).unref?.()
  }

  #tick (): void {
    const late = Date.now() - this.#tickedAt - this.#slice
    this.#silence = this.#heard ? 0 : this.#silence + this.#slice
    this.#heard = false
    if (this.#silence < (this.#limit || this.#quiet!) && (this.#limit > 0 || late <= this.#slice + jump)) {
      this.#arm()
    } else if (this.#limit === 0) {
      this.#probe()
    } else {
      this.stop()
      this.#onDead()
    }
  }
}
