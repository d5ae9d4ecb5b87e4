/** What one connection sees of its state: what its view allows, and of that the parts that it asks for. */
import type { Filter } from '../../state/projection/filter.ts'
import type { OnHiddenArray } from '../../state/projection/project.ts'
import type { Projection } from '../../state/projection/projection.ts'
import type { Source } from '../../state/source.ts'
import { refusal } from '../requests/failures.ts'
import { filterOf } from './path-set.ts'
import type { PathSet } from './path-set.ts'
import { SharedProjections } from './shared-projections.ts'

/** What a client of a registration with views may see. */
export interface ChosenView {
  readonly key: string
  readonly filter: Filter
  readonly onHiddenArray: OnHiddenArray
}

export interface SightSettings {
  /** For how long in ms a client may come back to its place. */
  readonly resumeWindow: number
  readonly limits: { readonly pathSets: number }
}

/** On average a set has room for so many keys: the rest is left for sets that are longer. */
const keysPerSet = 100

/** The sets of paths that are in use of one state, in all of its views. */
class PathSetBudget {
  sets = 0
  keys = 0
  /** Where there are sets. */
  readonly sources = new Set<SharedProjections>()

  static readonly #all = new WeakMap<Source, PathSetBudget>()

  static of (state: Source): PathSetBudget {
    let budget = this.#all.get(state)
    if (budget === undefined) this.#all.set(state, budget = new PathSetBudget())
    return budget
  }

  /** @throws JugglerError `JUGGLER_PATH_SETS_FULL` */
  take (keys: number, limit: number): void {
    while (this.sets >= limit || (this.sets > 0 && this.keys + keys > limit * keysPerSet)) {
      if (![...this.sources].some((projections) => projections.dropIdle())) {
        throw refusal('JUGGLER_PATH_SETS_FULL', 'clients ask for as many different parts of this state as the server keeps: try again later, or ask for other paths')
      }
    }
    this.sets++
    this.keys += keys
  }

  give (keys: number): void {
    this.sets--
    this.keys -= keys
  }
}

export class Sight {
  readonly #settings: SightSettings
  readonly #state: Source
  readonly #view: Projection | undefined
  #parts: Projection | undefined
  #id: string | undefined

  /** @throws JugglerError `JUGGLER_PATH_SETS_FULL` */
  constructor (settings: SightSettings, state: Source, view: ChosenView | undefined, paths: PathSet | undefined) {
    this.#settings = settings
    this.#state = state
    this.#view = view && SharedProjections.of(state).hold(view.filter, () => view.filter, view.onHiddenArray)
    try {
      this.narrow(paths)
    } catch (error) {
      this.release()
      throw error
    }
  }

  /** What the connection is sent. */
  get source (): Source {
    return this.#parts ?? this.#allowed
  }

  /**
   * Changes the parts.
   *
   * @param paths - undefined: all that the view allows
   * @returns whether they are others than before
   * @throws JugglerError `JUGGLER_PATH_SETS_FULL`; then they are as they were
   */
  narrow (paths: PathSet | undefined): boolean {
    if (paths?.id === this.#id) return false
    const before = this.#parts
    this.#parts = paths && this.#hold(paths)
    this.#id = paths?.id
    this.#give(before)
    return true
  }

  /** The connection has ended. */
  release (): void {
    this.#give(this.#parts)
    this.#parts = undefined
    if (this.#view !== undefined) SharedProjections.of(this.#state).release(this.#view, this.#settings.resumeWindow)
  }

  get #allowed (): Source {
    return this.#view ?? this.#state
  }

  #hold (paths: PathSet): Projection {
    const projections = SharedProjections.of(this.#allowed)
    const budget = PathSetBudget.of(this.#state)
    const isNew = !projections.has(paths.id)
    if (isNew) {
      budget.take(paths.keys, this.#settings.limits.pathSets)
      budget.sources.add(projections)
    }
    return projections.hold(paths.id, () => filterOf(paths), undefined, () => budget.give(paths.keys))
  }

  #give (parts: Projection | undefined): void {
    if (parts !== undefined) SharedProjections.of(this.#allowed).release(parts, this.#settings.resumeWindow)
  }
}
