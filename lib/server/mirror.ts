/** Makes a store of any state: of what other stores than ours hold, a copy that follows it. */
import type { JsonValue } from '../../types/json.ts'
import type { ReadableState } from '../../types/state.ts'
import { Store } from '../state/store.ts'

const mirrors = new WeakMap<ReadableState<unknown>, Store<unknown>>()

/** Whether something can serve as the option `state`, whoever made it. */
export function isReadableState (value: unknown): value is ReadableState<unknown> {
  if (typeof value !== 'object' || value === null) return false
  const { get, onChange } = value as Partial<ReadableState<unknown>>
  return 'data' in value && typeof get === 'function' && typeof onChange === 'function'
}

/**
 * The store itself; for another implementation, or another copy of this package, a store that mirrors it for as long
 * as it lives.
 */
export function storeOf (state: ReadableState<unknown>): Store<unknown> {
  if (state instanceof Store) return state
  let mirror = mirrors.get(state)
  if (mirror === undefined) {
    mirror = new Store<unknown>(copy(state.data))
    mirrors.set(state, mirror)
    state.onChange(follow.bind(undefined, mirror, state))
  }
  return mirror
}

/** The patch may not be what ours are; the data is the truth. */
function follow (mirror: Store<unknown>, state: ReadableState<unknown>): void {
  mirror.replace(copy(state.data))
}

// What a store is given becomes part of it.
const copy = (value: unknown): JsonValue => JSON.parse(JSON.stringify(value ?? null)) as JsonValue
