/** What keeps the state of a client beyond the page: `fastify-juggler/storage`. Durations are milliseconds, sizes bytes. */
import type { ClientStatus } from './client.ts'
import type { JsonValue } from './json.ts'
import type { CloseInfo } from './protocol.ts'
import type { ReadableState } from './state.ts'

/** Keeps texts under keys: at once or with promises. What it throws, or rejects with, is taken as "not kept". */
export interface TextStore {
  get (key: string): string | null | undefined | Promise<string | null | undefined>
  set (key: string, text: string): unknown
  remove (key: string): unknown
  /**
   * Replaces a text by what `change` makes of it, with no other writer between; `undefined` leaves it. Without this
   * method `get` and `set` are called one after the other.
   */
  update? (key: string, change: (text: string | null | undefined) => string | undefined): unknown
}

export interface StateStorageOptions {
  /**
   * Names the item. For addresses that are other ones each time, as signed ones are. @defaultValue made of the first
   * address: its origin and path, and a digest of its query, which may be secret
   */
  key?: string | undefined
  /** Whose state it is. What was kept for somebody else is removed, not shown. @defaultValue nobody's */
  user?: string | undefined
  /** Least time between two writes, in milliseconds, 1 to 2147483647. @defaultValue `5000` */
  interval?: number | undefined
  /** Largest text that is kept, in bytes, two for each UTF-16 code unit. @defaultValue `4194304` */
  maxBytes?: number | undefined
  /** How long in milliseconds a client waits for the store before it connects without, 0 to 2147483647. @defaultValue `200` */
  patience?: number | undefined
}

/** What a client tells its storage. @internal */
export interface StorageHost {
  /** The first address. */
  readonly url: URL
  readonly state: ReadableState<unknown>
  /** Where the state stands: epoch and revision as in a query, '' where nobody knows; and the epoch that was named last, if any. */
  at (): [place: string, epoch: unknown]
  /** The parts of the state that are asked for, and those that the state is of, as JSON Pointers; nullish: all. */
  paths (): [asked: readonly string[] | null | undefined, covered: readonly string[] | null | undefined]
  onStatus (listener: (status: ClientStatus, info?: CloseInfo) => void): () => void
  /** Set by the storage: is told what keeps the client from its server. */
  onTrouble?: (error: unknown) => void
  /**
   * Shows a state that was kept, unless the server has told one already.
   *
   * @param at - where it stands
   * @throws JugglerStateError it cannot be a state
   */
  restore (state: JsonValue, at: string): void
}

/**
 * Goes to `connect` as its option `storage`; made by `stateStorage`. Resolves when what was kept is shown, or is not to
 * be waited for.
 */
export type StateStorage = (host: StorageHost) => Promise<void>
