/** Promises that nobody has to look at. */

/** The promise; where it rejects and nobody looks at it, no unhandled rejection ends the process. */
export function quiet<T> (promise: Promise<T>): Promise<T> {
  promise.catch(() => {})
  return promise
}
