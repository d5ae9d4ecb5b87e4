/** How many bytes a value takes as JSON text, without making the text. */
import type { JsonValue } from '../../types/json.ts'

/** Numbers of members that somebody has counted already, by object. */
export type Widths = WeakMap<object, number>

/** The least that a member takes: two quotes, a colon, one digit, a comma. */
const leastMember = 5
/** From this number of members on it is worth keeping, so that they are listed once and not for every patch. */
const wide = 256
/** The least that an element takes: one digit and a comma. */
const leastElement = 2

/**
 * Estimates the length of a value's JSON text, and stops once it exceeds the limit. Escapes and the longer forms of
 * UTF-8 are not counted.
 *
 * @param limit - bytes; the result is exact up to here, and any number above it otherwise
 * @param widths - lets an object that is too wide be dismissed without listing its members, which is slow: 60 ms for
 * 100,000 of them
 */
export function sizeUpTo (value: JsonValue, limit: number, widths?: Widths): number {
  if (typeof value === 'string') return value.length + 2
  if (typeof value === 'number') return sizeOfNumber(value)
  if (typeof value === 'boolean') return value ? 4 : 5
  if (value === null) return 4
  return Array.isArray(value) ? sizeOfArray(value, limit, widths) : sizeOfObject(value, limit, widths)
}

function sizeOfArray (array: readonly JsonValue[], limit: number, widths: Widths | undefined): number {
  // The brackets, and a comma for each element but the first.
  let size = array.length === 0 ? 2 : 1 + array.length
  if (array.length * leastElement > limit) return array.length * leastElement + 1
  for (const element of array) {
    size += sizeUpTo(element, limit - size, widths)
    if (size > limit) return size
  }
  return size
}

function sizeOfObject (object: Record<string, JsonValue>, limit: number, widths: Widths | undefined): number {
  const known = widths?.get(object)
  if (known !== undefined && known * leastMember > limit) return known * leastMember + 1
  const keys = Object.keys(object)
  if (keys.length > wide) widths?.set(object, keys.length)
  let size = keys.length === 0 ? 2 : 1 + keys.length
  if (keys.length * leastMember > limit) return keys.length * leastMember + 1
  for (const key of keys) {
    size += key.length + 3
    if (size <= limit) size += sizeUpTo(object[key]!, limit - size, widths)
    if (size > limit) return size
  }
  return size
}

function sizeOfNumber (value: number): number {
  // Small integers are most of what is measured, and need no text.
  if (Number.isInteger(value) && value >= 0 && value < 1e6) {
    return value < 10 ? 1 : value < 100 ? 2 : value < 1000 ? 3 : value < 1e4 ? 4 : value < 1e5 ? 5 : 6
  }
  return String(value).length
}
