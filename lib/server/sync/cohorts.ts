/** Who stands where: the members of a sync group by the base that each was brought to, and the journals between. */
import type { JsonValue } from '../../../types/json.ts'
import type { Keys } from '../../json/containers.ts'
import { Journal } from '../../state/history/journal.ts'
import type { Source } from '../../state/source.ts'
import type { Recorder } from '../../state/store/store-tree.ts'
import { DeflateMemory } from '../wire/deflate-memory.ts'
import type { EncodedMessage } from '../wire/encoded-message.ts'
import type { DriftChecks } from './drift-checks.ts'
import type { FlushReport } from './flush-report.ts'
import { Laggards } from './laggards.ts'
import type { Cohort, Member } from './member.ts'
import { diffMessage, emptyMessage, outdateWhole, wholeMessage, wholeSize } from './state-messages.ts'

/** A change at delay 0, made into a message at once and sent at the end of the turn. */
interface Step {
  /** The revision that it leads from. */
  readonly base: number
  readonly journal: Journal
  readonly message: EncodedMessage
}

/** A record of the journal makes an operation of about this many bytes. */
const bytesPerRecord = 64
/** A journal below this many bytes is never given up for the whole state. */
const leastWhole = 65536
/** More cohorts than this are not worth telling apart. */
const mostCohorts = 16

/**
 * Nearly always there is one cohort, the head: its journal records, a window's end sends its diff to all members, and
 * a new journal begins. A member that is flushed by itself within a window gets ahead of the others, who then are a
 * cohort behind it until the window ends. A member whose socket is full leaves its cohort for the laggards.
 */
export class Cohorts {
  readonly #source: Source
  readonly #recorder: Recorder
  /** Members that need the whole state. */
  readonly #fresh = new Set<Member>()
  readonly #laggards: Laggards
  readonly #checks: DriftChecks | undefined
  /** Oldest base first; the last is the head. */
  readonly #cohorts: Cohort[]
  #steps: Step[] = []
  /** What was deflated last of what most members get. */
  readonly #memory = new DeflateMemory()
  #unrecord: (() => void) | undefined
  /** Is told what is sent. */
  report: FlushReport | undefined

  /**
   * @param recorder - registered with the source for as long as somebody has a base
   * @param checks - what those who may come back check their state against
   */
  constructor (source: Source, recorder: Recorder, checks?: DriftChecks) {
    this.#source = source
    this.#recorder = recorder
    this.#laggards = new Laggards(source)
    this.#checks = checks
    this.#cohorts = [newCohort(source.revision)]
  }

  /** Whether there are so many bases that one message to everybody is cheaper than one more base. */
  get crowded (): boolean {
    return this.#cohorts.length > mostCohorts
  }

  /** Whether everybody has everything. */
  get even (): boolean {
    return this.#cohorts.length === 1 && this.#head.journal.size === 0 && this.#fresh.size === 0 && this.#laggards.size === 0
  }

  /** How many members do not take theirs. */
  get behind (): number {
    return this.#laggards.size
  }

  /** Whether a member was handed everything. */
  isCurrent ({ cohort }: Member): boolean {
    return cohort === this.#head && cohort.journal.size === 0 && this.#steps.length === 0
  }

  add (member: Member): void {
    this.#fresh.add(member)
  }

  /** Adds a member that has come back, and stands where it was. @param base - a revision since which touched places are kept */
  addAt (member: Member, base: number): void {
    this.#laggards.add(member, base, [])
  }

  /**
   * Puts a new member at the head where the state is null, which it knows or is told: so every step from here on is one
   * for it as well. Returns false, and does nothing, where that cannot be.
   */
  addAtNull (member: Member): boolean {
    const isNull = this.#source.tree.root === null && this.#head.journal.size === 0 && this.#steps.length === 0
    if (!isNull || (member.announceNull && !member.subscriber.writable)) return false
    this.#split()
    this.#sendWhole(member)
    return true
  }

