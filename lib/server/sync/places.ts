/** What of a state's past is kept for clients that come back: nothing of theirs, but where the state was touched, and when. */
import { randomBytes } from 'node:crypto'
import type { Source } from '../../state/source.ts'
import { TouchKeeper } from './touch-keeper.ts'

/** In so many steps the window moves. */
const steps = 24

interface Mark { readonly at: number, readonly revision: number }

const all = new WeakMap<Source, Places>()

/**
 * Clients that may come back name the place in the state's history that they have reached, an epoch and a revision. The
 * state keeps its touched places from the revision on that it had when the window began. That takes memory only while
 * such a client is connected, or was within the window; and never more than about twice the state's own text.
 */
export class Places {
  /** Names the history of the state, which ends with this process. */
  readonly epoch = randomBytes(9).toString('base64url')
  readonly #keeper: TouchKeeper
  readonly #source: Source
  /** Clients that are connected and may come back, by the window of their registration in ms. */
  readonly #clients = new Map<number, number>()
  /** Revisions of the past, oldest first; the first is the horizon. */
  #marks: Mark[] = []
  #window = 0
  /** When the last client left. */
  #left = 0
  #timer: NodeJS.Timeout | undefined

  static of (source: Source): Places {
    let places = all.get(source)
    if (places === undefined) all.set(source, places = new Places(source))
    return places
  }

  private constructor (source: Source) {
    this.#source = source
    this.#keeper = TouchKeeper.of(source)
  }

  /**
   * The revision that a client has which comes back.
   *
   * @param query - of its upgrade
   * @returns undefined where it names none, one of another history, or one since which it cannot be told what has changed
   */
  find (query: unknown): number | undefined {
    const { epoch, revision: text } = Object(query) as { epoch?: unknown, revision?: unknown }
    if (epoch !== this.epoch || typeof text !== 'string' || !/^\d{1,15}$/.test(text)) return undefined
    const revision = Number(text)
    const { horizon } = this.#keeper
    return horizon !== undefined && revision >= horizon && revision <= this.#source.revision ? revision : undefined
  }

  /** A client that may come back follows the state. @param window - for how long its place is kept after it has left, in ms */
  add (window: number): void {
    this.#clients.set(window, (this.#clients.get(window) ?? 0) + 1)
    if (window > this.#window) this.#lengthen(window)
  }

  delete (window: number): void {
    const others = this.#clients.get(window)! - 1
    if (others === 0) this.#clients.delete(window)
    else this.#clients.set(window, others)
    this.#left = performance.now()
  }

  #lengthen (window: number): void {
    this.#window = window
    if (this.#marks.length === 0) {
      this.#marks.push({ at: performance.now(), revision: this.#source.revision })
      this.#keeper.need(this, this.#source.revision)
    }
    clearInterval(this.#timer)
    // A state that the app has let go is not to be kept for its clients.
    this.#timer = setInterval(move, Math.ceil(window / steps), new WeakRef(this))
    this.#timer.unref()
  }

  /** The window has moved on. */
  move (): void {
    const now = performance.now()
    if (this.#clients.size === 0 && now - this.#left >= this.#window) {
      clearInterval(this.#timer)
      this.#marks = []
      this.#window = 0
      this.#keeper.release(this)
      return
    }
    const marks = this.#marks
    marks.push({ at: now, revision: this.#source.revision })
    // The last one before the window stays, since what came after it did so within the window.
    let gone = 0
    while (gone + 1 < marks.length && now - marks[gone + 1]!.at >= this.#window) gone++
    marks.splice(0, gone)
    this.#keeper.forget(this, () => marks[0]!.revision)
  }
}

function move (this: NodeJS.Timeout, places: WeakRef<Places>): void {
  const alive = places.deref()
  if (alive === undefined) clearInterval(this)
  else alive.move()
}
