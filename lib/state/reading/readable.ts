/** What every store can do: be read, and be watched. */
import type { DeepReadonly, JsonValue, Patch, Path } from '../../../types/json.ts'
import type { ReadableState, StateChange, StateListener } from '../../../types/state.ts'
import { formatPointer } from '../../json/pointer.ts'
import type { Keys } from '../../json/containers.ts'
import { reach } from '../../json/containers.ts'
import type { Listeners } from './listeners.ts'
import { keysOf, placeOf } from './path.ts'

/** What a store keeps its state in. */
interface Source {
  readonly root: JsonValue
  readonly revision: number
  /** Hands out the value at a path, as a snapshot. */
  share (keys: Keys): JsonValue | undefined
}

export class Readable<T> implements ReadableState<T> {
  /** For the engine and the writers of this folder; nobody else writes to it. @internal */
  readonly tree: Source
  protected readonly listeners: Listeners<[StateChange<T>]>

  constructor (tree: Source, listeners: Listeners<[StateChange<T>]>) {
    this.tree = tree
    this.listeners = listeners
  }

  get data (): DeepReadonly<T> {
    return this.tree.share([]) as DeepReadonly<T>
  }

  get revision (): number {
    return this.tree.revision
  }

  get (path: Path): DeepReadonly<JsonValue> {
    const keys = placeOf(this.tree.root, path)
    return keys ? this.tree.share(keys)! : null
  }

  stringify (path: Path = ''): string {
    const keys = placeOf(this.tree.root, path)
    return JSON.stringify(keys ? reach(this.tree.root, keys) : null)
  }

  /** Not a method, so that it can be handed to whoever subscribes for others, as it is: `useSyncExternalStore(state.onChange, …)`. */
  readonly onChange = (first: Path | StateListener<T>, second?: StateListener<T>): () => void =>
    // Which element is the last one changes with the array: whoever follows it has to hear of all of them.
    typeof first === 'function'
      ? this.listeners.add(first)
      : this.listeners.add(second!, formatPointer(keysOf(first)).replace(/\/-1(\/.*)?$/s, ''))

  /** @param places - JSON Pointers of what changed @internal */
  announce (patch: Patch, places: ReadonlySet<string>): void {
    this.listeners.emit([{ patch, revision: this.revision, state: this }], places)
  }
}
