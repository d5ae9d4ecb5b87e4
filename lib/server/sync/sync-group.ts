/** State sync: all connections of one state with one flush delay share windows, diffs and frames. */
import { ConnectionClosedError } from '../../errors.ts'
import { Journal } from '../../state/history/journal.ts'
import type { Store } from '../../state/store/store.ts'
import type { Keys } from '../../json/containers.ts'
import type { Recorder } from '../../state/store/store-tree.ts'
import type { JsonValue } from '../../../types/json.ts'
import type { EncodedMessage } from '../wire/encoded-message.ts'
import { diffMessage, emptyMessage, outdateWhole, wholeMessage, wholeSize } from './state-messages.ts'

/** A connection, as the engine sees it. */
export interface Subscriber {
  /** Whether state may go now: the connection is open, its output is under the limit, and its framing is known. */
  readonly writable: boolean
  /** Hands a message to the socket; only called while writable. */
  writeState (message: EncodedMessage): void
  /** The state cannot be made into a message, and the subscriber is out of the group. */
  stateFailed (error: unknown): void
}

interface Waiter { resolve: () => void, reject: (error: Error) => void }

/** One subscriber's place in its group. */
interface Member {
  readonly subscriber: Subscriber
  /** Whose base it stands at; undefined: it needs the whole state. */
  cohort: Cohort | undefined
  /** Whether it was sent nothing yet, so that it stands at null. */
  blank: boolean
  /** Whether it wants to be told that the state is null. */
  readonly announceNull: boolean
  /** Flushes that wait for its socket. */
  waiters: Waiter[] | undefined
}

/** Members that stand at one base, and the journal from there to the base of the next cohort, or to now. */
interface Cohort { journal: Journal, readonly members: Set<Member> }

/** A change at delay 0, made into a message at once and sent at the end of the turn. */
interface Step { readonly journal: Journal, readonly message: EncodedMessage }

/** A record of the journal makes an operation of about this many bytes. */
const bytesPerRecord = 64
/** A journal below this many bytes is never given up for the whole state. */
const leastWhole = 65536
/** More cohorts than this are not worth telling apart: a flush then sends to all. */
const mostCohorts = 16

/**
 * The sync of one state at one delay.
 *
 *     change        change             end of window
 *       |-------------|----- delay ---------|
 *       opens the     joins it              one diff, one message, to every member of the head
 *       window
 *
 * Nearly always there is one cohort, the head: its journal records, a window's end sends its diff to all members, and
 * a new journal begins. A member whose socket is full stays behind in a cohort of its own; later journals are merged
 * into the one before them as soon as nobody stands between, so that what a slow client costs does not grow with time.
 */
export class SyncGroup implements Recorder {
  readonly #store: Store
  readonly #delay: number | null
  readonly #members = new Map<Subscriber, Member>()
  /** Members that need the whole state. */
  readonly #fresh = new Set<Member>()
  /** Oldest base first; the last is the head. */
  readonly #cohorts: Cohort[] = [newCohort()]
  #steps: Step[] = []
  #scheduled = false
  #timer: NodeJS.Timeout | undefined
  #unrecord: (() => void) | undefined

  constructor (store: Store, delay: number | null) {
    this.#store = store
    this.#delay = delay
  }

