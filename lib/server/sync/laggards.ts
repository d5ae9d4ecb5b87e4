/** The members of a sync group that fell behind, and the message that brings many of them to now at once. */
import type { Journal } from '../../state/history/journal.ts'
import type { Source } from '../../state/source.ts'
import type { EncodedMessage } from '../wire/encoded-message.ts'
import type { Member } from './member.ts'
import { absoluteMessage, resumingMessage } from './state-messages.ts'
import { TouchKeeper } from './touch-keeper.ts'

/**
 * Each laggard is remembered by the revision that it was last brought to. What it missed is not recorded for it: one tree
 * of touched places serves all of them, so that a laggard costs nothing while it waits, and readers at many different
 * paces cost a few messages a window.
 */
export class Laggards {
  readonly #source: Source
  readonly #members = new Map<Member, number>()
  readonly #keeper: TouchKeeper

  constructor (source: Source) {
    this.#source = source
    this.#keeper = TouchKeeper.of(source)
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
    this.#keeper.need(this, base, missed)
    this.#members.set(member, base)
  }

  delete (member: Member): boolean {
    if (!this.#members.delete(member)) return false
    if (this.#members.size === 0) this.#keeper.release(this)
    return true
  }

  /**
   * What leads a laggard to now: the whole state where that is shorter, `undefined` where it has missed nothing. It is
   * made for an older base than the member's own, so that others who stand about there get the same message. A member
   * that resumes is told from which one.
   */
  messageFor (member: Member): EncodedMessage | undefined {
    const now = this.#source.revision
    const base = this.#members.get(member)!
    const floor = base === now ? now : now - roundedUp(now - base)
    const message = base === now ? undefined : absoluteMessage(this.#source, base, floor)
    if (!member.resuming) return message
    return resumingMessage(this.#source, message, Math.max(floor, this.#keeper.horizon ?? 0))
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
    if (this.#members.size === 0) this.#keeper.release(this)
    else this.#keeper.forget(this, () => Math.min(...this.#members.values()))
  }
}

/** Ages from 1 on fall into classes, each about 1.4 times as old as the one before; the oldest of its class stands for all. */
function roundedUp (age: number): number {
  return Math.ceil(2 ** ((Math.floor(2 * Math.log2(age + 1)) + 1) / 2)) - 1
}