  /** Sends the whole to those who need it, ahead of the others. */
  welcome (): void {
    const ready = [...this.#fresh].filter(({ subscriber }) => subscriber.writable)
    if (ready.length === 0 || this.crowded) return
    this.#split()
    for (const member of ready) this.#sendWhole(member)
  }

  delete (member: Member): void {
    this.#fresh.delete(member)
    this.#laggards.delete(member)
    if (member.cohort?.members.delete(member)) this.#tidy()
  }

  covers (keys: Keys): boolean {
    return this.#head.journal.covers(keys)
  }

  record (keys: Keys, before: JsonValue | undefined): void {
    this.#head.journal.record(keys, before)
  }

  /** Makes a message of what was recorded since the last step; it goes with the next `sendSteps`. */
  takeStep (): void {
    const head = this.#head
    const { journal, base } = head
    head.journal = new Journal()
    head.base = this.#source.revision
    this.#cohorts.at(-2)?.journal.absorb(journal.copy())
    const message = diffMessage(journal, this.#source)
    if (message === undefined) return
    message.memory ??= this.#memory
    this.#steps.push({ base, journal, message })
  }

  /** Forgets what was recorded since the last step: it was taken back. */
  dropStep (): void {
    if (this.#head.journal.size > 0) this.#head.journal = new Journal()
  }

  sendSteps (): void {
    const steps = this.#steps
    if (steps.length === 0) return
    this.#steps = []
    for (const [i, { base, message }] of steps.entries()) {
      const missed = () => [...steps.slice(i).map(({ journal }) => journal), this.#head.journal]
      this.#sendTo(this.#head, message, base, missed)
    }
  }

  /** Brings everybody who is writable to now. */
  catchUpAll (): void {
    this.sendSteps()
    const head = this.#head
    const largest = Math.max(...this.#cohorts.map(({ members }) => members.size))
    for (const cohort of this.#cohorts) {
      const { base } = cohort
      const missed = this.#since(cohort)
      if (missed.size === 0) continue
      const message = cohort.members.size > 0 ? diffMessage(missed, this.#source) : undefined
      if (cohort.members.size === largest && message !== undefined) message.memory ??= this.#memory
      if (message !== undefined) this.#sendTo(cohort, message, base, () => [missed])
      else for (const member of cohort.members) resolveFlushes(member)
    }
    for (const cohort of this.#cohorts.splice(0, this.#cohorts.length - 1)) {
      for (const member of cohort.members) this.#toHead(member)
    }
    if (head.journal.size > 0) head.journal = new Journal()
    head.base = this.#source.revision
    this.#laggards.release((member, message) => this.#sendToLaggard(member, message))
    for (const member of this.#fresh) if (member.subscriber.writable) this.#sendWhole(member)
  }

  /** Brings one member to now, ahead of the others: from here on they stand at different bases. */
  catchUp (member: Member): void {
    this.sendSteps()
    const { cohort } = member
    if (this.#laggards.has(member)) {
      const message = this.#laggards.messageFor(member)
      this.#split()
      this.#laggards.delete(member)
      this.#sendToLaggard(member, message)
    } else if (cohort === undefined) {
      this.#split()
      this.#sendWhole(member)
    } else {
      const journal = this.#since(cohort)
      const message = journal.size > 0 ? diffMessage(journal, this.#source) : undefined
      if (message !== undefined) this.#write(member, message)
      resolveFlushes(member)
      if (journal.size > 0) {
        cohort.members.delete(member)
        this.#split()
        this.#toHead(member)
      }
    }
    this.#tidy()
  }

  /** The members of the oldest base become laggards, so that bases do not grow without end. */
  retireOldest (): void {
    const oldest = this.#cohorts[0]!
    const missed = [this.#since(oldest)]
    for (const member of oldest.members) {
      member.cohort = undefined
      this.#laggards.add(member, oldest.base, missed)
    }
    oldest.members.clear()
    this.#tidy()
  }

  /** Stops recording where nobody has a base. What was made for members who join is let go: no change will tell any more. */
  rest (): void {
    if (this.#cohorts.length > 1 || this.#head.members.size > 0) return
    if (this.#unrecord !== undefined) {
      this.#unrecord()
      this.#unrecord = undefined
      this.outdate()
      this.#memory.forget()
    }
    this.#head.journal = new Journal()
    this.#head.base = this.#source.revision
    this.#steps = []
  }

  /** The state has changed: what was made of it for members who join is let go. */
  outdate (): void {
    outdateWhole(this.#source)
  }

  get #head (): Cohort {
    return this.#cohorts[this.#cohorts.length - 1]!
  }

  #write (member: Member, message: EncodedMessage): void {
    const { subscriber, resuming } = member
    member.resuming = false
    subscriber.writeState(message, subscriber.isPlaced ? this.#checks?.memberFor(message.revision, resuming) : '')
    this.report?.sent(message)
  }

  /**
   * Sends a cohort's members one message. Who is not writable becomes a laggard.
   *
   * @param base - the revision that the members stand at
   * @param missed - the journals from there to now
   */
  #sendTo (cohort: Cohort, message: EncodedMessage, base: number, missed: () => Journal[]): void {
    for (const member of cohort.members) {
      if (member.subscriber.writable) {
        this.#write(member, message)
        resolveFlushes(member)
      } else {
        cohort.members.delete(member)
        member.cohort = undefined
        this.#laggards.add(member, base, missed())
      }
    }
  }

  #sendToLaggard (member: Member, message: EncodedMessage | undefined): void {
    if (message !== undefined) this.#write(member, message)
    resolveFlushes(member)
    this.#toHead(member)
  }

  /** Makes a head whose base is now. With nobody at it nothing was recorded, and its base may be long ago. */
  #split (): void {
    if (this.#head.journal.size > 0) this.#cohorts.push(newCohort(this.#source.revision))
    else this.#head.base = this.#source.revision
  }

  /** The journal from a cohort's base to now. */
  #since (cohort: Cohort): Journal {
    const index = this.#cohorts.indexOf(cohort)
    if (index === this.#cohorts.length - 1) return cohort.journal
    const journal = cohort.journal.copy()
    for (let i = index + 1; i < this.#cohorts.length; i++) journal.absorb(this.#cohorts[i]!.journal.copy())
    return journal
  }

  #sendWhole (member: Member): void {
    this.#fresh.delete(member)
    const isNull = this.#source.tree.root === null
    if (!isNull || !member.blank) this.#write(member, wholeMessage(this.#source))
    else if (member.announceNull) this.#write(member, emptyMessage(this.#source))
    resolveFlushes(member)
    this.#toHead(member)
  }

  #toHead (member: Member): void {
    member.blank = false
    member.cohort = this.#head
    this.#head.members.add(member)
    this.#unrecord ??= this.#source.record(this.#recorder)
  }

  /** Drops cohorts that nobody stands at. Whoever lacks more than the state is long needs no exact base any more. */
  #tidy (): void {
    const cohorts = this.#cohorts
    for (let i = cohorts.length - 2; i >= 0; i--) {
      const cohort = cohorts[i]!
      const size = cohort.journal.size * bytesPerRecord
      if (size > leastWhole && size > wholeSize(this.#source)) this.#giveUp(cohort)
      if (cohort.members.size > 0) continue
      if (i > 0) cohorts[i - 1]!.journal.absorb(cohort.journal)
      cohorts.splice(i, 1)
    }
  }

  /** The members get the whole state next. */
  #giveUp ({ members }: Cohort): void {
    for (const member of members) {
      member.cohort = undefined
      this.#fresh.add(member)
    }
    members.clear()
  }
}

const newCohort = (base: number): Cohort => ({ base, journal: new Journal(), members: new Set() })

/** All that a member lacked is in its socket. */
function resolveFlushes (member: Member): void {
  const { waiters } = member
  if (waiters === undefined) return
  member.waiters = undefined
  for (const waiter of waiters) waiter.resolve()
}
