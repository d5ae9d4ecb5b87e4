/** Which elements of an array are which elements of its successor. */
import type { JsonArray } from '../../../types/json.ts'
import { isContainer } from '../containers.ts'
import { shortestEdits } from './shortest-edits.ts'
import { matchRowsById } from './rows-by-id.ts'
import { matchEqualElements } from './equal-elements.ts'

/** Of two arrays' middles (what a common head and tail leaves); all indexes count from the middle's start. */
export interface Alignment {
  /** By new index: the old index of the same or a similar element; -1 where the element is new. */
  readonly origins: Int32Array
  /** By new index: 1 where the element comes from another place. */
  readonly moved: Uint8Array
  /** By new index: 1 where old and new element may differ, so that once it is in place it is to be compared. */
  readonly paired: Uint8Array
  /** By old index: 1 where the element stays in the array. */
  readonly rest: Uint8Array
  /** How many elements are moved. */
  readonly moves: number
}

/**
 * Aligns `before[head .. head + removed]` with `after[head .. head + added]`, in time close to linear: elements that
 * are the same, of equal value, or the same row by its id, stay or move, the longest run of them in old order stays; of
 * what remains, elements between the same neighbours are paired.
 */
export function align (before: JsonArray, after: JsonArray, head: number, removed: number, added: number): Alignment {
  const paired = new Uint8Array(added)
  const moved = new Uint8Array(added)
  const edits = shortestEdits(before, after, head, removed, added, false)
  let origins = edits ?? new Int32Array(added).fill(-1)
  // Where references are not shared, ids are cheaper to go by than values.
  let kin = edits === undefined ? matchRowsById(before, after, head, removed, origins, paired) : 0
  const { found, ambiguous } = matchEqualElements(before, after, head, removed, origins)
  kin += matchRowsById(before, after, head, removed, origins, paired)
  let moves = found + kin > 0 ? markMoves(origins, moved) : 0
  // Elements that occur several times were matched first to first, which a shift can tear apart.
  if (edits === undefined && moves > 0 && ambiguous && 2 * found > Math.min(removed, added)) {
    const patientEdits = shortestEdits(before, after, head, removed, added, true)
    if (patientEdits !== undefined) {
      origins = patientEdits
      moved.fill(0)
      paired.fill(0)
      moves = matchEqualElements(before, after, head, removed, origins).found > 0 ? markMoves(origins, moved) : 0
    }
  }
  const rest = new Uint8Array(removed)
  for (const origin of origins) {
    if (origin >= 0) rest[origin] = 1
  }
  pairGaps(origins, moved, paired, rest)
  const alignment = { origins, moved, paired, rest, moves }
  return removed === added ? cheaperInPlace(before, after, head, alignment) : alignment
}

/** Marks as moved what is not on the longest increasing subsequence of the origins. */
function markMoves (origins: Int32Array, moved: Uint8Array): number {
  const tails: number[] = []
  const previous = new Int32Array(origins.length)
  let moves = 0
  for (let j = 0; j < origins.length; j++) {
    const origin = origins[j]!
    if (origin === -1) continue
    moved[j] = 1
    moves++
    let low = tails.length
    // Mostly in order already: then the new element extends the longest run, and no search is needed.
    if (low > 0 && origins[tails[low - 1]!]! > origin) {
      let high = low - 1
      low = 0
      while (low < high) {
        const middle = (low + high) >> 1
        if (origins[tails[middle]!]! < origin) low = middle + 1
        else high = middle
      }
    }
    previous[j] = low > 0 ? tails[low - 1]! : -1
    tails[low] = j
  }
  for (let j = tails.at(-1) ?? -1; j >= 0; j = previous[j]!) {
    moved[j] = 0
    moves--
  }
  return moves
}

/** Pairs, in order, unused old elements with new ones between the same two elements that stay. */
function pairGaps (origins: Int32Array, moved: Uint8Array, paired: Uint8Array, rest: Uint8Array): void {
  let old = 0
  for (let j = 0; j < origins.length;) {
    let end = j
    while (end < origins.length && (origins[end] === -1 || moved[end] === 1)) end++
    const oldEnd = end < origins.length ? origins[end]! : rest.length
    for (; j < end; j++) {
      if (origins[j] !== -1) continue
      while (old < oldEnd && rest[old] === 1) old++
      if (old === oldEnd) continue
      origins[j] = old
      paired[j] = 1
      rest[old] = 1
    }
    old = oldEnd + 1
    j = end + 1
  }
}

/** With arrays of one length, keeps every element where it is if that takes no more operations and only primitives change. */
function cheaperInPlace (before: JsonArray, after: JsonArray, head: number, alignment: Alignment): Alignment {
  const { origins, paired, rest } = alignment
  let operations = alignment.moves
  for (let j = 0; j < origins.length; j++) {
    if (origins[j] === -1 || paired[j] === 1) operations++
    if (rest[j] === 0) operations++
  }
  const changed = new Uint8Array(origins.length)
  for (let j = 0; j < origins.length; j++) {
    const left = before[head + j]!
    const right = after[head + j]!
    if (left === right) continue
    if (isContainer(left) || isContainer(right) || --operations < 0) return alignment
    changed[j] = 1
  }
  return {
    origins: origins.map((_, j) => j),
    moved: new Uint8Array(origins.length),
    paired: changed,
    rest: new Uint8Array(origins.length).fill(1),
    moves: 0
  }
}
