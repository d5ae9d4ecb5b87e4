/** Options of `derive`. */
import type { Path } from './json.ts'

export interface DeriveOptions {
  /**
   * Places of the source that the function looks at: it is called where a change concerns one of them.
   * @defaultValue the whole
   */
  paths?: readonly Path[]
  /** Called with what the function throws. @defaultValue `reportError` where there is one, else a process warning */
  onError?: (error: unknown) => void
}

export interface DeriveEachOptions extends Omit<DeriveOptions, 'paths'> {
  /** An object of the source: the function is called for its members, and what it returns has the same names. */
  each: Path
}
