/** What of a state may be seen, kept as a tree of its own that follows it. */
import type { JsonValue } from '../../../types/json.ts'
import { isObject, member, valueAt } from '../../json/containers.ts'
import type { Keys, Slots } from '../../json/containers.ts'
import { equal } from '../../json/equal.ts'
import type { Touches } from '../history/touches.ts'
import type { Source } from '../source.ts'
import type { Recorder } from '../store/store-tree.ts'
import type { Filter } from './filter.ts'
import { project } from './project.ts'
import type { OnHiddenArray } from './project.ts'

/**
 * A source like the one that it is made of, but for what may not be seen. Where all below a place may be seen it holds
 * the source's own container, which changes in place; it has containers of its own only on the way there:
 *
 * ```
 *   source      { pumps: { 7: {…}, 8: {…} }, alarms: […], users: {…} }
 *                          ▲                         ▲
 *   projection  { pumps: { 7 }, alarms ──────────────┘          }
 * ```
 *
 * So nothing that may not be seen is within reach of whoever works with it.
 */
export class Projection implements Source {
  readonly tree: { root: JsonValue, revision: number, touches: Touches | undefined }
  readonly filter: Filter
  readonly isPassing = true
  readonly #source: Source
  readonly #onHiddenArray: OnHiddenArray | undefined
  #recorders: Recorder[] = []
  #changed = false
  /** Whether something stands in another container, and is as it was. */
  #moved = false

  /** @param onHiddenArray - is told of arrays that are hidden since a part of them is */
  constructor (source: Source, filter: Filter, onHiddenArray?: OnHiddenArray) {
    this.filter = filter
    this.#source = source
    this.#onHiddenArray = onHiddenArray
    this.tree = { root: project(source.tree.root, filter.start, [], onHiddenArray) ?? null, revision: 0, touches: undefined }
  }

  get revision (): number {
    return this.tree.revision
  }

  stringify (): string {
    // Not kept: there may be thousands of projections, and who needs the text makes a message of it.
    return JSON.stringify(this.tree.root)
  }

  record (recorder: Recorder): () => void {
    this.#recorders = [...this.#recorders, recorder]
    return () => { this.#recorders = this.#recorders.filter((other) => other !== recorder) }
  }

  /**
   * A place of the source was written.
   *
   * @param before - what stood there, which does not change any more; undefined: nothing did
   */
  follow (keys: Keys, before: JsonValue | undefined): void {
    const { tree } = this
    let state = this.filter.start
    let live: JsonValue | undefined = this.#source.tree.root
    let own: JsonValue | undefined = tree.root
    let parent: Slots | undefined
    for (let i = 0; ; i++) {
      if (state.isNothing) return
      const key = keys[i - 1]
      // An array that holds the place was one before as well.
      if (state.isWhole || (i < keys.length && Array.isArray(live) && state.showsArrays)) {
        this.#put(parent, key, live)
        this.#told(keys, before, valueAt(this.#source.tree.root, keys))
        return
      }
      if (i === keys.length) break
      if (!isObject(live) || !isObject(own)) return
      parent = own as Slots
      const next = keys[i]!
      state = state.at(next)
      live = member(live, next)
      own = member(own, next)
    }
    const was = before === undefined ? undefined : project(before, state, keys, this.#onHiddenArray)
    const is = live === undefined ? undefined : project(live, state, keys, this.#onHiddenArray)
    if (was === undefined && is === undefined && keys.length > 0) return
    this.#put(parent, keys.at(-1), is)
    if (keys.length === 0) this.#told(keys, was ?? null, is ?? null)
    else this.#told(keys, was, is)
  }

  /** The change of the source is whole. */
  committed (): void {
    if (!this.#changed) return this.undone()
    this.#changed = this.#moved = false
    this.tree.revision++
    this.tree.touches?.committed()
    for (const recorder of this.#recorders) recorder.committed()
  }

  /** The change of the source was taken back, or nothing that may be seen has changed. */
  undone (): void {
    if (!this.#changed && !this.#moved) return
    this.#changed = this.#moved = false
    for (const recorder of this.#recorders) recorder.undone()
  }

  #put (parent: Slots | undefined, key: string | number | undefined, value: JsonValue | undefined): void {
    if (parent === undefined) this.tree.root = value ?? null
    else if (value === undefined) delete parent[key!]
    else parent[key!] = value
  }

  /** Tells what stood at a place, where that is another value than now. Of what may not be seen nothing is told, not even that. */
  #told (keys: Keys, was: JsonValue | undefined, is: JsonValue | undefined): void {
    if (was !== undefined && is !== undefined && equal(was, is)) {
      this.#moved = true
      for (const recorder of this.#recorders) recorder.moved?.(keys, was)
      return
    }
    this.#changed = true
    for (const recorder of this.#recorders) recorder.record(keys, was)
    this.tree.touches?.touch(keys, this.tree.revision + 1)
  }
}
