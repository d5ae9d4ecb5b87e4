/** What a connection may see, as the app asks for it. */
import type { DeepReadonly, JsonValue, Path } from '../../../types/json.ts'
import type { View } from '../../../types/views.ts'
import { isContainer, member } from '../../json/containers.ts'
import type { Keys } from '../../json/containers.ts'
import type { Filter } from '../../state/projection/filter.ts'
import { project } from '../../state/projection/project.ts'
import { keysOf, placeOf } from '../../state/reading/path.ts'
import type { Store } from '../../state/store/store.ts'

export class StateView implements View {
  readonly key: string | undefined
  readonly #filter: Filter | undefined
  readonly #storeOf: () => Store<unknown>

  /** @param filter - undefined: views are not used, and everything may be seen */
  constructor (key: string | undefined, filter: Filter | undefined, storeOf: () => Store<unknown>) {
    this.key = key
    this.#filter = filter
    this.#storeOf = storeOf
  }

  allows (path: Path): boolean {
    const keys = keysOf(path)
    return this.#filter === undefined || isWhole(this.#filter, keys, this.#storeOf().tree.root)
  }

  get (path: Path): DeepReadonly<JsonValue> {
    const store = this.#storeOf()
    const filter = this.#filter
    if (filter === undefined) return store.get(path)
    const { root } = store.tree
    const keys = placeOf(root, path)
    if (keys === undefined) return null
    if (isWhole(filter, keys, root)) return store.get(path)
    // Of an array nothing is seen, where not all is.
    if (keys.some((key) => typeof key === 'number')) return null
    return project(store.get(path) as JsonValue, filter.reach(keys), keys) ?? null
  }

  stringify (path: Path = ''): string {
    return this.#filter === undefined ? this.#storeOf().stringify(path) : JSON.stringify(this.get(path))
  }
}

/** Whether all at a place may be seen. Of an array that is hidden no element is, whatever the rules say of it. */
function isWhole (filter: Filter, keys: Keys, root: JsonValue): boolean {
  let state = filter.start
  let live: JsonValue | undefined = root
  for (const key of keys) {
    if (Array.isArray(live)) break
    live = isContainer(live) ? member(live, key) : undefined
    state = state.at(key)
  }
  return Array.isArray(live) ? state.showsArrays : state.isWhole
}
