/** What one connection sees of its state: what its view allows, and of that the parts that it asks for. */
import type { Filter } from '../../state/projection/filter.ts'
import type { OnHiddenArray } from '../../state/projection/project.ts'
import type { Projection } from '../../state/projection/projection.ts'
import type { Source } from '../../state/source.ts'
import { refusal } from '../requests/failures.ts'
import { filterOf } from './path-set.ts'
import type { PathSet } from './path-set.ts'
import { SharedProjections } from './shared-projections.ts'
import type { ProjectionOwner } from './shared-projections.ts'

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

/** On average a set has room for so many bytes of heap: some hundred keys. The rest is left for sets that are longer. */
const bytesPerSet = 32_768

/** The sets of paths that are kept of one state, in all of its views. */
class PathSetBudget {
  #sets = 0
  #bytes = 0
  /** What lets those go that nobody uses, the one first that has waited longest. */
  readonly #idle = new Map<PathSet, () => void>()

  static readonly #all = new WeakMap<Source, PathSetBudget>()

  static of (state: Source): PathSetBudget {
    let budget = this.#all.get(state)
    if (budget === undefined) this.#all.set(state, budget = new PathSetBudget())
    return budget
  }

  /**
   * Takes room for a set, if need be that of those that nobody uses.
   *
   * @param given - a set that its only user gives up for this one
   * @throws JugglerError `JUGGLER_PATH_SETS_FULL`; then nothing has been taken from anybody
   */
  take (set: PathSet, limit: number, given: PathSet | undefined): ProjectionOwner {
    let sets = this.#sets + 1 - limit - (given === undefined ? 0 : 1)
    let bytes = this.#bytes + set.bytes - limit * bytesPerSet - (given?.bytes ?? 0)
    const drops: Array<() => void> = []
    for (const [idle, drop] of this.#idle) {
      if (sets <= 0 && bytes <= 0) break
      drops.push(drop)
      sets--
      bytes -= idle.bytes
    }
    if (sets > 0 || (bytes > 0 && this.#sets > drops.length + (given === undefined ? 0 : 1))) {
      throw refusal('JUGGLER_PATH_SETS_FULL', 'clients ask for as many different parts of this state as the server keeps: try again later, or ask for other paths')
    }
    for (const drop of drops) drop()
    this.#sets++
    this.#bytes += set.bytes
    return {
      idle: (drop) => { this.#idle.set(set, drop) },
      held: () => { this.#idle.delete(set) },
      dropped: () => {
        this.#idle.delete(set)
        this.#sets--
        this.#bytes -= set.bytes
      }
    }
  }
}

export class Sight {
  readonly #settings: SightSettings
  readonly #state: Source
  readonly #view: Projection | undefined
  #parts: Projection | undefined
  #paths: PathSet | undefined

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
    if (paths?.id === this.#paths?.id) return false
    const before = this.#parts
    this.#parts = paths && this.#hold(paths)
    this.#paths = paths
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
    if (projections.has(paths.id)) return projections.hold(paths.id, () => filterOf(paths))
    const given = this.#parts !== undefined && projections.isAlone(this.#parts) ? this.#paths : undefined
    const owner = PathSetBudget.of(this.#state).take(paths, this.#settings.limits.pathSets, given)
    return projections.hold(paths.id, () => filterOf(paths), undefined, owner)
  }

  #give (parts: Projection | undefined): void {
    if (parts !== undefined) SharedProjections.of(this.#allowed).release(parts, this.#settings.resumeWindow)
  }
}
