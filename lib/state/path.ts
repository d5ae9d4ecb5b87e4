/** Paths of the state API: JSON Pointers and arrays of keys, resolved against the containers that they meet. */
import type { JsonValue, Path, PathKey } from '../../types/json.ts'
import { JugglerStateError } from '../errors.ts'
import { parseIndex, parsePointer } from '../json/pointer.ts'
import type { Keys } from './tree.ts'
import { isContainer } from './tree.ts'

/**
 * The keys of a path.
 *
 * @throws JugglerStateError `JUGGLER_PATH_INVALID`
 */
export function keysOf (path: Path): Keys {
  if (typeof path === 'string') return parsePointer(path)
  if (!Array.isArray(path)) throw new JugglerStateError('JUGGLER_PATH_INVALID', `a path is a JSON Pointer or an array of keys, not ${typeof path}`)
  for (const key of path as readonly unknown[]) {
    if (typeof key !== 'string' && !(Number.isSafeInteger(key) && key as number >= -1)) {
      throw new JugglerStateError('JUGGLER_PATH_INVALID', `a key of a path is a string, an index from 0, or -1, not ${typeof key === 'number' ? key : typeof key}`)
    }
  }
  return path.slice()
}

/** An index as an array understands it: the key of a path, or a token of a pointer; undefined: neither. */
export function indexIn (length: number, key: PathKey, fromPointer: boolean): number | undefined {
  const index = typeof key === 'number' ? key : fromPointer ? (key === '-1' ? -1 : parseIndex(key)) : undefined
  return index === -1 ? length - 1 : index
}

/** The keys of an existing place in the terms of the tree; where there is none, keys that lead nowhere. */
export function placeOf (root: JsonValue, path: Path): Keys {
  const pointer = typeof path === 'string'
  const place: PathKey[] = []
  let value: JsonValue | undefined = root
  for (const key of keysOf(path)) {
    const step: PathKey = Array.isArray(value) ? indexIn(value.length, key, pointer) ?? key : key
    place.push(step)
    value = isContainer(value) && Object.hasOwn(value, step) ? (value as Record<PathKey, JsonValue>)[step] : undefined
  }
  return place
}
