/** The live JSON tree: plain objects and arrays changed in place, copied only where a snapshot shares them. */
import type { JsonArray, JsonObject, JsonValue } from '../../../types/json.ts'
import type { PatchTarget } from '../patching/apply.ts'
import type { Keys, Slots } from '../../json/containers.ts'
import type { Touches } from '../history/touches.ts'
import { copyOf, isContainer, member, valueAt } from '../../json/containers.ts'
import { freezeUnlessProduction, SharingNode } from './sharing.ts'

/** Learns what stood at each place before it changed, and when a change is whole. */
export interface Recorder {
  /** Whether what stood at this place is known already. */
  covers (keys: Keys): boolean
  /** What stood there; undefined: nothing did. The value does not change afterwards, except at places recorded before. */
  record (keys: Keys, before: JsonValue | undefined): void
  /** What stood there stands there again, in another container: for those who hold on to it. */
  moved? (keys: Keys, before: JsonValue): void
  /** All writes of one change are done. */
  committed (): void
  /** A change failed and its writes were taken back: what was recorded of it stands as it stood before. */
  undone (): void
}

/** One write, in the terms of JSON Patch; `value` is undefined for a removal. */
export interface Edit {
  readonly op: 'add' | 'remove' | 'replace'
  readonly keys: Keys
  readonly value: JsonValue | undefined
  /** Whether elements of an array shifted, so that all below the array changed. */
  readonly shifts: boolean
}

export class StoreTree implements PatchTarget {
  root: JsonValue
  /** Counts changes: whoever writes says when one is whole. */
  revision = 0
  /** Replaced, never changed: one may come or go while they are told. */
  recorders: readonly Recorder[] = []
  /** Where touched places are kept while somebody may ask for a patch from an older revision. */
  touches: Touches | undefined
  /** Where edits are logged while somebody wants to know them. */
  edits: Edit[] | undefined
  #sharing = new SharingNode()
  #undo: Array<() => void> | undefined

  constructor (root: JsonValue) {
    this.root = root
  }

  /** Hands out the value at a path: from now on a write there, or below, copies first. */
  share (keys: Keys): JsonValue | undefined {
    const value = valueAt(this.root, keys)
    if (isContainer(value)) {
      freezeUnlessProduction(value)
      this.#sharing.mark(keys, keys.length)
    }
    return value
  }

  /**
   * Puts a value at a place, or removes an object's member (undefined). The parent must exist and be of the right
   * kind; an array's index must exist.
   *
   * @param shared - something besides this tree holds the value, or parts of it
   */
  write (keys: Keys, value: JsonValue | undefined, shared = false): void {
    const logged = this.edits !== undefined && isContainer(value)
    if (logged) freezeUnlessProduction(value)
    const marked = shared || logged
    if (keys.length === 0) {
      this.#writeRoot(value ?? null, marked)
      return
    }
    const parent = this.#own(keys, keys.length - 1)
    const key = keys[keys.length - 1]!
    const container = parent.value as Slots
    const before = member(container, key)
    for (const recorder of this.recorders) recorder.record(keys, before)
    this.touches?.touch(keys, this.revision + 1)
    if (value === undefined) delete container[key]
    else container[key] = value
    if (marked && isContainer(value) && parent.node === undefined) this.#sharing.mark(keys, keys.length)
    else parent.node?.written(key, isContainer(value), marked)
    const op = value === undefined ? 'remove' : before === undefined ? 'add' : 'replace'
    this.edits?.push({ op, keys, value, shifts: false })
    this.#undo?.push(() => this.write(keys, before, true))
  }

  /** Removes elements of an array at an index and inserts others there. */
  splice (keys: Keys, index: number, remove: number, insert: JsonValue[], shared = false): void {
    const array = this.#ownArray(keys)
    const logged = this.edits !== undefined && insert.some(isContainer)
    if (logged) freezeUnlessProduction(insert)
    array.node?.reordered(shared || logged)
    if (array.node === undefined && (shared || logged)) {
      this.#sharing.mark(keys, keys.length)
      this.#own(keys, keys.length)
      this.splice(keys, index, remove, insert, shared)
      return
    }
    this.touches?.touch(keys, this.revision + 1)
    const removed = array.value.splice(index, remove, ...insert)
    if (this.edits !== undefined) {
      const place = (i: number) => [...keys, index + i]
      for (let i = 0; i < removed.length; i++) this.edits.push({ op: 'remove', keys: place(0), value: undefined, shifts: true })
      for (let i = 0; i < insert.length; i++) this.edits.push({ op: 'add', keys: place(i), value: insert[i], shifts: true })
    }
    this.#undo?.push(() => this.splice(keys, index, insert.length, removed, true))
  }

  edit (keys: Keys, value: JsonValue | undefined, adding = false, shared = false): boolean {
    const key = keys.at(-1)
    const shifts = typeof key === 'number' && (adding || value === undefined)
    if (shifts) this.splice(keys.slice(0, -1), key, adding ? 0 : 1, adding ? [value!] : [], shared)
    else this.write(keys, value, shared)
    return shifts
  }

  /** Runs writes that all happen or, when one of them throws, none. */
  atomically (writes: () => void): void {
    const undo: Array<() => void> = this.#undo = []
    const { edits } = this
    try {
      writes()
    } catch (error) {
      this.#undo = undefined
      this.edits = undefined
      for (let step = undo.pop(); step !== undefined; step = undo.pop()) step()
      throw error
    } finally {
      this.#undo = undefined
      this.edits = edits
    }
  }

  #writeRoot (value: JsonValue, shared: boolean): void {
    const before = this.root
    for (const recorder of this.recorders) recorder.record([], before)
    this.touches?.touch([], this.revision + 1)
    this.root = value
    this.#sharing = new SharingNode(shared)
    this.edits?.push({ op: 'replace', keys: [], value, shifts: false })
    this.#undo?.push(() => this.write([], before, true))
  }

  /** The container at a path, made this tree's own on the way, and its sharing node where something below is shared. */
  #own (keys: Keys, length: number): { value: JsonValue, node: SharingNode | undefined } {
    let node: SharingNode | undefined = this.#sharing
    if (node.self) {
      this.root = copyOf(this.root as JsonObject)
      node.self = false
    }
    let value = this.root
    for (let i = 0; i < length; i++) {
      const key = keys[i]!
      const parent = value as Slots
      value = parent[key]!
      node = node?.child(key)
      if (node?.self) {
        value = parent[key] = copyOf(value as JsonObject)
        node.self = false
      }
    }
    return { value, node }
  }

  /** An array that may be spliced: recorders keep the array as it was, and this tree goes on with a copy. */
  #ownArray (keys: Keys): { value: JsonArray, node: SharingNode | undefined } {
    if (this.recorders.some((recorder) => !recorder.covers(keys))) {
      const before = valueAt(this.root, keys)!
      this.#sharing.mark(keys, keys.length)
      for (const recorder of this.recorders) recorder.record(keys, before)
    }
    return this.#own(keys, keys.length) as { value: JsonArray, node: SharingNode | undefined }
  }
}
