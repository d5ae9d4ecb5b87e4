/** A state that follows another one, fed by its patches: what a client keeps of its server's state. */
import type { JsonValue, Patch } from '../../../types/json.ts'
import { JugglerStateError } from '../../errors.ts'
import { applyOperations } from '../patching/apply.ts'
import { isDeeperThan, maxDepth } from '../patching/extent.ts'
import { freeze, reach } from '../../json/containers.ts'
import { digest } from '../../json/digest.ts'
import { createReplicaTree } from './replica-tree.ts'
import { createListeners } from '../reading/listeners.ts'
import { placeOf } from '../reading/path.ts'
import { Readable } from '../reading/readable.ts'

export interface Replica<T = JsonValue> {
  /** What readers get; writing is for whoever has the replica. */
  readonly state: Readable<T>
  /**
   * Applies a JSON Patch, all or nothing, as one change; an empty patch is a change as well. What a `replace` leaves
   * equal keeps its identity, and whoever watches it is not called.
   *
   * @param operations - untrusted; values become part of the state, so the caller keeps no reference
   * @throws JugglerStateError `JUGGLER_PATCH_INVALID`
   */
  follow (operations: readonly unknown[]): void
  /**
   * Whether what is at a place is what a server says.
   *
   * @param check - a JSON Pointer, the digest, and which members count, as `digest` takes it
   * @throws JugglerStateError `JUGGLER_PATH_INVALID`, TypeError: it is no check
   */
  agrees (check: unknown): boolean
}

/** @param onError - called with what a listener throws */
export function createReplica<T = JsonValue> (onError: (error: unknown) => void): Replica<T> {
  const tree = createReplicaTree()
  const state = new Readable<T>(tree, createListeners(onError))
  return {
    state,

    follow (operations) {
      // Before anything else: what walks over a value does so by recursion.
      if (isDeeperThan(maxDepth + 2, operations)) {
        throw new JugglerStateError('JUGGLER_PATCH_INVALID', `a state may have at most ${maxDepth} levels`)
      }
      const places = new Set<string>()
      // What listeners get, they may keep.
      freeze(operations)
      tree.atomically(() => applyOperations(tree, operations, places))
      state.announce(operations as Patch, places)
    },

    agrees (check) {
      const [pointer, expected, part, parts] = check as [string, number, number?, number?]
      const keys = placeOf(tree.root, pointer)
      return !!keys && digest(reach(tree.root, keys)!, part, parts) === expected
    }
  }
}
