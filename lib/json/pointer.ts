/** JSON Pointers (RFC 6901): text to keys and back. */
import type { PathKey } from '../../types/json.ts'
import { JugglerStateError } from '../errors.ts'

/**
 * Splits a pointer into its unescaped reference tokens; `''` is the root and has none.
 *
 * @throws JugglerStateError `JUGGLER_PATH_INVALID` where it neither is empty nor starts with `/`, or holds a `~` that
 * is not followed by `0` or `1` (section 3)
 */
export function parsePointer (pointer: string): string[] {
  if (pointer === '') return []
  if (pointer[0] !== '/') throw invalid(pointer, 'must be empty or start with "/"')
  const keys = pointer.slice(1).split('/')
  if (!pointer.includes('~')) return keys
  if (/~(?![01])/.test(pointer)) throw invalid(pointer, 'holds a "~" that is not followed by 0 or 1')
  // One pass: of `~01` only `~0` is an escape, so it means `~1` and never `/` (section 4).
  return keys.map((key) => key.replace(/~[01]/g, (escape) => escape === '~0' ? '~' : '/'))
}

/** Joins keys and indexes into a pointer. */
export function formatPointer (keys: readonly PathKey[]): string {
  let pointer = ''
  for (const key of keys) pointer += '/' + escapeKey(key)
  return pointer
}

/** A key as a reference token: `~` becomes `~0` and `/` becomes `~1`. */
export function escapeKey (key: PathKey): string {
  if (typeof key === 'number') return String(key)
  return key.includes('~') || key.includes('/') ? key.replaceAll('~', '~0').replaceAll('/', '~1') : key
}

/** The array index that a token names, `undefined` where it names none: digits alone, without leading zeros (section 4). */
export function parseIndex (token: string): number | undefined {
  return /^(?:0|[1-9]\d*)$/.test(token) ? Number(token) : undefined
}

function invalid (pointer: string, why: string): JugglerStateError {
  return new JugglerStateError('JUGGLER_PATH_INVALID', `JSON Pointer ${JSON.stringify(pointer)} ${why}`, pointer)
}
