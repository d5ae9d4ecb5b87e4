/** Deep equality of JSON values. */
import type { JsonValue } from '../../types/json.ts'

/**
 * Whether two values are the same JSON: members in any order, no conversions (`1` is not `true`, `{}` is not `[]`).
 * Values that are the same reference are not looked into.
 */
export function equal (a: JsonValue, b: JsonValue): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a)) {
    if (!Array.isArray(b) || a.length !== b.length) return false
    for (let i = 0; i < a.length; i++) {
      const left = a[i]!
      const right = b[i]!
      if (left !== right && !equal(left, right)) return false
    }
    return true
  }
  if (Array.isArray(b)) return false
  const keys = Object.keys(a)
  if (keys.length !== Object.keys(b).length) return false
  for (const key of keys) {
    const left = a[key]!
    const right = b[key]!
    // What an object inherits (`constructor`, `toString`) is no JSON, so it is never identical to a member's value.
    if (left !== right && !(Object.hasOwn(b, key) && equal(left, right))) return false
  }
  return true
}
