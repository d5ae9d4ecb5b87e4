/** State sync: all connections of one state with one timing share windows, diffs and frames. */
import type { JsonValue } from '../../../types/json.ts'
import type { ReadableState } from '../../../types/state.ts'
import { ConnectionClosedError } from '../../errors.ts'
import type { Keys } from '../../json/containers.ts'
import type { Source } from '../../state/source.ts'
import type { Recorder } from '../../state/store/store-tree.ts'
import { Cohorts } from './cohorts.ts'
import { DriftChecks } from './drift-checks.ts'
import { FlushReport } from './flush-report.ts'
import type { Member, Subscriber, Waiter } from './member.ts'

/**
 * The sync of one state at one delay: when something is sent. What is sent to whom is for its cohorts.
 *
 *     change        change             end of window
 *       |-------------|----- delay ---------|
 *       opens the     joins it              one diff, one message, to every member of the head
 *       window
 *
 * With a leading edge the change that opens the window goes at the end of its turn, and a window in which something was
 * sent at its end is followed by another one: so two messages are a window apart, but for the first after a quiet one.
 */
export class SyncGroup implements Recorder {
  readonly #source: Source
  readonly #state: ReadableState<unknown>
  readonly #delay: number | null
  readonly #leading: boolean
  readonly #members = new Map<Subscriber, Member>()
  readonly #cohorts: Cohorts
  #scheduled = false
  #timer: NodeJS.Timeout | undefined
  /** Whether somebody was sent the whole ahead of the window's end, or is about to. */
  #welcomed = false

  /** @param state - the public face of the source */
  constructor (
    source: Source, state: ReadableState<unknown>, delay: number | null, leading = false, checkInterval: number | null = null
  ) {
    this.#source = source
    this.#state = state
    this.#delay = delay
    this.#leading = leading
    this.#cohorts = new Cohorts(source, this, checkInterval === null ? undefined : new DriftChecks(source, checkInterval))
  }