  get size (): number { return this.#members.size }

  /** Adds a subscriber; it gets the whole state at the end of a window, as if the state had just changed for it. */
  join (subscriber: Subscriber, announceNull = false): void {
    const member: Member = { subscriber, cohort: undefined, blank: true, announceNull, waiters: undefined }
    this.#members.set(subscriber, member)
    this.#fresh.add(member)
    this.#schedule()
  }

  /** Removes a subscriber; its flushes reject. */
  leave (subscriber: Subscriber): void {
    const member = this.#members.get(subscriber)
    if (member === undefined) return
    this.#members.delete(subscriber)
    this.#fresh.delete(member)
    if (member.cohort?.members.delete(member)) this.#tidy()
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
    let sent = false
    this.#guarded(() => {
      this.#sendSteps()
      sent = subscriber.writable
      if (!sent) return
      const alone = this.#members.size === 1
      if (alone || (this.#cohorts.length > mostCohorts && this.#delay !== null)) this.#endWindow()
      else this.#catchUp(member)
    })
    if (!this.#members.has(subscriber)) return Promise.reject(new ConnectionClosedError())
    if (sent) return Promise.resolve()
    return new Promise((resolve, reject) => { (member.waiters ??= []).push({ resolve, reject }) })
  }

  /** A subscriber that was not writable is so again. */
  drained (subscriber: Subscriber): void {
    const member = this.#members.get(subscriber)
    if (member === undefined || !subscriber.writable) return
    // An open window will serve it soon, with everybody else's message; an explicit flush does not wait for that.
    if (member.waiters === undefined && (this.#timer !== undefined || this.#delay === null)) return
    this.#guarded(() => {
      this.#sendSteps()
      this.#catchUp(member)
    })
  }

  covers (keys: Keys): boolean {
    return this.#head.journal.covers(keys)
  }

  record (keys: Keys, before: JsonValue | undefined): void {
    this.#head.journal.record(keys, before)
  }

  committed (): void {
    outdateWhole(this.#store)
    if (this.#delay === 0) {
      this.#guarded(() => {
        const { journal } = this.#head
        this.#head.journal = new Journal()
        const message = diffMessage(journal, this.#store)
        if (message !== undefined) this.#steps.push({ journal, message })
      })
    }
    this.#schedule()
  }

  get #head (): Cohort {
    return this.#cohorts[this.#cohorts.length - 1]!
  }

  /** Opens the window, unless one is open; at delay 0 its end is the end of the turn. */
  #schedule (): void {
    if (this.#delay === 0) {
      if (this.#scheduled) return
      this.#scheduled = true
      queueMicrotask(() => {
        this.#scheduled = false
        this.#guarded(() => this.#endWindow())
      })
    } else if (this.#delay !== null) {
      this.#timer ??= setTimeout(() => {
        this.#timer = undefined
        this.#guarded(() => this.#endWindow())
      }, this.#delay)
    }
  }

  /** A state that no message can carry (its text is longer than a string may be) ends its connections, not the process. */
  #guarded (act: () => void): void {
    try {
      act()
      this.#rest()
    } catch (error) {
      const subscribers = [...this.#members.keys()]
      for (const subscriber of subscribers) this.leave(subscriber)
      for (const subscriber of subscribers) subscriber.stateFailed(error)
    }
  }

  /** Brings everybody who is writable to now. */
  #endWindow (): void {
    this.#sendSteps()
    const laggards = this.#cohorts.slice(0, -1)
    // Their diffs reach over the head's journal, which the next step gives away.
    for (const cohort of laggards) {
      const ready = [...cohort.members].filter(({ subscriber }) => subscriber.writable)
      if (ready.length > 0) this.#send(ready, diffMessage(this.#since(cohort), this.#store))
    }
    const { journal } = this.#head
    if (journal.size > 0) {
      this.#head.journal = new Journal()
      const message = this.#head.members.size > 0 ? diffMessage(journal, this.#store) : undefined
      if (message !== undefined) this.#advance(journal, message)
      else if (this.#head.members.size === 0) laggards.at(-1)?.journal.absorb(journal)
    }
    this.#adopt(laggards)
    for (const member of this.#fresh) if (member.subscriber.writable) this.#sendWhole(member)
    this.#tidy()
  }

  /** Members of older cohorts that were just sent everything join the head. */
  #adopt (cohorts: readonly Cohort[]): void {
    for (const cohort of cohorts) {
      for (const member of cohort.members) {
        if (member.cohort !== undefined) continue
        cohort.members.delete(member)
        this.#toHead(member)
      }
    }
  }

