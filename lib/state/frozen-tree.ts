/**
 * A live JSON tree for a reader's copy: plain containers changed in place, except those that somebody holds.
 *
 * Whatever is handed out is frozen, and that is also how it is known: a write copies what is frozen on its way, once,
 * and changes the rest where it stands. So a snapshot is safe from everybody, and a write pays for its depth.
 */
import type { JsonArray, JsonObject, JsonValue, PathKey } from '../../types/json.ts'
import type { PatchTarget } from './apply.ts'
import type { Slots } from './containers.ts'
import { freeze, member, reach } from './containers.ts'

function thawed (container: JsonObject | JsonArray): JsonObject | JsonArray {
  if (!Object.isFrozen(container)) return container
  return Array.isArray(container) ? container.slice() : { ...container }
}

export interface FrozenTree extends PatchTarget {
  /** Runs edits that all happen or, when one of them throws, none. */
  atomically (edits: () => unknown): void
  /** How often that was done. */
  revision: number
}

export function createFrozenTree (): FrozenTree {
  /** The root is a member as well, so that it is no exception. */
  const holder: Slots = { '': null }
  let undo: Array<() => void> = []

  const tree: FrozenTree = {
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
        const own = thawed(child)
        // In a wide object a write costs more than the comparison.
        if (own !== child) parent[step] = own
        parent = own as Slots
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
