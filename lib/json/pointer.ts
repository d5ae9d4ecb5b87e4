/** JSON Pointers (RFC 6901): text to keys and back. */
import type { PathKey } from '../../types/json.ts'

/**
 * Splits a pointer into its unescaped reference tokens; `''` is the root and has none. Undefined for what is no pointer:
 * text that neither is empty nor starts with `/`, or holds a `~` that is not followed by `0` or `1` (section 3).
 */
export function parsePointer (pointer: string): string[] | undefined {
  // A peer may send anything for a pointer.
  if (typeof pointer !== 'string' || (pointer && pointer[0] !== '/')) return undefined
  const keys = pointer.split('/').slice(1)
  if (!pointer.includes('~')) return keys
  // In this order: of `~01` only `~0` is an escape, so it means `~1` and never `/` (section 4).
  return /~(?![01])/.test(pointer) ? undefined : keys.map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'))
}

/** Joins keys and indexes into a pointer. */
export function formatPointer (keys: readonly PathKey[]): string {
  let pointer = ''
  for (const key of keys) pointer += '/' + escapeKey(key)
  return pointer
}

/** The pointer of the container that holds the place; of the root itself, `''`. */
export const parentOf = (pointer: string): string => pointer.slice(0, pointer.lastIndexOf('/'))

/** A key as a reference token: `~` becomes `~0` and `/` becomes `~1`. */
export function escapeKey (key: PathKey): string {
  const token = `${key}`
  return /[~/]/.test(token) ? token.replaceAll('~', '~0').replaceAll('/', '~1') : token
}
