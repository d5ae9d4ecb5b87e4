/** Tells who asks for it that its state is null: connections with a state of their own that nobody has touched yet. */
import type { Subscriber } from './member.ts'
import { emptyMessage } from './state-messages.ts'

/**
 * A state that nobody has touched is not made, nor is a group to sync it: most connections of an app without the option
 * `state` never need either. All that may be owed to such a connection is one message, and who has had it costs nothing.
 */
export class Announcements {
  readonly #delay: number | null
  readonly #waiting = new Set<Subscriber>()
  /** Who was not writable when the window ended. */
  readonly #late = new Set<Subscriber>()
  #scheduled = false
  #timer: NodeJS.Timeout | undefined

  /** @param delay - the option `autoflushDelay`; null: nobody is told here, since that takes a flush */
  constructor (delay: number | null) {
    this.#delay = delay
  }

  /** Tells a subscriber at the end of the window, which opens unless one is open. */
  add (subscriber: Subscriber): void {
    this.#waiting.add(subscriber)
    if (this.#delay === 0) {
      if (this.#scheduled) return
      this.#scheduled = true
      queueMicrotask(() => this.#endWindow())
    } else if (this.#delay !== null) {
      this.#timer ??= setTimeout(() => this.#endWindow(), this.#delay)
    }
  }

  /** Whether a subscriber is still to be told. */
  has (subscriber: Subscriber): boolean {
    return this.#waiting.has(subscriber) || this.#late.has(subscriber)
  }

  /** Forgets a subscriber. Returns whether it was still to be told. */
  delete (subscriber: Subscriber): boolean {
    const deleted = this.#waiting.delete(subscriber) || this.#late.delete(subscriber)
    if (this.#waiting.size === 0) {
      clearTimeout(this.#timer)
      this.#timer = undefined
    }
    return deleted
  }

  /** A subscriber that was not writable is so again. */
  drained (subscriber: Subscriber): void {
    if (subscriber.writable && this.#late.delete(subscriber)) subscriber.writeState(emptyMessage())
  }

  /** Tells everybody now, or as soon as they can be told. */
  flush (): void {
    clearTimeout(this.#timer)
    this.#endWindow()
  }

  /** Tells a subscriber now, if that can be done. Returns whether there is nothing more to tell. */
  bring (subscriber: Subscriber): boolean {
    if (!this.has(subscriber)) return true
    if (!subscriber.writable) return false
    this.delete(subscriber)
    subscriber.writeState(emptyMessage())
    return true
  }

  #endWindow (): void {
    this.#scheduled = false
    this.#timer = undefined
    for (const subscriber of this.#waiting) {
      if (subscriber.writable) subscriber.writeState(emptyMessage())
      else this.#late.add(subscriber)
    }
    this.#waiting.clear()
  }
}
