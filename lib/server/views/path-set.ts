/** The parts of a state that a client asks for: a list of places, in the one form that equal lists have. */
import { createHash } from 'node:crypto'
import { formatPointer, parsePointer } from '../../json/pointer.ts'
import { Filter } from '../../state/projection/filter.ts'
import { refusal } from '../requests/failures.ts'

/** Most paths of a set, and most keys and characters of all of them together: about what an address has room for. */
const maxPaths = 1000
const maxKeys = 1000
const maxCharacters = 16_384
/** What a key and a character take in bytes of heap for as long as the set is kept, in all that is made of them. */
const bytesPerKey = 320
const bytesPerCharacter = 4

export interface PathSet {
  /** Tells it from others: the same for lists that cover the same. */
  readonly id: string
  /** JSON Pointers, in order. */
  readonly pointers: readonly string[]
  /** About what it takes, in bytes of heap. */
  readonly bytes: number
}

/** A key of paths that have been read. */
class KeyNode {
  readonly below = new Map<string, KeyNode>()
  isEnd = false
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
  let characters = 0
  let keys = 0
  const paths = (given as unknown[]).map((pointer) => {
    if (typeof pointer !== 'string') throw invalid('a path is a JSON Pointer')
    // Before anything is made of it.
    if ((characters += pointer.length) > maxCharacters) throw invalid(`paths may have at most ${maxCharacters} characters together`)
    const path = parsePointer(pointer)
    if (path === undefined) throw invalid('a path is a JSON Pointer')
    if (path.includes('__proto__')) throw invalid("a path leads to no member '__proto__', which no state has")
    if ((keys += path.length) > maxKeys) throw invalid(`paths may have at most ${maxKeys} keys together`)
    return path
  })
  if (paths.some(({ length }) => length === 0)) return undefined
  const pointers = widest(paths).map(formatPointer).sort()
  const bytes = keys * bytesPerKey + characters * bytesPerCharacter
  return { id: createHash('sha256').update(pointers.join('\n')).digest('base64'), pointers, bytes }
}

/** Without those that are within others. */
function widest (paths: readonly string[][]): string[][] {
  const root = new KeyNode()
  return [...paths].sort((a, b) => a.length - b.length).filter((path) => {
    let node = root
    for (const key of path) {
      let next = node.below.get(key)
      if (next === undefined) node.below.set(key, next = new KeyNode())
      if (next.isEnd) return false
      node = next
    }
    node.isEnd = true
    return true
  })
}

/** What a client is sent that asks for these parts. An array of which it asks for an element it gets as a whole. */
export const filterOf = ({ pointers }: PathSet): Filter =>
  new Filter(pointers.map((pointer) => ({ tokens: parsePointer(pointer)!, allow: true })), 'show')

const invalid = (message: string) => refusal('JUGGLER_PATHS_INVALID', message)
