/** A state that follows another one, fed by its patches: what a client keeps of its server's state. */
import type { JsonValue, Patch } from '../../types/json.ts'
import { adopt } from './adopt.ts'
import { applyOperations } from './apply.ts'
import { freeze } from './containers.ts'
import { createFrozenTree } from './frozen-tree.ts'
import { createListeners } from './listeners.ts'
import { Readable } from './readable.ts'

export interface Replica<T = JsonValue> {
  /** What readers get; writing is for whoever has the replica. */
  readonly state: Readable<T>
  /**
   * Applies a JSON Patch, all or nothing, as one change; an empty patch is a change as well.
   *
   * @param operations - untrusted; values become part of the state, so the caller keeps no reference
   * @throws JugglerStateError `JUGGLER_PATCH_INVALID`
   */
  follow (operations: readonly unknown[]): void
  /**
   * Replaces the whole state in one change. What is equal keeps its identity, and whoever watches it is not called.
   *
   * @param value - becomes part of the state, so the caller keeps no reference
   */
  replace (value: JsonValue): void
}

/** @param onError - called with what a listener throws */
export function createReplica<T = JsonValue> (onError: (error: unknown) => void): Replica<T> {
  const tree = createFrozenTree()
  const state = new Readable<T>(tree, createListeners(onError))

  /** @param edits - adds the places that it changes, and says what it did as a patch */
  const change = (edits: (places: Set<string>) => Patch) => {
    const places = new Set<string>()
    let patch!: Patch
    tree.atomically(() => { patch = edits(places) })
    state.announce(patch, places)
  }

  return {
    state,

    follow: (operations) => change((places) => {
      // What listeners get, they may keep.
      freeze(operations)
      applyOperations(tree, operations, places)
      return operations as Patch
    }),

    replace: (value) => change((places) => {
      tree.edit([], adopt(tree.root, value, places))
      return places.size > 0 ? [{ op: 'replace', path: '', value: tree.share([])! }] : []
    })
  }
}
