/** Options of `derive`. */
import type { DeepReadonly, JsonValue, Path } from './json.ts'
import type { ReadAt } from './paths.ts'

export interface DeriveOptions {
  /**
   * Places of the source that the function looks at: it is called where a change concerns one of them.
   * @defaultValue the whole
   */
  paths?: readonly Path[]
  /** Called with what the function throws. @defaultValue `reportError` where there is one, else a process warning */
  onError?: (error: unknown) => void
}

export interface DeriveEachOptions<P extends Path = Path> extends Omit<DeriveOptions, 'paths'> {
  /** An object of the source: the function is called for its members, and what it returns has the same names. */
  each: P
}

/** What the members of the object at a path are, where the type of the state says it and the path is a literal. */
export type MemberAt<S, P> = ReadAt<S, P> extends infer V
  ? JsonValue extends V ? DeepReadonly<JsonValue> : Exclude<V, null> extends infer O extends object ? O[keyof O] : DeepReadonly<JsonValue>
  : never
