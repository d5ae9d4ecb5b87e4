/**
 * A live JSON tree for a reader's copy: plain containers changed in place, except those that somebody holds.
 *
 * Whatever is handed out is frozen, and that is also how it is known: a write copies what is frozen on its way, once,
 * and changes the rest where it stands. So a snapshot is safe from everybody, and a write pays for its depth.
 */
import type { JsonArray, JsonObject, JsonValue, PathKey } from '../../../types/json.ts'
import type { PatchTarget } from '../patching/apply.ts'
import type { Slots } from '../../json/containers.ts'
import { copyOf, freeze, member, reach } from '../../json/containers.ts'

export interface ReplicaTree extends PatchTarget {
  /** Runs edits that all happen or, when one of them throws, none. */
  atomically (edits: () => unknown): void
  /** How often that was done. */
  revision: number
}

export function createReplicaTree (): ReplicaTree {
  /** The root is a member as well, so that it is no exception. */
  const holder: Slots = { '': null }
  let undo: Array<() => void> = []

  const tree: ReplicaTree = {
    revision: 0,

    get root () {
      return holder['']!
    },

    share: (keys) => freeze(reach(holder['']!, keys)),

    edit (keys, value, adding) {
      const place: PathKey[] = ['', ...keys]
      const key = place.pop()!
      const shifts = typeof key === 'number' && (adding || value === undefined)
      let parent = holder
      for (const step of place) {
        const child = parent[step] as JsonObject
        parent = (Object.isFrozen(child) ? parent[step] = copyOf(child) : child) as Slots
      }
      let before: JsonValue | undefined
      if (shifts) {
        const array = parent as unknown as JsonArray
        ;[before] = adding ? array.splice(key, 0, value!) : array.splice(key, 1)
      } else {
        before = member(parent, key)
        if (value === undefined && keys.length > 0) delete parent[key]
        else parent[key] = value ?? null
      }
      undo.push(() => tree.edit(keys, before, shifts && !adding))
      // Parts of it may live on in what stands here now: they change there in a copy.
      freeze(before)
      return !!shifts
    },

    atomically (edits) {
      try {
        edits()
        tree.revision++
      } catch (error) {
        for (const step of [...undo].reverse()) step()
        throw error
      } finally {
        undo = []
      }
    }
  }
  return tree
}
