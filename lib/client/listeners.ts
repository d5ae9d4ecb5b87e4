/** A list of listeners, called in order and never awaited; one that throws stops nobody. */
import { refuse } from './options.ts'

export type Listener<A extends unknown[]> = (...args: A) => unknown

export class Listeners<A extends unknown[]> {
  readonly #report: (error: unknown) => void
  #list: ReadonlyArray<{ listener: Listener<A> }> = []

  /** @param report - called with what a listener throws, or a promise of it rejects with */
  constructor (report: (error: unknown) => void) {
    this.#report = report
  }

  /**
   * @returns a function that ends the subscription; one function may be subscribed more than once
   * @throws JugglerClientError `JUGGLER_OPTION_INVALID`
   */
  add (listener: Listener<A>): () => void {
    if (typeof listener !== 'function') refuse('a listener', listener, 'a function')
    const entry = { listener }
    this.#list = [...this.#list, entry]
    return () => { this.#list = this.#list.filter((other) => other !== entry) }
  }

  /** Those subscribed now are called; who comes or goes meanwhile counts from the next time. */
  emit (...args: A): void {
    for (const { listener } of this.#list) {
      try {
        const result: unknown = listener(...args)
        if (result instanceof Promise) result.catch(this.#report)
      } catch (error) {
        this.#report(error)
      }
    }
  }
}
