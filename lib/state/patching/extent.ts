/** How large and how deep a JSON value is, and how large and deep patches may make a state. */
import type { JsonValue } from '../../../types/json.ts'
import { isContainer } from '../../json/containers.ts'

/** How many levels a state may have: far more than any screen shows, few enough for every recursion over it. */
export const maxDepth = 1000

/** Values that the copies of one patch may put into a state without a look at how large that is. */
export const freeCopies = 1024
/** Values beyond which copies alone make no state larger. A text of so many is some tens of megabytes long. */
const mostCopied = 2 ** 22

export interface Extent {
  /** How many values there are: containers, and what is in them. */
  readonly values: number
  /** How many levels of containers there are; 0 for a scalar. */
  readonly levels: number
}

/** Extents by container: the value of a container that several places share is looked into once. */
export type Extents = Map<JsonValue, Extent>

const scalar: Extent = { values: 1, levels: 0 }

/** @param known - extents that still hold; those that are found are added */
export function extentOf (value: JsonValue, known: Extents = new Map()): Extent {
  if (!isContainer(value)) return scalar
  let extent = known.get(value)
  if (extent === undefined) {
    let values = 1
    let levels = 0
    for (const child of Object.values(value)) {
      const inner = extentOf(child, known)
      values += inner.values
      levels = Math.max(levels, inner.levels)
    }
    known.set(value, extent = { values, levels: levels + 1 })
  }
  return extent
}

/** Whether a value has more levels than that. It looks no deeper, whatever there is. */
export const isDeeperThan = (levels: number, value: unknown): boolean =>
  isContainer(value) && (levels === 0 || Object.values(value).some((child) => isDeeperThan(levels - 1, child)))

/**
 * How many values the copies of one patch may put into a state. Each may double what there is, so that a few lines could
 * make a state that no machine can walk, although sharing keeps it small. All of them together make a state at most twice
 * as large, and none larger than any message would.
 *
 * @param root - the state before the copy that would go beyond `freeCopies`
 */
export function copyAllowance (root: JsonValue): number {
  const { values } = extentOf(root)
  return Math.max(freeCopies + 1, Math.min(values, mostCopied - values))
}
