/** The store that servers feed: a live tree whose writes recorders follow as they are made. */
import type { JsonValue, Patch, Path } from '../../../types/json.ts'
import type { StateChange } from '../../../types/state.ts'
import { formatPointer, parentOf } from '../../json/pointer.ts'
import { mergeAt, trusted } from './merge.ts'
import { Readable } from '../reading/readable.ts'
import { reportError } from '../reading/report.ts'
import type { Edit, Recorder } from './store-tree.ts'
import { StoreTree } from './store-tree.ts'
import type { WatchTree } from './watch-tree.ts'
import { createWatchTree } from './watch-tree.ts'

export interface StoreOptions {
  /** Called with what a listener throws. @defaultValue `reportError` where there is one, else a process warning */
  onError?: (error: unknown) => void
}

export class Store<T = JsonValue> extends Readable<T> {
  declare readonly tree: StoreTree
  protected declare readonly listeners: WatchTree<[StateChange<T>]>
  readonly isPassing = false
  #text: string | undefined

  constructor (initial: JsonValue = null, { onError = reportError }: StoreOptions = {}) {
    super(new StoreTree(initial), createWatchTree(onError))
  }

  override stringify (path: Path = ''): string {
    if (path?.length !== 0) return super.stringify(path)
    this.#text ??= JSON.stringify(this.tree.root)
    return this.#text
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
  commit (writes: (tree: StoreTree) => boolean): void {
    const { tree } = this
    const edits: Edit[] | undefined = this.listeners.count > 0 ? [] : undefined
    tree.edits = edits
    let changed = false
    try {
      changed = writes(tree)
    } finally {
      tree.edits = undefined
      if (!changed) for (const recorder of tree.recorders) recorder.undone()
    }
    if (!changed) return
    this.#text = undefined
    tree.revision++
    tree.touches?.committed()
    for (const recorder of tree.recorders) recorder.committed()
    if (edits === undefined) return
    const patch = edits.map(operationOf)
    // Elements that shift change the whole of their array.
    this.announce(patch, new Set(patch.map(({ path }, i) => edits[i]!.shifts ? parentOf(path) : path)))
  }

  /** Has a recorder learn of every write from now on. @internal */
  record (recorder: Recorder): () => void {
    const { tree } = this
    tree.recorders = [...tree.recorders, recorder]
    return () => { tree.recorders = tree.recorders.filter((other) => other !== recorder) }
  }
}

function operationOf ({ op, keys, value }: Edit): Patch[number] {
  const path = formatPointer(keys)
  return op === 'remove' ? { op, path } : { op, path, value: value! }
}
