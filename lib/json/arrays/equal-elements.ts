/** Finds for array elements others of equal value. */
import type { JsonArray, JsonValue } from '../../../types/json.ts'
import { equal } from '../equal.ts'
import { fingerprint } from './fingerprint.ts'

/** How many candidates of the same fingerprint are compared before an element counts as new. */
const maxTries = 8

/**
 * Fills in origins that are -1 wherever an unused old element is the same or of equal value, the first such first.
 *
 * @returns how many it found, and whether there were several to choose from for some
 */
export function matchEqualElements (
  before: JsonArray, after: JsonArray, head: number, removed: number, origins: Int32Array
): { found: number, ambiguous: boolean } {
  const used = new Uint8Array(removed)
  for (const origin of origins) {
    if (origin >= 0) used[origin] = 1
  }
  // Chains of the unused old elements by identity: a Map tells 1, "1" and true apart, and shared containers at once.
  const first = new Map<JsonValue, number>()
  const next = new Int32Array(removed)
  for (let i = removed - 1; i >= 0; i--) {
    if (used[i] === 1) continue
    const element = before[head + i]!
    next[i] = first.get(element) ?? -1
    first.set(element, i)
  }
  if (first.size === 0) return { found: 0, ambiguous: false }
  let found = 0
  let ambiguous = false
  let containers = false
  for (let j = 0; j < origins.length; j++) {
    if (origins[j] !== -1) continue
    const element = after[head + j]!
    const i = first.get(element) ?? -1
    if (i !== -1) {
      origins[j] = i
      used[i] = 1
      first.set(element, next[i]!)
      if (next[i] !== -1) ambiguous = true
      found++
    } else if (typeof element === 'object' && element !== null) {
      containers = true
    }
  }
  if (containers) found += matchContainers(before, after, head, used, origins)
  return { found, ambiguous }
}

function matchContainers (before: JsonArray, after: JsonArray, head: number, used: Uint8Array, origins: Int32Array): number {
  const first = new Map<number, number>()
  const next = new Int32Array(used.length)
  for (let i = used.length - 1; i >= 0; i--) {
    const element = before[head + i]!
    if (used[i] === 1 || typeof element !== 'object' || element === null) continue
    const print = fingerprint(element)
    next[i] = first.get(print) ?? -1
    first.set(print, i)
  }
  if (first.size === 0) return 0
  let found = 0
  for (let j = 0; j < origins.length; j++) {
    const element = after[head + j]!
    if (origins[j] !== -1 || typeof element !== 'object' || element === null) continue
    const print = fingerprint(element)
    let previous = -1
    let i = first.get(print) ?? -1
    for (let tries = 0; i !== -1 && tries < maxTries; tries++) {
      if (equal(before[head + i]!, element)) {
        origins[j] = i
        used[i] = 1
        found++
        if (previous === -1) first.set(print, next[i]!)
        else next[previous] = next[i]!
        break
      }
      previous = i
      i = next[i]!
    }
  }
  return found
}
