/** The parts of the state that a client asks for: a list of JSON Pointers; undefined or null: all of it. */
import type { Path } from '../../types/json.ts'
import { formatPointer, parsePointer } from '../json/pointer.ts'
import { refuse } from '../refuse.ts'
import { checkInteger } from './options.ts'
import { keysOf } from '../state/reading/path.ts'

export type Paths = readonly string[] | null | undefined

/**
 * A checked copy.
 *
 * @throws JugglerClientError `JUGGLER_OPTION_INVALID`
 */
export function pathsOf (paths: unknown): Paths {
  if (paths === undefined || paths === null) return undefined
  const copy = Array.isArray(paths) ? [...paths as string[]] : []
  if (copy.some((path) => parsePointer(path)?.includes('__proto__') !== false)) refuse('paths', paths, 'JSON Pointers')
  // A server takes some 16 kB with all headers; and that there are none cannot be said in a query.
  checkInteger('length of paths', queryOf(copy).length, 1, 8000)
  return copy
}

/** What asks for them in the query of an address. */
export const queryOf = (paths: Paths): string => paths ? paths.map((path) => '&path=' + encodeURIComponent(path)).join('') : ''

/** Whether a place is within the parts. @throws JugglerStateError `JUGGLER_PATH_INVALID` */
export function covers (paths: Paths, path: Path): boolean {
  const pointer = formatPointer(keysOf(path)) + '/'
  return !paths?.some || paths.some((part) => pointer.startsWith(part + '/'))
}
