/** The operations that bring an array's elements into a new order, with the indexes that hold while they are applied. */
import type { Alignment } from './align.ts'

/** What `rearrange` calls, in the order in which the operations apply. */
export interface RearrangeSteps {
  remove (index: number): void
  /** @param target - index in the new array, of the element to add */
  add (index: number, target: number): void
  move (from: number, to: number): void
}

/**
 * Removes from back to front what the new array has no use for, then walks the new array and puts in place what is
 * new or comes from elsewhere. Elements in place are never touched.
 *
 * @param head - how many elements stand before the aligned part
 */
export function rearrange (alignment: Alignment, head: number, steps: RearrangeSteps): void {
  const { origins, moved, rest } = alignment
  const removed = rest.length
  for (let i = removed - 1; i >= 0; i--) {
    if (rest[i] === 0) steps.remove(head + i)
  }
  if (alignment.moves === 0) {
    for (let j = 0; j < origins.length; j++) {
      if (origins[j] === -1) steps.add(head + j, head + j)
    }
    return
  }
  // Slot i + 1 counts the old element i, while it stands in its old place, and what was put right behind it; slot 0
  // counts what was put at the front. Elements yet to be moved may stand between.
  const slots = new Counts(rest)
  let slot = 0
  let cursor = 0
  for (let j = 0; j < origins.length; j++) {
    const origin = origins[j]!
    if (origin === -1) {
      steps.add(head + cursor++, head + j)
      slots.change(slot, 1)
    } else if (moved[j] === 1) {
      const from = slots.before(origin + 1)
      slots.change(origin + 1, -1)
      if (origin + 1 <= slot) cursor--
      if (from !== cursor) steps.move(head + from, head + cursor)
      cursor++
      slots.change(slot, 1)
    } else {
      slot = origin + 1
      cursor = slots.before(slot + 1)
    }
  }
}

/** Sums of a changing list of numbers, each in logarithmic time (a Fenwick tree). */
class Counts {
  readonly #sums: Int32Array

  /** @param rest - the numbers, from slot 1 on; slot 0 starts at 0 */
  constructor (rest: Uint8Array) {
    const sums = new Int32Array(rest.length + 2)
    for (let i = 1; i < sums.length; i++) {
      sums[i]! += i >= 2 ? rest[i - 2]! : 0
      const parent = i + (i & -i)
      if (parent < sums.length) sums[parent]! += sums[i]!
    }
    this.#sums = sums
  }

  change (slot: number, by: number): void {
    for (let i = slot + 1; i < this.#sums.length; i += i & -i) this.#sums[i]! += by
  }

  /** The sum of all slots before this one. */
  before (slot: number): number {
    let sum = 0
    for (let i = slot; i > 0; i -= i & -i) sum += this.#sums[i]!
    return sum
  }
}
