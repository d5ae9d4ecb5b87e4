/** What a sync group knows of each of its members, and of those who stand at one base. */
import type { Journal } from '../../state/history/journal.ts'
import type { EncodedMessage } from '../wire/encoded-message.ts'

/** A connection, as the engine sees it. */
export interface Subscriber {
  /** Whether state may go now: the connection is open, its output is under the limit, and its framing is known. */
  readonly writable: boolean
  /** Whether it is told the revision of what it is sent, and may come back to that. */
  readonly isPlaced: boolean
  /**
   * Hands a message to the socket; only called while writable.
   *
   * @param members - further ones for who is placed, serialised, each with a comma before it
   */
  writeState (message: EncodedMessage, members?: string): void
  /** The state cannot be made into a message, and the subscriber is out of the group. */
  stateFailed (error: unknown): void
}

export interface Waiter { resolve: () => void, reject: (error: Error) => void }

/** One subscriber's place in its group. */
export interface Member {
  readonly subscriber: Subscriber
  /** Whose base it stands at; undefined: it needs the whole state. */
  cohort: Cohort | undefined
  /** Whether it was sent nothing yet, so that it stands at null. */
  blank: boolean
  /** Whether it wants to be told that the state is null. */
  readonly announceNull: boolean
  /** Whether it has come back with a state that it had, and has been told nothing yet. */
  resuming: boolean
  /** Flushes that wait for its socket. */
  waiters: Waiter[] | undefined
}

/** Members that stand at one base, and the journal from there to the base of the next cohort, or to now. */
export interface Cohort {
  /** The revision that its members were last brought to. */
  base: number
  journal: Journal
  readonly members: Set<Member>
}
