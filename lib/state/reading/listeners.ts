/** Listeners, of everything or of single places, called in the order of registration and never awaited. */
import { parentOf } from '../../json/pointer.ts'
import { checkListener, createTeller } from './teller.ts'
import type { Listener } from './teller.ts'

export interface Listeners<A extends unknown[]> {
  /**
   * @param pointer - changes at, above or below it concern the listener; '' is everything
   * @returns a function that ends the subscription; one function may be subscribed more than once
   * @throws JugglerClientError `JUGGLER_OPTION_INVALID`
   */
  add (listener: Listener<A>, pointer?: string): () => void
  /**
   * Calls those whom changes at these places concern, and those who listen to everything.
   *
   * @param places - JSON Pointers; default: everything
   */
  emit (args: A, places?: ReadonlySet<string>): void
  /** Hands an error to `onError`. It never throws itself. */
  report (error: unknown): void
}

/** Adds a JSON Pointer and all those above it, up to the first that is there already. */
function climb (pointer: string, known = new Set<string>()): Set<string> {
  for (; !known.has(pointer); pointer = parentOf(pointer)) known.add(pointer)
  return known
}

/**
 * A plain list: a change costs a look at every listener, which is little for the screens that a client has.
 *
 * @param onError - called with what a listener throws, or a promise of it rejects with
 * @throws JugglerClientError `JUGGLER_OPTION_INVALID`
 */
export function createListeners<A extends unknown[]> (onError: (error: unknown) => void): Listeners<A> {
  const { tell, report } = createTeller(onError)
  /** Each with its pointer and those above it. */
  const entries = new Set<readonly [listener: Listener<A>, pointers: readonly string[]]>()
  return {
    report,

    add (listener, pointer = '') {
      checkListener(listener)
      const entry = [listener, [...climb(pointer)]] as const
      entries.add(entry)
      return () => { entries.delete(entry) }
    },

    emit (args, at = new Set([''])) {
      const above = climb('')
      // A large part that changed has many places; who listens to everything need not wait for what is above them.
      if ([...entries].some(([, [pointer]]) => pointer)) for (const place of at) climb(place, above)
      const isConcerned = (pointers: readonly string[]) => above.has(pointers[0]!) || pointers.some((pointer) => at.has(pointer))
      tell([...entries].flatMap(([listener, pointers]) => isConcerned(pointers) ? listener : []), args)
    }
  }
}
