/** The members of a sync group that fell behind, and the message that brings many of them to now at once. */
import { Touches } from '../../state/history/touches.ts'
import type { Journal } from '../../state/history/journal.ts'
import type { Store } from '../../state/store/store.ts'
import type { EncodedMessage } from '../wire/encoded-message.ts'
import type { Member } from './member.ts'
import { absoluteMessage, wholeSize } from './state-messages.ts'

/** A place that was touched takes about this many bytes in a patch, and no more in memory. */
const bytesPerPlace = 64
/** So many places are kept of the smallest state. */
const leastPlaces = 1024

/** Of each state the oldest base that each group with laggards needs: while there is one, touched places are kept. */
const needs = new WeakMap<Store, Map<Laggards, number>>()

/**
 * Each laggard is remembered by the revision that it was last brought to. What it missed is not recorded for it: one tree
 * of touched places serves all of them, so that a laggard costs nothing while it waits, and readers at many different
 * paces cost a few messages a window.
 */
export class Laggards {
  readonly #store: Store
  readonly #members = new Map<Member, number>()

  constructor (store: Store) {
    this.#store = store
  }

  get size (): number {
    return this.#members.size
  }

  has (member: Member): boolean {
    return this.#members.has(member)
  }

  /**
   * Takes a member in.
   *
   * @param base - the revision that it was last brought to
   * @param missed - the journals that lead from there to now
   */
  add (member: Member, base: number, missed: readonly Journal[]): void {
    this.#need(base, missed)
    this.#members.set(member, base)
  }

  delete (member: Member): boolean {
    if (!this.#members.delete(member)) return false
    if (this.#members.size === 0) this.#release()
    return true
  }

  /**
   * What leads a laggard to now: the whole state where that is shorter, `undefined` where it has missed nothing. It is
   * made for an older base than the member's own, so that others who stand about there get the same message.
   */
  messageFor (member: Member): EncodedMessage | undefined {
    const now = this.#store.revision
    const base = this.#members.get(member)!
    return base === now ? undefined : absoluteMessage(this.#store, base, now - roundedUp(now - base))
  }

  /** Takes those out who can be sent something, and gives each of them its message. */
  release (send: (member: Member, message: EncodedMessage | undefined) => void): void {
    const ready = [...this.#members].filter(([{ subscriber }]) => subscriber.writable)
    // The oldest base first: the operations that are written for it serve the younger ones.
    ready.sort(([, a], [, b]) => a - b)
    for (const [member] of ready) {
      const message = this.messageFor(member)
      this.#members.delete(member)
      send(member, message)
    }
    if (this.#members.size === 0) this.#release()
    else this.#forget()
  }

  /** Sees to it that touched places are known from a revision on. */
  #need (base: number, missed: readonly Journal[]): void {
    const { tree } = this.#store
    let bases = needs.get(this.#store)
    if (bases === undefined) needs.set(this.#store, bases = new Map())
    bases.set(this, Math.min(base, bases.get(this) ?? Infinity))
    tree.touches ??= new Touches(tree.revision)
    if (tree.touches.horizon <= base) return
    for (const journal of missed) {
      for (const place of journal.places()) tree.touches.touch(place, tree.revision)
    }
    tree.touches.reach(base)
  }

  /** Nobody here needs touched places any more. */
  #release (): void {
    const bases = needs.get(this.#store)
    bases?.delete(this)
    if (bases?.size === 0) this.#store.tree.touches = undefined
  }

  /** Forgets touches that nobody needs any more, or that are so many that the whole state is shorter. */
  #forget (): void {
    const bases = needs.get(this.#store)
    const { touches } = this.#store.tree
    if (bases === undefined || touches === undefined || this.#members.size === 0) return
    const most = Math.max(leastPlaces, Math.floor(wholeSize(this.#store) / bytesPerPlace))
    if (touches.size <= most) return
    bases.set(this, Math.min(...this.#members.values()))
    touches.prune(Math.min(...bases.values()))
    // A quarter of room, so that this is not done again for every place.
    touches.shrink(Math.floor(most * 0.75))
  }
}

/** Ages from 1 on fall into classes, each about 1.4 times as old as the one before; the oldest of its class stands for all. */
function roundedUp (age: number): number {
  return Math.ceil(2 ** ((Math.floor(2 * Math.log2(age + 1)) + 1) / 2)) - 1
}
