/** The parts of a state that a client asks for: a list of places, in the one form that equal lists have. */
import type { PathKey } from '../../../types/json.ts'
import { formatPointer, parsePointer } from '../../json/pointer.ts'
import { Filter } from '../../state/projection/filter.ts'
import { refusal } from '../requests/failures.ts'

/** Most paths of a set, and most keys of all of them together: each takes some hundred bytes for as long as the set is used. */
const maxPaths = 1000
const maxKeys = 4000
/** Longest path in characters: about what a query has room for. */
const maxLength = 8000

export interface PathSet {
  /** Tells it from others: the same for lists that cover the same. */
  readonly id: string
  readonly paths: ReadonlyArray<readonly PathKey[]>
  /** How many keys its paths have. */
  readonly keys: number
}

/**
 * Reads a list of JSON Pointers. A path within another one says nothing new and is left out.
 *
 * @returns undefined: everything
 * @throws JugglerError `JUGGLER_PATHS_INVALID`: not such a list, or too long
 */
export function readPathSet (given: unknown): PathSet | undefined {
  if (given === null || given === undefined) return undefined
  if (!Array.isArray(given) || given.length === 0) throw invalid('paths are an array of at least one JSON Pointer, or null for everything')
  if (given.length > maxPaths) throw invalid(`there may be at most ${maxPaths} paths`)
  const pointers = new Set<string>()
  for (const pointer of given as unknown[]) {
    const keys = typeof pointer === 'string' && pointer.length <= maxLength ? parsePointer(pointer) : undefined
    if (keys === undefined) throw invalid(`a path is a JSON Pointer of at most ${maxLength} characters`)
    if (keys.includes('__proto__')) throw invalid("a path leads to no member '__proto__', which no state has")
    pointers.add(formatPointer(keys))
  }
  if (pointers.has('')) return undefined
  const paths = [...pointers].sort().filter((pointer) => !isWithinAny(pointer, pointers)).map((pointer) => parsePointer(pointer)!)
  const keys = paths.reduce((sum, { length }) => sum + length, 0)
  if (keys > maxKeys) throw invalid(`paths may have at most ${maxKeys} keys together`)
  return { id: JSON.stringify(paths), paths, keys }
}

/** What a client is sent that asks for these parts. An array of which it asks for an element it gets as a whole. */
export const filterOf = ({ paths }: PathSet): Filter => new Filter(paths.map((tokens) => ({ tokens: tokens as string[], allow: true })), 'show')

/** Whether another pointer of a set leads to something that holds the place. */
function isWithinAny (pointer: string, others: ReadonlySet<string>): boolean {
  for (let end = pointer.lastIndexOf('/'); end > 0; end = pointer.lastIndexOf('/', end - 1)) {
    if (others.has(pointer.slice(0, end))) return true
  }
  return false
}

const invalid = (message: string) => refusal('JUGGLER_PATHS_INVALID', message)
