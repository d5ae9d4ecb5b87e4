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
  if (!keys) {
    const pointer = typeof path === 'string' ? path : undefined
    throw new JugglerStateError('JUGGLER_PATH_INVALID', 'a path is a JSON Pointer or an array of keys', pointer)
  }
  return keys
}

const isKey = (key: unknown): boolean => typeof key === 'string' || (Number.isSafeInteger(key) && key as number >= -1)

/**
 * The index that a key of a path names in an array: -1 is the last element, and in a pointer `-` is the place behind it.
 * NaN: it names none.
 */
export function indexIn (length: number, key: PathKey, fromPointer: boolean): number {
  if (key === -1 || (fromPointer && key === '-1')) return length - 1
  if (typeof key === 'number') return key
  return fromPointer ? indexOfToken(length, key) : NaN
}

/** Digits alone, without leading zeros (RFC 6901, section 4). */
const indexOfToken = (length: number, token: string): number =>
  token === '-' ? length : /^(0|[1-9]\d*)$/.test(token) ? Number(token) : NaN

/**
 * The keys of a place that a caller of the state names, in the terms of the tree; undefined where there is none.
 *
 * @throws JugglerStateError `JUGGLER_PATH_INVALID`
 */
export function placeOf (root: JsonValue, path: Path): Keys | undefined {
  const fromPointer = typeof path === 'string'
  return follow(root, keysOf(path), (container, key) => {
    if (Array.isArray(container)) return existing(indexIn(container.length, key, fromPointer), container.length)
    return typeof key === 'string' && Object.hasOwn(container, key) ? key : undefined
  })
}

/**
 * The keys of a place that an operation of a patch names; undefined where there is none. A patch knows no index -1, and
 * reaches into no member `__proto__`.
 *
 * @param adding - whether the place itself need not exist, only its parent
 */
export function placeInPatch (root: JsonValue, pointer: string, adding: boolean): Keys | undefined {
  const tokens = parsePointer(pointer)
  return tokens && follow(root, tokens, (container, token, isLast) => {
    const mayBeNew = adding && isLast
    if (Array.isArray(container)) return existing(indexOfToken(container.length, token), container.length + (mayBeNew ? 1 : 0))
    return token !== '__proto__' && (mayBeNew || Object.hasOwn(container, token)) ? token : undefined
  })
}

const existing = (index: number, length: number): number | undefined => index >= 0 && index < length ? index : undefined

/** Walks down from the root by the keys that `keyIn` makes of tokens; undefined where it makes none, or nothing stands. */
function follow<K extends PathKey> (
  root: JsonValue,
  tokens: readonly K[],
  keyIn: (container: object, token: K, isLast: boolean) => PathKey | undefined
): Keys | undefined {
  const keys: PathKey[] = []
  let value: JsonValue | undefined = root
  for (const token of tokens) {
    const isLast = keys.length + 1 === tokens.length
    const key: PathKey | undefined = isContainer(value) ? keyIn(value, token, isLast) : undefined
    if (key === undefined) return undefined
    keys.push(key)
    value = (value as Slots)[key]
  }
  return keys
}
