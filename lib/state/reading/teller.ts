/** Calls listeners, never awaited: everybody hears everything, in the order in which it happened. */
import { refuse } from '../../refuse.ts'
import { reportError } from './report.ts'

export type Listener<A extends unknown[]> = (...args: A) => unknown

/** @throws JugglerClientError `JUGGLER_OPTION_INVALID` */
export function checkListener (listener: unknown, name = 'a listener'): void {
  if (typeof listener !== 'function') refuse(name, listener, 'a function')
}

export interface Teller {
  /** Calls each. What one of them has told itself comes when this has reached everybody. */
  tell<A extends unknown[]> (listeners: ReadonlyArray<Listener<A>>, args: A): void
  /** Hands an error to `onError`; where that throws, or rejects, the platform hears of it. It never throws itself. */
  report (error: unknown): void
}

/**
 * @param onError - called with what a listener throws, or a promise of it rejects with
 * @throws JugglerClientError `JUGGLER_OPTION_INVALID`
 */
export function createTeller (onError: (error: unknown) => void): Teller {
  checkListener(onError, 'onError')
  /** The one that is under way, and those that its listeners have caused. */
  let rounds: Array<() => void> = []

  const call = <A extends unknown[]>(listener: Listener<A>, args: A, report: (error: unknown) => void) => {
    try {
      // A promise may be of any kind, and of another page.
      (listener(...args) as Partial<PromiseLike<unknown>> | undefined)?.then?.(undefined, report)
    } catch (error) {
      report(error)
    }
  }
  const report = (error: unknown) => call(onError, [error], reportError)

  return {
    report,

    tell (listeners, args) {
      const first = rounds.push(() => {
        for (const listener of listeners) call(listener, args, report)
      }) === 1
      if (!first) return
      for (const round of rounds) round()
      rounds = []
    }
  }
}
