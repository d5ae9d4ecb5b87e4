/** The store that server and client share: a live tree that can be read, watched and fed by JSON Patch. */
import type { DeepReadonly, JsonValue, Patch, Path, PathKey } from '../../types/json.ts'
import type { ReadableState, StateChange, StateListener } from '../../types/state.ts'
import { formatPointer } from '../json/pointer.ts'
import { applyOperations } from './apply.ts'
import { mergeAt, trusted } from './merge.ts'
import { keysOf, placeOf } from './path.ts'
import { reportError } from './report.ts'
import type { Edit, Keys, Recorder } from './tree.ts'
import { Tree, valueAt } from './tree.ts'
import { Watchers } from './watch.ts'

export interface StoreOptions {
  /** Called with what a listener throws. @defaultValue `reportError` where there is one, else a process warning */
  onError?: (error: unknown) => void
}

export class Store<T = JsonValue> implements ReadableState<T> {
  /** For the engine and the writers of this folder; nobody else writes to it. @internal */
  readonly tree: Tree
  readonly #watchers = new Watchers<StateListener<T>>()
  readonly #onError: (error: unknown) => void
  #revision = 0
  #text: string | undefined
  #pending: Array<() => void> | undefined

  constructor (initial: JsonValue = null, options: StoreOptions = {}) {
    this.tree = new Tree(initial)
    this.#onError = options.onError ?? reportError
  }

  get data (): DeepReadonly<T> {
    return this.tree.share([]) as DeepReadonly<T>
  }

  get revision (): number {
    return this.#revision
  }

  get (path: Path): DeepReadonly<JsonValue> {
    return this.tree.share(placeOf(this.tree.root, path)) ?? null
  }

  stringify (path: Path = ''): string {
    if (path.length === 0) {
      this.#text ??= JSON.stringify(this.tree.root)
      return this.#text
    }
    return JSON.stringify(valueAt(this.tree.root, placeOf(this.tree.root, path)) ?? null)
  }

  onChange (listener: StateListener<T>): () => void
  onChange (path: Path, listener: StateListener<T>): () => void
  onChange (first: Path | StateListener<T>, second?: StateListener<T>): () => void {
    if (typeof first === 'function') return this.#watchers.add([], first)
    if (typeof second !== 'function') throw new TypeError('onChange needs a listener')
    return this.#watchers.add(keysOf(first), second)
  }

  /**
   * Applies a JSON Patch from a peer, all or nothing, as one change; an empty patch is a change as well.
   *
   * @param operations - untrusted; values become part of the store, so the caller keeps no reference
   * @throws JugglerStateError `JUGGLER_PATCH_INVALID`
   */
  apply (operations: unknown): void {
    this.commit((tree) => {
      tree.atomically(() => applyOperations(tree, operations))
      return true
    })
  }

  /**
   * Replaces the whole state in one change that touches only what differs, so that the rest keeps its identity.
   *
   * @param value - becomes part of the store, so the caller keeps no reference
   */
  replace (value: JsonValue): void {
    this.commit((tree) => {
      mergeAt(tree, [], value, trusted)
      return true
    })
  }

  /**
   * Runs writes and announces them as one change: to the recorders at once, to the listeners in order.
   *
   * @param writes - whether anything changed
   * @internal
   */
  commit (writes: (tree: Tree) => boolean): void {
    const { tree } = this
    const edits: Edit[] | undefined = this.#watchers.size > 0 ? [] : undefined
    tree.edits = edits
    let changed
    try {
      changed = writes(tree)
    } finally {
      tree.edits = undefined
    }
    if (!changed) return
    this.#text = undefined
    const revision = ++this.#revision
    for (const recorder of tree.recorders) recorder.committed()
    if (edits !== undefined) this.#announce({ patch: edits.map(operationOf), revision, state: this }, edits)
  }

  /** Has a recorder learn of every write from now on. @internal */
  record (recorder: Recorder): () => void {
    this.tree.recorders.push(recorder)
    return () => {
      const index = this.tree.recorders.indexOf(recorder)
      if (index !== -1) this.tree.recorders.splice(index, 1)
    }
  }

  /** A listener may change the state again: that change is announced after this one has reached everybody. */
  #announce (change: StateChange<T>, edits: readonly Edit[]): void {
    const listeners = this.#watchers.concerned(edits.map(touched))
    const call = () => { for (const listener of listeners) this.#call(listener, change) }
    if (this.#pending !== undefined) {
      this.#pending.push(call)
      return
    }
    this.#pending = [call]
    for (let i = 0; i < this.#pending.length; i++) this.#pending[i]!()
    this.#pending = undefined
  }

  #call (listener: StateListener<T>, change: StateChange<T>): void {
    try {
      const result: unknown = listener(change)
      if (result instanceof Promise) result.catch(this.#onError)
    } catch (error) {
      this.#onError(error)
    }
  }
}

/** Where an edit changed something: elements that shift change the whole of their array. */
const touched = ({ keys, shifts }: Edit): Keys => shifts ? keys.slice(0, -1) : keys

function operationOf ({ op, keys, value }: Edit): Patch[number] {
  const path = formatPointer(keys as PathKey[])
  return op === 'remove' ? { op, path } : { op, path, value: value! }
}
