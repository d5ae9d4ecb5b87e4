/** Takes values into a state: a checked copy that the giver cannot change afterwards. */
import type { JsonObject, JsonValue, PathKey } from '../../../types/json.ts'
import { JugglerStateError } from '../../errors.ts'
import { formatPointer } from '../../json/pointer.ts'
import { maxDepth } from '../patching/extent.ts'

/**
 * A deep copy of a JSON value.
 *
 * @param keys - where the value stands, for the error's text; restored on return
 * @throws JugglerStateError `JUGGLER_VALUE_INVALID` naming the place
 */
export function checkedCopy (value: unknown, keys: PathKey[]): JsonValue {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value
    case 'number':
      if (!Number.isFinite(value)) refuse(String(value), keys)
      return value === 0 ? 0 : value
    case 'object':
      if (value === null) return null
      if (keys.length >= maxDepth) refuse(`a value nested deeper than ${maxDepth} levels, or a cycle,`, keys.slice(0, 20))
      return Array.isArray(value) ? cloneArray(value, keys) : cloneObject(value, keys)
    default:
      return refuse(value === undefined ? 'undefined' : `a ${typeof value}`, keys)
  }
}

function cloneArray (value: unknown[], keys: PathKey[]): JsonValue[] {
  const copy: JsonValue[] = new Array(value.length)
  const depth = keys.push(0)
  for (let i = 0; i < value.length; i++) {
    keys[depth - 1] = i
    copy[i] = checkedCopy(value[i], keys)
  }
  keys.pop()
  return copy
}

function cloneObject (value: object, keys: PathKey[]): JsonObject {
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) {
    refuse(`an instance of ${(prototype as { constructor?: { name?: string } }).constructor?.name ?? 'a class'}`, keys)
  }
  const copy: JsonObject = {}
  const depth = keys.push('')
  for (const name of Object.keys(value)) {
    keys[depth - 1] = name
    if (name === '__proto__') refuse('a member called __proto__', keys)
    copy[name] = checkedCopy((value as Record<string, unknown>)[name], keys)
  }
  keys.pop()
  return copy
}

function refuse (what: string, keys: PathKey[]): never {
  const path = formatPointer(keys)
  const place = path === '' ? 'the root' : path
  throw new JugglerStateError('JUGGLER_VALUE_INVALID', `${what} cannot be carried as JSON (at ${place})`, path)
}
