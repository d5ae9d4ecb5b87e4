/** Paths of the state API: JSON Pointers and arrays of keys, resolved against the containers that they meet. */
import type { JsonValue, Path, PathKey } from '../../../types/json.ts'
import { JugglerStateError } from '../../errors.ts'
import { parsePointer } from '../../json/pointer.ts'
import type { Keys, Slots } from '../../json/containers.ts'
import { isContainer } from '../../json/containers.ts'

/**
 * The keys of a path.
 *
 * @throws JugglerStateError `JUGGLER_PATH_INVALID`
 */
export function keysOf (path: Path): Keys {
  const keys = typeof path === 'string' ? parsePointer(path) : Array.isArray(path) && path.every(isKey) && path
  if (!keys) throw new JugglerStateError('JUGGLER_PATH_INVALID', 'a path is a JSON Pointer or an array of keys', typeof path === 'string' ? path : undefined)
  return keys
}

const isKey = (key: unknown): boolean => typeof key === 'string' || (Number.isSafeInteger(key) && key as number >= -1)

/**
 * An index as an array understands it: the key of a path, or a token of a pointer, of which `-` is the end; NaN: neither.
 *
 * @param strict - -1 is not the last element
 */
export function indexIn (length: number, key: PathKey, fromPointer: boolean, strict = false): number {
  // Digits alone, without leading zeros (RFC 6901, section 4).
  const index = typeof key === 'number' ? key : !fromPointer ? NaN : key === '-' ? length : /^(0|-1|[1-9]\d*)$/.test(key) ? Number(key) : NaN
  return index === -1 && !strict ? length - 1 : index
}

/**
 * The keys of a place in the terms of the tree; undefined where there is none.
 *
 * @param adding - of a patch, which knows no index -1 and reaches into no member `__proto__`: whether the place need not exist, only its parent
 */
export function locate (root: JsonValue, tokens: Keys | undefined, fromPointer: boolean, adding?: boolean): Keys | undefined {
  if (!tokens) return undefined
  const keys: PathKey[] = []
  let value = root
  for (const token of tokens) {
    const fresh = adding && keys.length + 1 === tokens.length
    let key = token
    if (Array.isArray(value)) {
      key = indexIn(value.length, token, fromPointer, adding !== undefined)
      if (!(key >= 0 && key < value.length + (fresh ? 1 : 0))) return undefined
    } else if (!isContainer(value) || typeof token !== 'string' || !(fresh || Object.hasOwn(value, token)) || (adding !== undefined && token === '__proto__')) {
      return undefined
    }
    keys.push(key)
    value = (value as Slots)[key]!
  }
  return keys
}

/**
 * The keys of a place that a caller names, in the terms of the tree; undefined where there is none.
 *
 * @throws JugglerStateError `JUGGLER_PATH_INVALID`
 */
export const placeOf = (root: JsonValue, path: Path): Keys | undefined => locate(root, keysOf(path), typeof path === 'string')
