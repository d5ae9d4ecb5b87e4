/** Contracts of the states that servers own and clients follow. */
import type { DeepReadonly, JsonValue, Patch, Path } from './json.ts'
import type { PathIn, ReadAt, ValueAt } from './paths.ts'

/** What a change listener receives. */
export interface StateChange<T = JsonValue> {
  /**
   * What changed, as JSON Patch from the previous revision; read-only. In a client the server's own operations, or after
   * a reconnect one `replace` of the root.
   */
  readonly patch: ReadonlyArray<Readonly<Patch[number]>>
  /** The revision that the change made. */
  readonly revision: number
  /** The store itself; reading `state.data` takes a snapshot, the event alone does not. */
  readonly state: ReadableState<T>
}

export type StateListener<T = JsonValue> = (change: StateChange<T>) => void

/** A JSON state that can be read and watched: what the plugin takes, and what a client feeds. */
export interface ReadableState<T = JsonValue> {
  /**
   * A snapshot of the whole state. It never changes afterwards: whatever it shares with the store is copied before
   * the next write there, once. Frozen unless `NODE_ENV` is `production`; a client's always.
   */
  readonly data: DeepReadonly<T>
  /** Counts changes, from 0. */
  readonly revision: number
  /**
   * The value at a path, as a snapshot of that subtree alone. A missing place reads as `null`; index -1 is the last
   * element of an array.
   *
   * Where the type of the state is known and the path is a literal, the value's type follows, and a path that leads
   * nowhere does not compile.
   *
   * @typeParam V - the type of the value: the caller's word, with which nothing is checked
   * @throws JugglerStateError `JUGGLER_PATH_INVALID`
   */
  get<V = never> (path: [V] extends [never] ? never : Path): NoInfer<DeepReadonly<V>>
  get<const P extends Path> (path: PathIn<T, P>): ReadAt<T, P>
  /**
   * The value at a path as JSON text, without taking a snapshot; a server's state keeps the text of the whole until the next change.
   *
   * @param path - default `''`, the whole state
   * @throws JugglerStateError `JUGGLER_PATH_INVALID`
   */
  stringify (path?: Path): string
  /**
   * Calls the listener after every change, synchronously, in order of registration. A listener that throws is
   * reported and stops nobody; a promise that it returns is not awaited. The method needs no `this`: it can be handed on as it is.
   *
   * @returns a function that ends the subscription
   * @throws JugglerClientError `JUGGLER_OPTION_INVALID` (the listener is no function)
   */
  onChange (this: void, listener: StateListener<T>): () => void
  /**
   * The same for changes at, above or below a path only. Which element is the last changes with the array: with -1 in the
   * path, that is every change of the array.
   *
   * @throws JugglerStateError `JUGGLER_PATH_INVALID`
   */
  onChange<const P extends Path> (this: void, path: PathIn<T, P>, listener: StateListener<T>): () => void
}

/** A state that its owner writes. Every method is all or nothing: what throws leaves the state as it was. */
export interface State<T = JsonValue> extends ReadableState<T> {
  /**
   * Sets the value at a path and makes missing containers on the way: in array paths the next key decides (string:
   * object, integer: array), in pointer strings always an object. `/-` appends. An index may be at most the length
   * plus 65,536, with null between. Setting an equal value is no change. Where the type of the state is known and the
   * path is a literal, a path that leads nowhere and a value of another type do not compile.
   *
   * @throws JugglerStateError `JUGGLER_PATH_INVALID`, `JUGGLER_PATH_TYPE` (a parent of the wrong kind),
   * `JUGGLER_VALUE_INVALID` (not JSON)
   */
  set<const P extends Path> (path: PathIn<T, P>, value: ValueAt<T, P>): void
  /** Removes what is at a path; what is missing is no change; the root becomes `null`. */
  remove<const P extends Path> (path: PathIn<T, P>): void
  /**
   * Applies a JSON Patch (RFC 6902).
   *
   * @throws JugglerStateError `JUGGLER_PATCH_INVALID` (with the operation's index), `JUGGLER_VALUE_INVALID`
   */
  patch (operations: readonly unknown[]): void
  /**
   * Calls the recipe with a draft of the state that may be changed like plain data; all of it is one change. What the
   * recipe returns is ignored, and what it throws undoes everything and is thrown again. A draft is dead afterwards.
   *
   * @throws JugglerStateError `JUGGLER_VALUE_INVALID` (not JSON, or the recipe returned a promise),
   * `JUGGLER_STATE_BUSY` (the recipe wrote to the state itself)
   * @example state.update((draft) => { draft.pumps[7].speed = 1450 })
   */
  update (recipe: (draft: T) => unknown): void
}
