/** Makes a store of any state: of what other stores than ours hold, a copy that follows it. */
import type { JsonValue } from '../../../types/json.ts'
import type { ReadableState } from '../../../types/state.ts'
import { applyOperations } from '../../state/patching/apply.ts'
import { Readable } from '../../state/reading/readable.ts'
import { Store } from '../../state/store/store.ts'

const mirrors = new WeakMap<ReadableState<unknown>, Store<unknown>>()

/**
 * The store itself; for a client's state, another implementation or another copy of this package, a store that mirrors
 * it for as long as it lives.
 */
export function storeOf (state: ReadableState<unknown>): Store<unknown> {
  if (state instanceof Store) return state
  let mirror = mirrors.get(state)
  if (mirror === undefined) {
    mirror = new Store<unknown>(copy(state.data))
    mirrors.set(state, mirror)
    follow(mirror, state)
  }
  return mirror
}

function follow (mirror: Store<unknown>, state: ReadableState<unknown>): void {
  let known = state.revision
  const takeData = () => {
    known = state.revision
    mirror.replace(copy(state.data))
  }
  // A client's patches are known to be right. Others may not be what ours are, and their data is the truth.
  state.onChange(!(state instanceof Readable)
    ? takeData
    : ({ patch, revision }) => {
        if (revision <= known) return
        if (patch.some(({ path }) => path === '')) {
          takeData()
        } else {
          mirror.commit((tree) => {
            applyOperations(tree, copy(patch) as unknown[])
            return true
          })
        }
      })
}

// What a store is given becomes part of it.
const copy = (value: unknown): JsonValue => JSON.parse(JSON.stringify(value ?? null)) as JsonValue
