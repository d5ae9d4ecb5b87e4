/** What a client checks its state against: a digest of one piece of the state after the other, now and then. */
import { digest, partOf } from '../../json/digest.ts'
import { isContainer, reach } from '../../json/containers.ts'
import { escapeKey } from '../../json/pointer.ts'
import type { Slots } from '../../json/containers.ts'
import { placeOf } from '../../state/reading/path.ts'
import type { Source } from '../../state/source.ts'
import type { JsonValue } from '../../../types/json.ts'

/** Longest piece in values, each with its text: what a client, and the server once for all clients, looks at in a turn. */
const most = 5000
/** So many characters of names and strings take about as long as a value. */
const charactersPerValue = 32
/** A container of more members is left out: to find those of a part takes a look at all of their names. */
const mostMembers = 50_000
/** A piece of so many parts that is still too large is left out: its names have one hash, by accident or by design. */
const mostParts = 2 ** 20
/** Longest pointer in characters: it goes to every client. */
const longestPointer = 1000
/** So many pieces are looked at in search of the next one; after that, the search goes on at the next check. */
const mostTries = 8
/** Least time in ms between two checks for those who come back. */
const leastForced = 100

/** A piece of the state: what is at a pointer, or of a large container there the members of one part. */
interface Piece { readonly pointer: string, readonly part: number, readonly parts: number }

/**
 * Checks for two kinds of messages. Those that everybody gets have one now and then; those for who comes back always do,
 * from a round of their own, so that nobody who comes back takes a check from the others.
 */
export class DriftChecks {
  readonly #source: Source
  readonly #interval: number
  readonly #round = new Round()
  readonly #forcedRound = new Round()
  #last = performance.now()
  #lastForced = -Infinity
  /** The revision that was looked at last, whether a check is due with it, and what goes with it. */
  #revision = -1
  #isDue = false
  #member: string | undefined
  #forced: string | undefined

  /** @param interval - least time in ms between two checks with messages that would go without */
  constructor (source: Source, interval: number) {
    this.#source = source
    this.#interval = interval
  }

  /**
   * The further member of a message of the state, serialised, with a comma before it; empty where none is due. All
   * messages of a kind that lead to one revision get the same.
   *
   * @param revision - the one that the message leads to
   * @param isForced - whether it is for who comes back
   */
  memberFor (revision: number, isForced: boolean): string {
    // Others follow in this turn: only the last one leads to what can be looked at.
    if (revision !== this.#source.revision) return ''
    if (revision !== this.#revision) {
      this.#revision = revision
      this.#member = this.#forced = undefined
      this.#isDue = performance.now() - this.#last >= this.#interval
    }
    const { root } = this.#source.tree
    if (this.#isDue) {
      if (this.#member === undefined) {
        this.#last = performance.now()
        this.#member = this.#round.next(root)
      }
      return this.#member
    }
    return isForced ? (this.#forced ??= this.#nextForced(root)) : ''
  }

  /** A storm of those who come back, one at each revision, gets some of them. */
  #nextForced (root: JsonValue): string {
    const now = performance.now()
    if (now - this.#lastForced < leastForced) return ''
    this.#lastForced = now
    return this.#forcedRound.next(root)
  }
}

/**
 * Goes round the state, piece after piece. A piece that is too large is divided when its turn comes, so that nothing is
 * done for a check before that, whatever is written to the state meanwhile.
 *
 * @example
 * `["/line", 2907823472]`            what is at `/line`, whole
 * `["/sensors", 3121, 3, 8]`         of `/sensors` the members of part 3 of 8
 * `["/sensors", 9811, 0, 0]`         only what it is, and how many members it has
 */
class Round {
  /** The rest of the round, the next piece last. */
  #pieces: Piece[] = []
  /** Containers that were found to have too many members. */
  readonly #leftOut = new WeakSet<object>()

  /** The check of the next piece, as a member of a message; empty where none was found in time. */
  next (root: JsonValue): string {
    const pieces = this.#pieces
    if (pieces.length === 0) pieces.push({ pointer: '', part: 0, parts: 1 })
    for (let tries = 0; tries < mostTries && pieces.length > 0; tries++) {
      const piece = pieces.pop()!
      const { pointer, part, parts } = piece
      const keys = placeOf(root, pointer)
      if (keys === undefined) continue
      const value = reach(root, keys)!
      if (isContainer(value) && this.#hasTooMany(value)) continue
      if (parts === 0 || isSmall(value, part, parts)) {
        const range = parts === 1 ? '' : `,${part},${parts}`
        return `,"check":[${JSON.stringify(pointer)},${digest(value, part, parts)}${range}]`
      }
      // A scalar that is too long is not looked at.
      if (isContainer(value)) pieces.push(...divided(piece, value as Slots))
    }
    return ''
  }

  #hasTooMany (container: object): boolean {
    if (this.#leftOut.has(container)) return true
    const members = Array.isArray(container) ? container.length : Object.keys(container).length
    if (members > mostMembers) this.#leftOut.add(container)
    return members > mostMembers
  }
}

/** The pieces of one that is too large, in the order in which they are taken from the end: a few of them. */
function divided ({ pointer, part, parts }: Piece, container: Slots): Piece[] {
  const members = Object.keys(container).filter((name) => partOf(name, parts) === part)
  const pieces: Piece[] = []
  if (members.length === 1) {
    const child = `${pointer}/${escapeKey(members[0]!)}`
    if (child.length <= longestPointer) pieces.push({ pointer: child, part: 0, parts: 1 })
  } else if (parts < mostParts) {
    pieces.push({ pointer, part: part + parts, parts: parts * 2 }, { pointer, part, parts: parts * 2 })
  }
  // What it is and how large is told once, before its parts.
  if (parts === 1) pieces.push({ pointer, part: 0, parts: 0 })
  return pieces
}

/** Whether a piece may be looked at in one turn. Stops counting where it may not. */
function isSmall (value: JsonValue, part: number, parts: number): boolean {
  let rest = most
  const take = (value: JsonValue): boolean => {
    rest -= 1 + (typeof value === 'string' ? value.length / charactersPerValue : 0)
    return rest >= 0 && (!isContainer(value) || takeMembers(value as Slots, 0, 1))
  }
  const takeMembers = (container: Slots, part: number, parts: number): boolean => {
    for (const name in container) {
      if (parts !== 1 && partOf(name, parts) !== part) continue
      rest -= name.length / charactersPerValue
      if (!take(container[name]!)) return false
    }
    return true
  }
  return isContainer(value) ? takeMembers(value as Slots, part, parts) : take(value)
}
