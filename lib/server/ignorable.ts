/** Promises that callers may drop. */

const noop = () => {}

/** Keeps a promise that nobody awaits from raising an unhandled rejection; awaited, it rejects as before. */
export function ignorable<T> (promise: Promise<T>): Promise<T> {
  promise.catch(noop)
  return promise
}
