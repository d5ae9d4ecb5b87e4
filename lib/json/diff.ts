/** The JSON Patch that turns one value into another: small, and in time that follows what has to be looked at. */
import type { JsonArray, JsonObject, JsonValue, PatchOperation } from '../../types/json.ts'
import { align } from './arrays/align.ts'
import type { Alignment } from './arrays/align.ts'
import { isContainer } from './containers.ts'
import { equal } from './equal.ts'
import { escapeKey } from './pointer.ts'
import { rearrange } from './arrays/rearrange.ts'
import { sizeUpTo } from './size.ts'
import type { Widths } from './size.ts'

/** Bytes of an operation without its path and value, with the comma behind it. */
const overheads = { add: 32, remove: 26, replace: 36, move: 34 }

/** Arrays within so many arrays are compared index by index: to align them too would take each level's time anew. */
const maxNesting = 32

/**
 * Appends the operations that turn `before` into `after`. References shared by both are not looked into. The inputs
 * are never written, and operations alias parts of `after`: serialise them before it changes.
 *
 * Only `add`, `remove`, `replace` and, within one array, `move` are made; `test` and `copy` never, which some appliers
 * get wrong. A container is replaced whole where that is
 * much smaller than what its members take.
 *
 * @param prefix - JSON Pointer of the place that both values stand at
 * @param widths - known numbers of members, see `sizeUpTo`
 */
export function diff (before: JsonValue, after: JsonValue, prefix: string, out: PatchOperation[], widths?: Widths): void {
  new Differ(out, widths).compare(before, after, prefix)
}

/** Collects the operations of one patch; for who knows already which members of a container changed. */
export class Differ {
  readonly #out: PatchOperation[]
  readonly #widths: Widths | undefined
  /** Bytes of the operations so far, without their values. */
  #spent = 0
  /** How many arrays stand around the values being compared. */
  #nesting = 0

  constructor (out: PatchOperation[], widths: Widths | undefined) {
    this.#out = out
    this.#widths = widths
  }

  compare (before: JsonValue, after: JsonValue, path: string): void {
    if (before === after) return
    if (typeof before !== 'object' || typeof after !== 'object' || before === null || after === null) {
      this.#replace(path, after)
    } else if (Array.isArray(before)) {
      if (Array.isArray(after)) {
        this.#nesting++
        this.#compareArrays(before, after, path)
        this.#nesting--
      } else {
        this.#replace(path, after)
      }
    } else if (Array.isArray(after)) {
      this.#replace(path, after)
    } else {
      this.#compareObjects(before, after, path)
    }
  }

  /** What `members` adds are changes below a container that is now `after`; they may end up as one `replace` of it. */
  within (after: JsonArray | JsonObject, path: string, members: () => void): void {
    const start = this.#out.length
    const spent = this.#spent
    members()
    this.#preferWhole(start, spent, after, path, 0)
  }

