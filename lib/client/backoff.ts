/** How long to wait before the next attempt: exponential backoff with jitter, slower for clients that were shut out. */
import * as closeCodes from '../protocol/close-codes.ts'
import { afterClose } from './after-close.ts'

/** A connection that lasted this long (ms) counts as healthy: the next wait is as short as the first. */
export const stableAfter = 5000

/** How many steps a server that is overloaded (close code 4429) pushes the waits up. */
export const overloadSteps = 3

/**
 * Bounds (ms) of the wait of a client whose credentials are no longer valid (close code 4401). Somebody has to mend a
 * file, or to log in, before it can help to try again.
 */
export const refusedAfter = 30_000
const refusedLongest = 300_000

export interface Backoff {
  /**
   * To be told of every connection, and every attempt, that has ended.
   *
   * @param opened - it was open for use
   * @param lasted - it was open for `stableAfter` at least
   */
  ended (code: number, opened: boolean, lasted: boolean): void
  /** The next wait (ms). It is random, so that clients that lost one server together do not come back together. */
  next (): number
  /** The wait (ms) of a client that has a reason to try soon: the network is back, or somebody looks at the page. */
  soon (): number
  /** How long (ms) it is too early to try, whatever the reason; at most 0: it is not. */
  tooEarly (): number
}

/** @param settings - the bound of a wait doubles with each, from `minDelay` up to `maxDelay` (ms) */
export function createBackoff (settings: { readonly minDelay: number, readonly maxDelay: number }): Backoff {
  /** Waits since a connection lasted. */
  let waits = 0
  /** Waits since the server said that the credentials are no longer valid; undefined: it has not. */
  let refusals: number | undefined
  /** When the server said so last, or was asked again; by the wall clock. */
  let refusedAt = -Infinity

  const upTo = (steps: number) => Math.random() * Math.min(settings.maxDelay, settings.minDelay * 2 ** steps)
  // A clock that was set back meanwhile says nothing: an hour back would be an hour more to wait.
  const tooEarly = () => Date.now() < refusedAt ? 0 : refusedAt + refusedAfter - Date.now()

  return {
    tooEarly,

    ended (code, opened, lasted) {
      if (lasted) {
        waits = 0
        if (refusals) refusals = 0
      }
      if (afterClose[code] === 'later') waits += overloadSteps
      if (code === closeCodes.unauthorized.code) {
        refusals ??= 0
        refusedAt = Date.now()
      } else if (opened) {
        refusals = undefined
      }
    },

    next () {
      if (refusals === undefined) return upTo(waits++)
      const least = Math.min(refusedLongest / 2, refusedAfter * 2 ** refusals++)
      refusedAt = Date.now()
      return least * (1 + Math.random())
    },

    soon: () => Math.max(upTo(0), tooEarly())
  }
}
