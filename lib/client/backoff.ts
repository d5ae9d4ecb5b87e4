/** How long to wait before the next attempt: exponential backoff with full jitter. */

/** A connection that lasted this long (ms) counts as healthy: the next wait is as short as the first. */
export const stableAfter = 5000

/** How many steps a server that is overloaded (close code 4429) pushes the waits up. */
export const overloadSteps = 3

/**
 * A random wait (ms) up to a bound, so that clients that lost one server together do not come back together.
 *
 * @param failures - the bound doubles with each, from `minDelay` up to `maxDelay`
 */
export function backoff (settings: { readonly minDelay: number, readonly maxDelay: number }, failures: number): number {
  return Math.random() * Math.min(settings.maxDelay, settings.minDelay * 2 ** failures)
}