  get size (): number { return this.#members.size }

  /**
   * Adds a subscriber, as if the state had just changed for it: it gets the whole at the end of a window. The first who
   * come in a window get it at the end of the turn already, where there is a state: that takes one text of the whole and
   * one base more, and who comes later in the window would take another of each.
   *
   * @param base - the revision that a subscriber has which comes back; it gets what is new, at the end of the turn
   */
  join (subscriber: Subscriber, announceNull = false, base?: number): void {
    const resuming = base !== undefined
    const member: Member = { subscriber, cohort: undefined, blank: !resuming, announceNull, resuming, waiters: undefined }
    this.#members.set(subscriber, member)
    if (resuming) {
      this.#cohorts.addAt(member, base)
      this.#schedule()
      // The first of a turn makes the message of many.
      if (this.#delay !== null) queueMicrotask(() => this.#resume(member))
      return
    }
    if (this.#delay === 0 && this.#cohorts.addAtNull(member)) return
    this.#cohorts.add(member)
    this.#schedule()
    if (this.#delay === 0 || this.#delay === null || this.#welcomed || this.#source.tree.root === null) return
    this.#welcomed = true
    queueMicrotask(() => this.#guarded(() => this.#cohorts.welcome()))
  }

  /**
   * Takes over a subscriber from another group, which has a state and is to have another one: the whole, at the end of a
   * window, or as soon as it is asked for.
   *
   * @param waiters - its flushes that wait
   */
  take (subscriber: Subscriber, waiters: Waiter[] | undefined): void {
    const member: Member = { subscriber, cohort: undefined, blank: false, announceNull: false, resuming: false, waiters }
    this.#members.set(subscriber, member)
    this.#cohorts.add(member)
    this.#schedule()
  }

  /** Removes a subscriber that another group is to take. @returns its flushes that wait */
  part (subscriber: Subscriber): Waiter[] | undefined {
    const waiters = this.#members.get(subscriber)?.waiters
    if (waiters !== undefined) this.#members.get(subscriber)!.waiters = undefined
    this.leave(subscriber)
    return waiters
  }

  #resume (member: Member): void {
    if (member.resuming && this.#members.has(member.subscriber)) this.#bring(member)
  }

  /** Removes a subscriber; its flushes reject. */
  leave (subscriber: Subscriber): void {
    const member = this.#members.get(subscriber)
    if (member === undefined) return
    this.#members.delete(subscriber)
    this.#cohorts.delete(member)
    const { waiters } = member
    member.waiters = undefined
    for (const waiter of waiters ?? []) waiter.reject(new ConnectionClosedError())
    this.#rest()
  }

  /**
   * Sends a subscriber what it does not have yet. Resolves when that is handed to its socket.
   *
   * @throws ConnectionClosedError rejects when the subscriber is not, or no longer, in the group
   */
  flush (subscriber: Subscriber): Promise<void> {
    const member = this.#members.get(subscriber)
    if (member === undefined) return Promise.reject(new ConnectionClosedError())
    const sent = this.#bring(member)
    if (!this.#members.has(subscriber)) return Promise.reject(new ConnectionClosedError())
    if (sent) return Promise.resolve()
    return new Promise((resolve, reject) => { (member.waiters ??= []).push({ resolve, reject }) })
  }

  /**
   * Sends a subscriber what it does not have yet, if that can be done now: for who has something to say behind the
   * state. Where it returns false, ask again when the subscriber is writable, and keep the order until then.
   *
   * @returns whether the subscriber was handed all there is; false as well where it is not in the group
   */
  bring (subscriber: Subscriber): boolean {
    const member = this.#members.get(subscriber)
    if (member === undefined) return false
    if (!this.#cohorts.isCurrent(member)) this.#bring(member)
    return this.#members.has(subscriber) && this.#cohorts.isCurrent(member)
  }

  /**
   * Sends everybody what they do not have yet, and so ends the window: at once to who is writable, with one message for
   * all who stand at one base, to the others as soon as they are. After it, `bring` is cheap.
   *
   * @returns resolves when all of it is handed to their sockets; who leaves meanwhile is not waited for
   */
  async flushAll (): Promise<void> {
    this.#guarded(() => this.#cohorts.catchUpAll())
    const late = [...this.#members.values()].filter((member) => !this.#cohorts.isCurrent(member))
    if (late.length === 0) return
    await Promise.all(late.map((member) => new Promise<void>((resolve) => {
      (member.waiters ??= []).push({ resolve, reject: () => resolve() })
    })))
  }

  /** A subscriber that was not writable is so again. */
  drained (subscriber: Subscriber): void {
    const member = this.#members.get(subscriber)
    if (member === undefined || !subscriber.writable) return
    // An open window will serve it soon, with everybody else's message; an explicit flush does not wait for that.
    if (member.waiters === undefined && (this.#timer !== undefined || this.#delay === null)) return
    this.#guarded(() => this.#cohorts.catchUp(member))
  }

  covers (keys: Keys): boolean {
    return this.#cohorts.covers(keys)
  }

  record (keys: Keys, before: JsonValue | undefined): void {
    this.#cohorts.record(keys, before)
  }

  committed (): void {
    this.#cohorts.outdate()
    if (this.#delay === 0) this.#guarded(() => this.#cohorts.takeStep())
    this.#schedule()
  }

  undone (): void {
    if (this.#delay === 0) this.#cohorts.dropStep()
  }

  /** Sends one member what it lacks. Returns whether it was writable. */
  #bring (member: Member): boolean {
    let sent = false
    this.#guarded(() => {
      this.#cohorts.sendSteps()
      sent = member.subscriber.writable
      if (!sent) return
      const alone = this.#members.size === 1
      if (alone || (this.#cohorts.crowded && this.#delay !== null)) this.#cohorts.catchUpAll()
      else this.#cohorts.catchUp(member)
      if (this.#cohorts.crowded) this.#cohorts.retireOldest()
    })
    return sent
  }

  /** Opens the window, unless one is open; at delay 0 its end is the end of the turn. */
  #schedule (): void {
    if (this.#delay === 0) {
      if (this.#scheduled) return
      this.#scheduled = true
      queueMicrotask(() => {
        this.#scheduled = false
        this.#guarded(() => this.#cohorts.catchUpAll())
      })
    } else if (this.#delay !== null && this.#timer === undefined) {
      this.#openWindow(this.#delay)
      if (this.#leading) queueMicrotask(() => this.#guarded(() => this.#cohorts.catchUpAll()))
    }
  }

  #openWindow (delay: number): void {
    this.#timer = setTimeout(() => {
      this.#closeWindow()
      if (this.#leading && !this.#cohorts.even) this.#openWindow(delay)
      this.#guarded(() => this.#cohorts.catchUpAll())
    }, delay)
  }

  /** A state that no message can carry (its text is longer than a string may be) ends its connections, not the process. */
  #guarded (act: () => void): void {
    try {
      const report = this.#cohorts.report = FlushReport.begin()
      act()
      report?.publish(this.#state, this.#source.revision, this.#cohorts.behind)
      this.#cohorts.report = undefined
      this.#rest()
    } catch (error) {
      const subscribers = [...this.#members.keys()]
      for (const subscriber of subscribers) this.leave(subscriber)
      for (const subscriber of subscribers) subscriber.stateFailed(error)
    }
  }

  /** Stops what is not needed: the record where nobody has a base, the window where nothing is unsent. */
  #rest (): void {
    this.#cohorts.rest()
    // A window that began with a message has to run its time.
    if (this.#cohorts.even && (!this.#leading || this.#members.size === 0)) this.#closeWindow()
  }

  #closeWindow (): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#welcomed = false
  }
}
