/** Projections by what they show: clients that are to see the same share one, with all that is made of it. */
import type { Filter } from '../../state/projection/filter.ts'
import type { OnHiddenArray } from '../../state/projection/project.ts'
import { Projection } from '../../state/projection/projection.ts'
import { Projector } from '../../state/projection/projector.ts'
import type { Source } from '../../state/source.ts'

/** Who wants to know what becomes of a projection. */
export interface ProjectionOwner {
  /** Nobody holds it. @param drop - lets it go before its time */
  idle? (drop: () => void): void
  /** Somebody holds it again. */
  held? (): void
  /** It has been let go. */
  dropped? (): void
}

interface Entry {
  readonly id: unknown
  readonly projection: Projection
  readonly owner: ProjectionOwner
  holders: number
  /** For how long in ms it stays when nobody holds it. */
  keepFor: number
  /** Runs while nobody holds it. */
  timer: NodeJS.Timeout | undefined
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
   * @param owner - of one that this call makes
   */
  hold (id: unknown, filterOf: () => Filter, onHiddenArray?: OnHiddenArray, owner: ProjectionOwner = {}): Projection {
    let entry = this.#entries.get(id)
    if (entry === undefined) {
      const projection = new Projection(this.#source, filterOf(), onHiddenArray)
      Projector.of(this.#source).add(projection)
      this.#entries.set(id, entry = { id, projection, owner, holders: 0, keepFor: 0, timer: undefined })
      this.#byProjection.set(projection, entry)
    } else if (entry.holders === 0) {
      clearTimeout(entry.timer)
      entry.owner.held?.()
    }
    entry.holders++
    return entry.projection
  }

  /** Whether nobody else holds it. */
  isAlone (projection: Projection): boolean {
    return this.#byProjection.get(projection)!.holders === 1
  }

  /** @param keepFor - for how long in ms it stays when nobody holds it any more, for those who come back */
  release (projection: Projection, keepFor: number): void {
    const entry = this.#byProjection.get(projection)!
    entry.keepFor = Math.max(entry.keepFor, keepFor)
    if (--entry.holders > 0) return
    const drop = () => this.#drop(entry)
    if (entry.keepFor === 0) return drop()
    entry.timer = setTimeout(drop, entry.keepFor).unref()
    entry.owner.idle?.(drop)
  }

  #drop (entry: Entry): void {
    clearTimeout(entry.timer)
    this.#entries.delete(entry.id)
    Projector.of(this.#source).delete(entry.projection)
    entry.owner.dropped?.()
  }
}
