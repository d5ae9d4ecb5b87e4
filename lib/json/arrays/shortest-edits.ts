/** The longest common subsequence of two arrays that differ little (Myers, "An O(ND) Difference Algorithm", 1986). */
import type { JsonArray } from '../../../types/json.ts'

/** More edits than this are not looked for: the search takes time quadratic in them. */
const maxEdits = 256

/**
 * Aligns `before[head .. head + removed]` with `after[head .. head + added]` by identity alone, which tells
 * primitives exactly and shared containers at once.
 *
 * @param patient - whether to search on while little has been found in common
 * @returns by new index the old index, -1 for none; `undefined` where the arrays have too little in common
 */
export function shortestEdits (
  before: JsonArray, after: JsonArray, head: number, removed: number, added: number, patient: boolean
): Int32Array | undefined {
  const limit = Math.min(removed + added, maxEdits)
  if (Math.abs(removed - added) > limit) return undefined
  // By diagonal (old index minus new index), shifted by limit + 1: the furthest old index reached.
  const furthest = new Int32Array(2 * limit + 3)
  const trace: Int32Array[] = []
  let steps = 4 * (removed + added) + 1024
  // In long arrays giving up costs more than searching on.
  const patience = patient ? limit : 32 + (removed + added) / 100
  for (let edits = 0; edits <= limit; edits++) {
    let reached = 0
    for (let diagonal = -edits; diagonal <= edits; diagonal += 2) {
      const at = limit + 1 + diagonal
      let x = diagonal === -edits || (diagonal !== edits && furthest[at - 1]! < furthest[at + 1]!) ? furthest[at + 1]! : furthest[at - 1]! + 1
      const from = x
      let y = x - diagonal
      while (x < removed && y < added && before[head + x] === after[head + y]) {
        x++
        y++
      }
      steps -= x - from
      furthest[at] = x
      if (x >= removed && y >= added) return backtrack(trace, removed, added)
      if (x + y > reached && x <= removed && y <= added) reached = x + y
    }
    // Too little in common: fewer elements matched than edits made.
    if (steps < 0 || (edits > patience && reached < 3 * edits)) return undefined
    trace.push(furthest.slice(limit + 1 - edits, limit + 2 + edits))
  }
  return undefined
}

function backtrack (trace: readonly Int32Array[], removed: number, added: number): Int32Array {
  const origins = new Int32Array(added).fill(-1)
  let x = removed
  let y = added
  for (let edits = trace.length; edits > 0; edits--) {
    // One edit earlier; its diagonal d stands at index d + edits - 1.
    const furthest = trace[edits - 1]!
    const at = x - y + edits - 1
    const down = x - y === -edits || (x - y !== edits && furthest[at - 1]! < furthest[at + 1]!)
    const beforeX = furthest[down ? at + 1 : at - 1]!
    const beforeY = beforeX - (x - y + (down ? 1 : -1))
    const startX = down ? beforeX : beforeX + 1
    while (x > startX) origins[--y] = --x
    x = beforeX
    y = beforeY
  }
  while (x > 0) origins[--y] = --x
  return origins
}