  #compareObjects (before: JsonObject, after: JsonObject, path: string): void {
    const start = this.#out.length
    const spent = this.#spent
    const keys = Object.keys(before)
    const newKeys = Object.keys(after)
    let kept = 0
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i]!
      const left = before[key]!
      const right = after[key]!
      // What an object inherits (`constructor`, `toString`) is no JSON, so it is never identical to a member's value.
      if (left === right) {
        kept++
      } else if (newKeys[i] === key || Object.hasOwn(after, key)) {
        kept++
        this.compare(left, right, `${path}/${escapeKey(key)}`)
      } else {
        this.remove(`${path}/${escapeKey(key)}`)
      }
    }
    if (kept < newKeys.length) {
      for (const key of newKeys) {
        if (!Object.hasOwn(before, key)) this.add(`${path}/${escapeKey(key)}`, after[key]!)
      }
    }
    // The least that a member takes is two quotes, a colon, one digit, a comma.
    this.#preferWhole(start, spent, after, path, newKeys.length * 5)
  }

  #compareArrays (before: JsonArray, after: JsonArray, path: string): void {
    const start = this.#out.length
    const spent = this.#spent
    const shorter = Math.min(before.length, after.length)
    // By identity first: where references are shared, nothing but what changed is looked into.
    let head = 0
    while (head < shorter && before[head] === after[head]) head++
    let tail = 0
    while (tail < shorter - head && before[before.length - 1 - tail] === after[after.length - 1 - tail]) tail++
    const nested = this.#nesting > maxNesting
    if (!nested) {
      while (head + tail < shorter && equal(before[head]!, after[head]!)) head++
      while (head + tail < shorter && equal(before[before.length - 1 - tail]!, after[after.length - 1 - tail]!)) tail++
    }

    const removed = before.length - head - tail
    const added = after.length - head - tail
    if (removed === 1 && added === 1) {
      this.compare(before[head]!, after[head]!, `${path}/${head}`)
    } else if (added === 0) {
      for (let i = removed - 1; i >= 0; i--) this.remove(`${path}/${head + i}`)
    } else if (removed === 0) {
      for (let i = 0; i < added; i++) this.add(`${path}/${head + i}`, after[head + i]!)
    } else if (nested) {
      for (let i = removed - 1; i >= added; i--) this.remove(`${path}/${head + i}`)
      for (let i = 0; i < added; i++) {
        if (i < removed) this.compare(before[head + i]!, after[head + i]!, `${path}/${head + i}`)
        else this.add(`${path}/${head + i}`, after[head + i]!)
      }
    } else {
      const alignment = align(before, after, head, removed, added)
      if (this.#hopeless(before, after, head, path, alignment)) {
        this.#replace(path, after)
        return
      }
      rearrange(alignment, head, {
        remove: (index) => this.remove(`${path}/${index}`),
        add: (index, target) => this.add(`${path}/${index}`, after[target]!),
        move: (from, to) => this.#move(`${path}/${from}`, `${path}/${to}`)
      })
      // Now every element is where it belongs, so that pairs can be told apart by their new index.
      const { origins, paired } = alignment
      for (let i = 0; i < added; i++) {
        if (paired[i] === 1) this.compare(before[head + origins[i]!]!, after[head + i]!, `${path}/${head + i}`)
      }
    }
    this.#preferWhole(start, spent, after, path, after.length * 2)
  }

  /** Whether the operations would take three times the array for certain: then they need not be made. */
  #hopeless (before: JsonArray, after: JsonArray, head: number, path: string, { origins, paired, moves }: Alignment): boolean {
    let operations = moves
    for (let i = 0; i < origins.length; i++) {
      const origin = origins[i]!
      if (origin === -1) operations++
      else if (paired[i] === 1 && !(isContainer(before[head + origin]) && isContainer(after[head + i]))) operations++
    }
    if (operations < 2) return false
    const spent = operations * (overheads.add + path.length + 2)
    const limit = Math.min(spent / 3, spent / 2 - overheads.replace - path.length)
    return after.length * 2 < limit && sizeUpTo(after, limit, this.#widths) <= limit
  }

  /**
   * Replaces a container whole where the operations made for its members since `start` take about three times the
   * bytes of its value or more: deflated, many small operations are smaller than one value of the same length. They
   * must also take twice the replacing operation, or little values at long paths would lose their leaf operations.
   */
  #preferWhole (start: number, spentBefore: number, after: JsonArray | JsonObject, path: string, least: number): void {
    const out = this.#out
    if (out.length - start < 2) return
    const spent = this.#spent - spentBefore
    const whole = overheads.replace + path.length
    // Values in operations are parts of the whole value, so that both conditions bound it without looking at them.
    const limit = Math.min(spent / 2, spent - 2 * whole)
    if (least > limit) return
    const size = sizeUpTo(after, limit, this.#widths)
    if (size > limit) return
    let patch = spent
    for (let i = start; i < out.length; i++) {
      const operation = out[i]!
      if ('value' in operation) patch += sizeUpTo(operation.value, limit, this.#widths)
    }
    if (patch < 3 * size || patch < 2 * (whole + size)) return
    out.length = start
    this.#spent = spentBefore
    this.#replace(path, after)
  }

  add (path: string, value: JsonValue): void {
    this.#spent += overheads.add + path.length
    this.#out.push({ op: 'add', path, value })
  }

  remove (path: string): void {
    this.#spent += overheads.remove + path.length
    this.#out.push({ op: 'remove', path })
  }

  #replace (path: string, value: JsonValue): void {
    // To add a member that exists is to replace it (RFC 6902, section 4.1). Python's jsonpatch takes a last `-` for the end
    // of an array wherever it stands, and throws: it has `add` as its only way to a member of that name.
    if (path.endsWith('/-')) {
      this.add(path, value)
      return
    }
    this.#spent += overheads.replace + path.length
    this.#out.push({ op: 'replace', path, value })
  }

  #move (from: string, path: string): void {
    this.#spent += overheads.move + from.length + path.length
    this.#out.push({ op: 'move', from, path })
  }
}
