/**
 * Which containers of a live tree a snapshot still shares, so that a write copies those, once, and no others.
 *
 * The record is a trie over paths, not a mark on each container: taking a snapshot is one mark at its path however
 * large the value is, and a write pays for its depth. Where the trie cannot follow (an array's elements shift) it
 * says "shared" too often, never too seldom: the price is one more copy.
 */
import type { JsonValue, PathKey } from '../../../types/json.ts'
import { freeze } from '../../json/containers.ts'

export class SharingNode {
  /** Whether a snapshot shares this container. */
  self: boolean
  /** What holds for children that have no node of their own. */
  #rest: boolean
  #kids: Map<PathKey, SharingNode> | undefined

  constructor (shared = false) {
    this.self = shared
    this.#rest = shared
  }

  /** The node of a child, or undefined where nothing from there on is shared. */
  child (key: PathKey): SharingNode | undefined {
    const kid = this.#kids?.get(key)
    return kid === undefined && this.#rest ? this.#put(key, true) : kid
  }

  /** A snapshot was taken at a path: all below is shared. */
  mark (keys: readonly PathKey[], length: number): void {
    let node: SharingNode = this
    for (let i = 0; i < length; i++) {
      const key = keys[i]!
      node = node.#kids?.get(key) ?? node.#put(key, node.#rest)
    }
    node.self = true
    node.#rest = true
    node.#kids = undefined
  }

  /** A value was put at a child's place; `shared` if something else holds it as well. */
  written (key: PathKey, container: boolean, shared: boolean): void {
    if (container && shared !== this.#rest) this.#put(key, shared)
    else this.#kids?.delete(key)
  }

  /** The container is this tree's own again, but its elements are shared, or have shifted. */
  reordered (shared: boolean): void {
    this.#rest ||= shared || this.#kids !== undefined
    this.#kids = undefined
  }

  #put (key: PathKey, shared: boolean): SharingNode {
    const kid = new SharingNode(shared)
    this.#kids ??= new Map()
    this.#kids.set(key, kid)
    return kid
  }
}

/** Whether containers handed out are frozen: everywhere but in production, where a snapshot must cost nothing. */
const freezing = (globalThis as { process?: { env?: Record<string, string | undefined> } }).process?.env?.NODE_ENV !== 'production'

/** Freezes what is about to be shared, so that whoever would change it learns of it at once. */
export function freezeUnlessProduction (value: JsonValue | undefined | JsonValue[]): void {
  if (freezing) freeze(value)
}
