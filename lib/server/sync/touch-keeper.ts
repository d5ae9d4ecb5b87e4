/** Who needs touched places of a state, and since when: they are kept for as long as somebody does. */
import { Touches } from '../../state/history/touches.ts'
import type { Journal } from '../../state/history/journal.ts'
import type { Source } from '../../state/source.ts'
import { wholeSize } from './state-messages.ts'

/** A place that was touched takes about this many bytes in a patch, and no more in memory. */
const bytesPerPlace = 64
/** So many places are kept of the smallest state. */
const leastPlaces = 1024

const keepers = new WeakMap<Source, TouchKeeper>()

export class TouchKeeper {
  readonly #source: Source
  /** The oldest base that each of those needs who need any. */
  readonly #bases = new Map<object, number>()

  static of (source: Source): TouchKeeper {
    let keeper = keepers.get(source)
    if (keeper === undefined) keepers.set(source, keeper = new TouchKeeper(source))
    return keeper
  }

  private constructor (source: Source) {
    this.#source = source
  }

  /** The oldest base that a patch can be made for; undefined: touched places are not kept. */
  get horizon (): number | undefined {
    return this.#source.tree.touches?.horizon
  }

  /**
   * Sees to it that touched places are known from a revision on.
   *
   * @param base - that revision
   * @param missed - the journals that lead from there to now, in case they are not known yet
   */
  need (owner: object, base: number, missed: readonly Journal[] = []): void {
    const { tree } = this.#source
    this.#bases.set(owner, Math.min(base, this.#bases.get(owner) ?? Infinity))
    tree.touches ??= this.#begin(tree.revision)
    if (tree.touches.horizon <= base || missed.length === 0) return
    for (const journal of missed) {
      for (const place of journal.places()) tree.touches.touch(place, tree.revision)
    }
    tree.touches.reach(base)
  }

  /** Somebody needs touched places no more. */
  release (owner: object): void {
    this.#bases.delete(owner)
    if (this.#bases.size === 0) this.#source.tree.touches = undefined
  }

  /**
   * Forgets touches that nobody needs any more, or that are so many that the whole state is shorter; where they are few it
   * is not worth the walk.
   *
   * @param oldest - tells what the owner needs by now; not asked where nothing is to be done
   */
  forget (owner: object, oldest: () => number): void {
    const { touches } = this.#source.tree
    if (touches === undefined || !this.#bases.has(owner)) return
    const most = this.#most
    if (touches.size <= most) return
    this.#bases.set(owner, oldest())
    touches.prune(Math.min(...this.#bases.values()))
    // A quarter of room, so that this is not done again for every place.
    touches.shrink(Math.floor(most * 0.75))
  }

  /** Owners look now and then. Of what comes in a storm between two looks no more than twice as much is kept. */
  #begin (revision: number): Touches {
    const touches = new Touches(revision)
    touches.most = leastPlaces * 2
    touches.onMost = () => {
      const most = this.#most
      if (touches.size > most * 2) touches.shrink(most)
      touches.most = most * 2
    }
    return touches
  }

  /** So many places that the whole state is about as long. */
  get #most (): number {
    return Math.max(leastPlaces, Math.floor(wholeSize(this.#source) / bytesPerPlace))
  }
}
