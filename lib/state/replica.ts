/** A state that follows another one, fed by its patches: what a client keeps of its server's state. */
import type { JsonValue, Patch } from '../../types/json.ts'
import { adopt } from './adopt.ts'
import { applyOperations } from './apply.ts'
import { freeze } from './containers.ts'
import { createFrozenTree } from './frozen-tree.ts'
import { createListeners } from './listeners.ts'
import { Readable } from './readable.ts'

export class Replica<T = JsonValue> extends Readable<T> {
  readonly tree = createFrozenTree()

  /** @param onError - called with what a listener throws */
  constructor (onError: (error: unknown) => void) {
    super(createListeners(onError))
  }

  /**
   * Applies a JSON Patch, all or nothing, as one change; an empty patch is a change as well.
   *
   * @param operations - untrusted; values become part of the state, so the caller keeps no reference
   * @throws JugglerStateError `JUGGLER_PATCH_INVALID`
   */
  follow (operations: readonly unknown[]): void {
    const { tree } = this
    const places = new Set<string>()
    // What listeners get, they may keep.
    freeze(operations)
    tree.atomically(() => applyOperations(tree, operations, places))
    this.announce(operations as Patch, [...places])
  }

  /**
   * Replaces the whole state in one change. What is equal keeps its identity, and whoever watches it is not called.
   *
   * @param value - becomes part of the state, so the caller keeps no reference
   */
  replace (value: JsonValue): void {
    const { tree } = this
    const places = new Set<string>()
    const adopted = adopt(tree.root, value, places)
    tree.atomically(() => tree.edit([], adopted))
    this.announce(places.size > 0 ? [{ op: 'replace', path: '', value: tree.share([])! }] : [], [...places])
  }
}
