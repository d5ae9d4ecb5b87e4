/** What a connection may see, as the app asks for it. */
import type { DeepReadonly, JsonValue, Path } from '../../../types/json.ts'
import type { View } from '../../../types/views.ts'
import { isContainer, member } from '../../json/containers.ts'
import type { Slots } from '../../json/containers.ts'
import type { FilterState, Filter } from '../../state/projection/filter.ts'
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
    const filter = this.#filter
    if (filter === undefined) return true
    let state = filter.start
    let live: JsonValue | undefined = this.#storeOf().tree.root
    for (const key of keys) {
      // Of an array that is hidden no element is seen, whatever the rules say of it.
      if (Array.isArray(live)) return state.showsArrays
      live = isContainer(live) ? member(live, key) : undefined
      state = state.at(key)
    }
    return Array.isArray(live) ? state.showsArrays : state.isWhole
  }

  get (path: Path): DeepReadonly<JsonValue> {
    const store = this.#storeOf()
    const filter = this.#filter
    if (filter === undefined) return store.get(path)
    const keys = placeOf(store.tree.root, path)
    if (keys === undefined) return null
    let state: FilterState = filter.start
    let live: JsonValue = store.tree.root
    for (const key of keys) {
      if (Array.isArray(live)) return state.showsArrays ? store.get(path) : null
      live = (live as Slots)[key]!
      state = state.at(key)
    }
    if (state.isWhole) return store.get(path)
    return (state.isNothing ? undefined : project(store.get(path) as JsonValue, state, keys)) ?? null
  }

  stringify (path: Path = ''): string {
    return this.#filter === undefined ? this.#storeOf().stringify(path) : JSON.stringify(this.get(path))
  }
}
