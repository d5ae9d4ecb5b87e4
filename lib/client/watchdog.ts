/** Notices that the peer is gone: probes it after quiet time, and takes it for dead when nothing comes. */

/** A timer that is late by more than its slice and this much (ms) says that the machine slept. */
const jump = 1000

/** A wait is cut into this many timers, and each counts for no more than it was set for. */
const slices = 4

export interface Watchdog {
  /** From now on the peer has `limit` ms to say something. */
  expect (limit: number): void
  /** Something came in. Called for every frame, so it costs next to nothing. */
  heard (): void
  /** The machine may have slept: asks at once. A peer that is asked already gets no more time by it. */
  wake (): void
  stop (): void
}

/**
 *   inbound     quiet for `quiet`      nothing for `timeout`
 *   |<-----------------+------------------------------>|
 *                      probe                            dead
 *
 * Timers come late in background tabs (once a minute), in a process that was busy, after a laptop slept. What came in
 * meanwhile is often still unread then. So silence is counted in slices: however late a timer comes, it counts for
 * the time that it was set for, and between two slices there is a chance to hear the peer.
 *
 * @param quiet - ms of silence before a probe; null: none is sent
 * @param timeout - ms of silence after a probe
 * @param onQuiet - asks the peer for something, so that it has a reason to speak
 * @param onDead - nothing came in time
 */
export function createWatchdog (
  quiet: number | null,
  timeout: number,
  onQuiet: () => void,
  onDead: () => void
): Watchdog {
  let timer: ReturnType<typeof setTimeout> | undefined
  /** How long to wait for the peer before it is dead; 0 while nothing is asked of it. */
  let limit = 0
  let slice = 0
  let silence = 0
  let spoke = false
  let tickedAt = 0

  const stop = () => {
    clearTimeout(timer)
    timer = undefined
  }
  const arm = () => {
    stop()
    tickedAt = Date.now()
    timer = setTimeout(tick, slice)
    // In Node a timer would keep the process running. That is for the socket to decide.
    if (globalThis.process) (timer as { unref?: () => void }).unref?.()
  }
  const count = (time: number) => {
    silence = 0
    spoke = false
    slice = Math.ceil(time / slices)
    arm()
  }
  const expect = (time: number) => {
    limit = time
    count(time)
  }
  const probe = () => {
    expect(timeout)
    onQuiet()
  }
  const tick = () => {
    const late = Date.now() - tickedAt - slice
    silence = spoke ? 0 : silence + slice
    spoke = false
    if (silence < (limit || quiet!) && (limit || late <= slice + jump)) {
      arm()
    } else if (limit) {
      stop()
      onDead()
    } else {
      probe()
    }
  }

  return {
    expect,
    stop,
    heard: () => {
      spoke = true
      if (timer && !limit) return
      limit = 0
      if (quiet) count(quiet)
      else stop()
    },
    wake: () => {
      if (!quiet || !timer) return
      if (limit) onQuiet()
      else probe()
    }
  }
}
