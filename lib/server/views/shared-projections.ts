/** Projections by what they show: clients that are to see the same share one, with all that is made of it. */
import { Filter } from '../../state/projection/filter.ts'
import type { OnHiddenArray } from '../../state/projection/project.ts'
import { Projection } from '../../state/projection/projection.ts'
import { Projector } from '../../state/projection/projector.ts'
import type { Source } from '../../state/source.ts'

interface Entry {
  readonly id: unknown
  readonly projection: Projection
  holders: number
  /** Runs while nobody holds it. */
  timer: NodeJS.Timeout | undefined
  readonly dropped: () => void
}

const all = new WeakMap<Source, SharedProjections>()

export class SharedProjections {
  readonly #source: Source
  readonly #entries = new Map<unknown, Entry>()
  readonly #byProjection = new WeakMap<Projection, Entry>()

  static of (source: Source): SharedProjections {
    let projections = all.get(source)
    if (projections === undefined) all.set(source, projections = new SharedProjections(source))
    return projections
  }

  private constructor (source: Source) {
    this.#source = source
  }

  has (id: unknown): boolean {
    return this.#entries.has(id)
  }

  /**
   * Holds the projection of an id, which is made where there is none.
   *
   * @param dropped - is called when the one that this call made is let go
   */
  hold (id: unknown, filterOf: () => Filter, onHiddenArray?: OnHiddenArray, dropped: () => void = () => {}): Projection {
    let entry = this.#entries.get(id)
    if (entry === undefined) {
      const projection = new Projection(this.#source, filterOf(), onHiddenArray)
      Projector.of(this.#source).add(projection)
      this.#entries.set(id, entry = { id, projection, holders: 0, timer: undefined, dropped })
      this.#byProjection.set(projection, entry)
    }
    clearTimeout(entry.timer)
    entry.timer = undefined
    entry.holders++
    return entry.projection
  }

  /** @param keepFor - for how long in ms it stays when nobody holds it any more, for those who come back */
  release (projection: Projection, keepFor: number): void {
    const entry = this.#byProjection.get(projection)!
    if (--entry.holders > 0) return
    // Last in the order of the map: the first without holders is the one that has waited longest.
    this.#entries.delete(entry.id)
    this.#entries.set(entry.id, entry)
    if (keepFor === 0) this.#drop(entry)
    else entry.timer = setTimeout(() => this.#drop(entry), keepFor).unref()
  }

  /** Lets the one go that has been without holders for the longest time. Returns whether there was one. */
  dropIdle (): boolean {
    for (const entry of this.#entries.values()) {
      if (entry.holders > 0) continue
      this.#drop(entry)
      return true
    }
    return false
  }

  #drop (entry: Entry): void {
    clearTimeout(entry.timer)
    this.#entries.delete(entry.id)
    Projector.of(this.#source).delete(entry.projection)
    entry.dropped()
  }
}
