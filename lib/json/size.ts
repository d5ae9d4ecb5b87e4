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
 * UTF-8 are not counted, and fractions are taken for either short or long.
 *
 * @param limit - bytes; above it the result says no more than that it is above
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
  const size = value < 0 ? 1 + sizeOfInteger(-value) : sizeOfInteger(value)
  if (Number.isInteger(value)) return size
  // Making the text would cost more than all the rest: measured values mostly have few decimals, computed ones all.
  for (let decimals = 1, scaled = value * 10; decimals <= 3; decimals++, scaled *= 10) {
    if (Math.abs(scaled - Math.round(scaled)) < 1e-6) return size + 1 + decimals
  }
  return 18
}

function sizeOfInteger (value: number): number {
  let size = 1
  for (let bound = 10; value >= bound && size < 22; bound *= 10) size++
  return size
}
