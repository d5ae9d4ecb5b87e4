/** A number that equal JSON values share, and different ones mostly do not. */
import type { JsonValue } from '../../../types/json.ts'

/** How many values inside a container are looked at. */
const maxVisits = 12
/** How many characters are looked at, at either end of a text. */
const maxCharacters = 6

const float = new Float64Array(1)
const words = new Uint32Array(float.buffer)
let visits = 0

/**
 * Looks at a small part of the value, so that it takes the same short time for all. Members may stand in any order,
 * except in objects that hold more than what is looked at: there, equal values may have different fingerprints.
 */
export function fingerprint (value: JsonValue): number {
  visits = maxVisits
  return print(value)
}

function print (value: JsonValue): number {
  visits--
  if (typeof value === 'string') return printText(value)
  if (typeof value === 'number') {
    float[0] = value === 0 ? 0 : value
    return mix(words[0]!, words[1]!)
  }
  if (value === null) return 0x2f0b4c47
  if (typeof value === 'boolean') return value ? 0x5bd1e995 : 0x3c6ef372
  if (Array.isArray(value)) {
    let result = mix(0x51ed270b, value.length)
    for (let i = 0; i < value.length && visits > 0; i++) result = mix(result, print(value[i]!))
    return result
  }
  let result = 0x1b873593
  for (const key of Object.keys(value)) {
    if (visits <= 0) break
    // A sum, since equal objects may list their members in different orders. The names say little: most are the same.
    result = (result + print(value[key]!)) | 0
  }
  return result
}

function printText (text: string): number {
  let result = text.length
  const end = Math.min(text.length, maxCharacters)
  for (let i = 0; i < end; i++) result = Math.imul(result, 31) + text.charCodeAt(i) | 0
  for (let i = Math.max(end, text.length - maxCharacters); i < text.length; i++) result = Math.imul(result, 31) + text.charCodeAt(i) | 0
  return result
}

function mix (a: number, b: number): number {
  let result = Math.imul(a ^ (b >>> 15), 0x85ebca6b) + b | 0
  result ^= result >>> 13
  return Math.imul(result, 0xc2b2ae35)
}
