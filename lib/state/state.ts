/** The state that its owner writes: the store with `set`, `remove`, `patch` and `update`. */
import type { Operation } from 'fast-json-patch'
import jsonpatch from 'fast-json-patch'
import type { JsonObject, JsonValue, Path, PathKey } from '../../types/json.ts'
import type { State } from '../../types/state.ts'
import { JugglerStateError } from '../errors.ts'
import { formatPointer as pointerOf, parsePointer } from '../json/pointer.ts'
import { applyOperations } from './patching/apply.ts'
import { maxDepth } from './patching/extent.ts'
import { checkedCopy } from './store/checked-copy.ts'
import { draftOf } from './drafts/draft.ts'
import { mergeAt, trusted } from './store/merge.ts'
import { indexIn, keysOf, placeOf } from './reading/path.ts'
import type { StoreOptions } from './store/store.ts'
import { Store } from './store/store.ts'
import type { StoreTree } from './store/store-tree.ts'

/** How far beyond the end of an array an index may lie; the gap is filled with null. */
export const maxPadding = 65536

class OwnedState<T> extends Store<T> implements State<T> {
  #drafting = false

  set (path: Path, value: unknown): void {
    const keys = keysOf(path)
    if (keys.length > maxDepth) throw new JugglerStateError('JUGGLER_PATH_INVALID', `a path may have at most ${maxDepth} keys`)
    this.#write((tree) => setAt(tree, keys, typeof path === 'string', value))
  }

  remove (path: Path): void {
    this.#write((tree) => {
      const place = placeOf(tree.root, path)
      if (place === undefined || (place.length === 0 && tree.root === null)) return false
      tree.edit(place, undefined)
      return true
    })
  }

  patch (operations: readonly unknown[]): void {
    const checked = checkedOperations(operations)
    if (checked.length === 0) return
    this.#write((tree) => {
      tree.atomically(() => applyOperations(tree, checked))
      return true
    })
  }

  update (recipe: (draft: T) => unknown): void {
    this.#refuseWhileDrafting()
    const draft = draftOf(this.tree.root)
    this.#drafting = true
    try {
      const result = recipe(draft.value as T)
      if (result instanceof Promise) {
        result.catch(() => {})
        const reason = 'the recipe of update() returned a promise: it must change the draft before it returns'
        throw new JugglerStateError('JUGGLER_VALUE_INVALID', reason)
      }
      this.commit((tree) => draft.commit(tree))
    } finally {
      this.#drafting = false
      draft.end()
    }
  }

  #write (writes: (tree: StoreTree) => boolean): void {
    this.#refuseWhileDrafting()
    this.commit(writes)
  }

  #refuseWhileDrafting (): void {
    if (this.#drafting) throw new JugglerStateError('JUGGLER_STATE_BUSY', 'the state is being changed by update(): change the draft instead')
  }
}

/**
 * A JSON state for the plugin's option `state`.
 *
 * @param initial - any JSON value; it is copied. Default `null`
 * @param options - `onError`: called with what a listener throws
 * @throws JugglerStateError `JUGGLER_VALUE_INVALID` naming the place that JSON cannot carry
 * @example
 * const plant = createState({ pumps: {} })
 * plant.set('/pumps/7/speed', 1450)
 */
export function createState<T = JsonValue> (initial: T | null = null, options: StoreOptions = {}): State<T> {
  return new OwnedState<T>(checkedCopy(initial, []), options)
}

/** Sets a value at a path, making what is missing on the way. Returns whether anything changed. */
function setAt (tree: StoreTree, keys: readonly PathKey[], pointer: boolean, value: unknown): boolean {
  const place: PathKey[] = []
  let before: JsonValue = tree.root
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i]!
    // Null counts as missing: everything from here on is built around the value, in one write.
    if (before === null) return mergeAt(tree, place, built(keys, i, checkedCopy(value, [...keys])), trusted, before)
    if (Array.isArray(before)) {
      const index = indexIn(before.length, key, pointer)
      if (!(index >= 0)) wrongParent(keys, i, 'an array')
      if (index >= before.length) {
        if (index > before.length + maxPadding) tooFar(keys, i)
        const filling: JsonValue[] = new Array(index - before.length).fill(null)
        tree.splice(place, before.length, 0, [...filling, built(keys, i + 1, checkedCopy(value, [...keys]))])
        return true
      }
      place.push(index)
      before = before[index]!
    } else {
      if (typeof before !== 'object') wrongParent(keys, i, `a ${typeof before}`)
      if (typeof key !== 'string') wrongParent(keys, i, 'an object')
      if (key === '__proto__') invalidKey(keys)
      place.push(key)
      if (!Object.hasOwn(before, key)) {
        tree.write(place, built(keys, i + 1, checkedCopy(value, [...keys])))
        return true
      }
      before = before[key]!
    }
  }
  return mergeAt(tree, place, value, checkedCopy, before)
}

/** The containers that the keys from a position on ask for, around a value. */
function built (keys: readonly PathKey[], from: number, value: JsonValue): JsonValue {
  for (let i = keys.length - 1; i >= from; i--) {
    const key = keys[i]!
    if (typeof key === 'number') {
      if (key < 0) wrongParent(keys, i, 'an empty array')
      if (key > maxPadding) tooFar(keys, i)
      value = [...new Array<null>(key).fill(null), value]
    } else {
      if (key === '__proto__') invalidKey(keys)
      const container: JsonObject = { [key]: value }
      value = container
    }
  }
  return value
}

/** Checks the shape of operations from the state's owner and copies their values. */
function checkedOperations (operations: readonly unknown[]): unknown[] {
  if (!Array.isArray(operations)) throw new JugglerStateError('JUGGLER_PATCH_INVALID', 'a patch is an array of operations')
  const checked = (operations as Operation[]).map((operation) => {
    const { value, path } = Object(operation) as { value?: unknown, path?: unknown }
    if (value === undefined || typeof path !== 'string') return operation
    // where the value will stand, or about there: what is no pointer is refused below
    return { ...operation, value: checkedCopy(value, parsePointer(path) ?? []) } as Operation
  })
  const fault = jsonpatch.validate(checked)
  if (fault) throw new JugglerStateError('JUGGLER_PATCH_INVALID', `operation ${fault.index}: ${fault.name}`)
  return checked
}

function wrongParent (keys: readonly PathKey[], position: number, kind: string): never {
  const path = pointerOf(keys.slice(0, position))
  throw new JugglerStateError('JUGGLER_PATH_TYPE', `what stands at ${path || 'the root'} is ${kind} and has no place for ${JSON.stringify(keys[position])}`, path)
}

function tooFar (keys: readonly PathKey[], position: number): never {
  const path = pointerOf(keys.slice(0, position + 1))
  throw new JugglerStateError('JUGGLER_PATH_INVALID', `an index may be at most the length plus ${maxPadding} (at ${path})`, path)
}

function invalidKey (keys: readonly PathKey[]): never {
  const path = pointerOf(keys)
  throw new JugglerStateError('JUGGLER_PATH_INVALID', `a member called __proto__ is refused (at ${path})`, path)
}