  /** Sends the head's members one message; who is not writable stays behind with the journal of what it missed. */
  #advance (journal: Journal, message: EncodedMessage): void {
    const head = this.#head
    let behind: Cohort | undefined
    for (const member of head.members) {
      if (member.subscriber.writable) {
        member.subscriber.writeState(message)
        settle(member)
      } else {
        behind ??= { journal, members: new Set() }
        head.members.delete(member)
        behind.members.add(member)
        member.cohort = behind
      }
    }
    if (behind !== undefined) this.#cohorts.splice(-1, 0, behind)
    else this.#cohorts.at(-2)?.journal.absorb(journal)
  }

  #sendSteps (): void {
    const steps = this.#steps
    if (steps.length === 0) return
    this.#steps = []
    for (const { journal, message } of steps) this.#advance(journal, message)
  }

  /** Brings one member to now, ahead of the others: from here on they stand at different bases. */
  #catchUp (member: Member): void {
    const { cohort } = member
    if (cohort === undefined) {
      this.#split()
      this.#sendWhole(member)
    } else {
      const journal = this.#since(cohort)
      const message = journal.size > 0 ? diffMessage(journal, this.#store) : undefined
      if (message !== undefined) member.subscriber.writeState(message)
      settle(member)
      if (journal.size > 0) {
        cohort.members.delete(member)
        this.#split()
        this.#toHead(member)
      }
    }
    this.#tidy()
  }

  /** Makes a head whose base is now. */
  #split (): void {
    const head = this.#head
    if (head.journal.size === 0) return
    this.#cohorts.push(newCohort())
  }

  /** The journal from a cohort's base to now. */
  #since (cohort: Cohort): Journal {
    const index = this.#cohorts.indexOf(cohort)
    if (index === this.#cohorts.length - 1) return cohort.journal
    const journal = cohort.journal.copy()
    for (let i = index + 1; i < this.#cohorts.length; i++) journal.absorb(this.#cohorts[i]!.journal.copy())
    return journal
  }

  #send (members: readonly Member[], message: EncodedMessage | undefined): void {
    for (const member of members) {
      if (message !== undefined) member.subscriber.writeState(message)
      settle(member)
      member.cohort = undefined
    }
  }

  #sendWhole (member: Member): void {
    this.#fresh.delete(member)
    const isNull = this.#store.tree.root === null
    if (!isNull || !member.blank) member.subscriber.writeState(wholeMessage(this.#store))
    else if (member.announceNull) member.subscriber.writeState(emptyMessage())
    settle(member)
    this.#toHead(member)
  }

  #toHead (member: Member): void {
    member.blank = false
    member.cohort = this.#head
    this.#head.members.add(member)
    this.#unrecord ??= this.#store.record(this)
  }

  /** Drops cohorts that nobody stands at, and gives up journals that grew larger than the state. */
  #tidy (): void {
    const cohorts = this.#cohorts
    for (let i = cohorts.length - 2; i >= 0; i--) {
      const cohort = cohorts[i]!
      const size = cohort.journal.size * bytesPerRecord
      if (size > leastWhole && size > wholeSize(this.#store)) {
        for (const member of cohort.members) {
          member.cohort = undefined
          this.#fresh.add(member)
        }
        cohort.members.clear()
      }
      if (cohort.members.size > 0) continue
      if (i > 0) cohorts[i - 1]!.journal.absorb(cohort.journal)
      cohorts.splice(i, 1)
    }
  }

  /** Stops what is not needed: the window where nothing is unsent, the record where nobody has a base. */
  #rest (): void {
    const cohorts = this.#cohorts
    if (cohorts.length === 1 && this.#head.members.size === 0) {
      this.#unrecord?.()
      this.#unrecord = undefined
      this.#head.journal = new Journal()
      this.#steps = []
    }
    if (cohorts.length === 1 && this.#head.journal.size === 0 && this.#fresh.size === 0) {
      clearTimeout(this.#timer)
      this.#timer = undefined
    }
  }
}

const newCohort = (): Cohort => ({ journal: new Journal(), members: new Set() })

function settle (member: Member): void {
  const { waiters } = member
  if (waiters === undefined) return
  member.waiters = undefined
  for (const waiter of waiters) waiter.resolve()
}
