/** Finds for changed rows of a table which rows they were, by a member that tells rows apart, such as an id. */
import { isObject } from '../containers.ts'
import { equal } from '../equal.ts'
import type { JsonArray, JsonObject, JsonValue } from '../../../types/json.ts'

/** How many members of the first row are tried. */
const maxMembers = 6
/** From here on, that so many rows agree in a member which no two rows share is no coincidence. */
const enough = 8

/**
 * Fills in origins that are -1 where an unused old object and the new one have the same value in one member, in which
 * all unused old objects differ and at least half of the new ones are found again. Marks them as paired, since the rest
 * of them may differ.
 *
 * @returns how many it found
 */
export function matchRowsById (
  before: JsonArray, after: JsonArray, head: number, removed: number, origins: Int32Array, paired: Uint8Array
): number {
  const used = new Uint8Array(removed)
  for (const origin of origins) {
    if (origin >= 0) used[origin] = 1
  }
  const old: number[] = []
  for (let i = 0; i < removed; i++) {
    if (used[i] === 0 && isObject(before[head + i]!)) old.push(i)
  }
  const fresh: number[] = []
  for (let j = 0; j < origins.length; j++) {
    if (origins[j] === -1 && isObject(after[head + j]!)) fresh.push(j)
  }
  if (old.length === 0 || fresh.length === 0) return 0
  const first = before[head + old[0]!] as JsonObject
  for (const member of Object.keys(first).slice(0, maxMembers)) {
    if (!isName(first[member])) continue
    const rows = distinct(before, head, old, member)
    if (rows === undefined) continue
    const pairs: Array<[number, number]> = []
    for (const j of fresh) {
      const value = (after[head + j] as JsonObject)[member]
      const i = isName(value) ? rows.get(value) : undefined
      if (i !== undefined && rows.delete(value!)) pairs.push([i, j])
    }
    if (pairs.length * 2 < Math.min(old.length, fresh.length)) continue
    const alike = pairs.length >= enough
      ? pairs
      : pairs.filter(([i, j]) => halfEqual(before[head + i] as JsonObject, after[head + j] as JsonObject))
    for (const [i, j] of alike) {
      origins[j] = i
      paired[j] = 1
    }
    if (alike.length > 0) return alike.length
  }
  return 0
}

/** The rows by their values of a member; `undefined` where one has none or two share one. */
function distinct (rows: JsonArray, head: number, indexes: readonly number[], member: string): Map<JsonValue, number> | undefined {
  const found = new Map<JsonValue, number>()
  for (const i of indexes) {
    const value = (rows[head + i] as JsonObject)[member]
    if (!isName(value) || found.has(value)) return undefined
    found.set(value, i)
  }
  return found
}

/** Whether at least half of the members of either object are equal in the other. */
function halfEqual (a: JsonObject, b: JsonObject): boolean {
  const keys = Object.keys(a)
  const width = Math.max(keys.length, Object.keys(b).length)
  let same = 0
  for (const key of keys) {
    if (Object.hasOwn(b, key) && equal(a[key]!, b[key]!)) same++
  }
  return same * 2 >= width
}

function isName (value: JsonValue | undefined): value is string | number {
  return typeof value === 'string' || typeof value === 'number'
}
