/** Applies JSON Patch (RFC 6902) to a live tree: every operation, strictly, without reaching into prototypes. */
import type { JsonArray, JsonObject, JsonValue, PathKey } from '../../types/json.ts'
import { JugglerStateError } from '../errors.ts'
import { equal } from '../json/equal.ts'
import { parseIndex, parsePointer } from '../json/pointer.ts'
import type { Keys, Tree } from './tree.ts'
import { isContainer, valueAt } from './tree.ts'

/** Where an operation points: the parent's keys in the tree's terms, the parent, and the last key. */
interface Target { parentKeys: PathKey[], parent: JsonObject | JsonArray, key: string }

/**
 * Applies the operations in order. It stops at the first that does not apply; undoing is the caller's.
 *
 * @param maxDepth - how many levels `move` and `copy` may make; values are the caller's to check
 * @throws JugglerStateError `JUGGLER_PATCH_INVALID`
 */
export function applyOperations (tree: Tree, operations: unknown, maxDepth = Infinity): void {
  if (!Array.isArray(operations)) throw new JugglerStateError('JUGGLER_PATCH_INVALID', 'a patch is an array of operations')
  for (let i = 0; i < operations.length; i++) {
    try {
      applyOne(tree, operations[i] as Record<string, unknown>, maxDepth)
    } catch (error) {
      const { message, path } = error as JugglerStateError
      throw new JugglerStateError('JUGGLER_PATCH_INVALID', `operation ${i}: ${message}`, path)
    }
  }
}

function applyOne (tree: Tree, operation: Record<string, unknown>, maxDepth: number): void {
  if (!isContainer(operation)) fail('it is not an object')
  const { op, path, from, value } = operation
  if (typeof path !== 'string') fail('it has no path')
  const keys = parsePointer(path)
  if (op === 'add' || op === 'replace' || op === 'test') {
    if (value === undefined) fail('it has no value', path)
    if (op === 'add') add(tree, keys, value as JsonValue, false, path)
    else if (op === 'replace') tree.write(existing(tree, keys, path), value as JsonValue)
    else if (!equal(valueAt(tree.root, existing(tree, keys, path))!, value as JsonValue)) fail('the test fails', path)
  } else if (op === 'remove') {
    remove(tree, existing(tree, keys, path))
  } else if (op === 'move' || op === 'copy') {
    if (typeof from !== 'string') fail('it has no from', path)
    const source = existing(tree, parsePointer(from), from)
    if (op === 'move') {
      if (path === from) return
      if (path.startsWith(`${from}/`)) fail('a value cannot move into itself', path)
    }
    const moved = valueAt(tree.root, source)!
    if (maxDepth !== Infinity && keys.length + levelsOf(moved) > maxDepth) fail(`it makes more than ${maxDepth} levels`, path)
    if (op === 'move') remove(tree, source)
    else tree.share(source)
    add(tree, keys, moved, true, path)
  } else {
    fail('its op is unknown', path)
  }
}

function add (tree: Tree, tokens: readonly string[], value: JsonValue, shared: boolean, path: string): void {
  if (tokens.length === 0) {
    tree.write([], value, shared)
    return
  }
  const { parentKeys, parent, key } = target(tree, tokens, path)
  if (Array.isArray(parent)) {
    const index = key === '-' ? parent.length : parseIndex(key)
    if (index === undefined || index > parent.length) fail('there is no such index', path)
    tree.splice(parentKeys, index, 0, [value], shared)
  } else {
    if (key === '__proto__') fail('a member called __proto__ is refused', path)
    tree.write([...parentKeys, key], value, shared)
  }
}

/** Removes what exists: an element of an array, a member, or the root, which becomes null. */
export function remove (tree: Tree, keys: Keys): void {
  const key = keys.at(-1)
  if (typeof key === 'number') tree.splice(keys.slice(0, -1), key, 1, [])
  else tree.write(keys, key === undefined ? null : undefined)
}

function existing (tree: Tree, tokens: readonly string[], path: string): Keys {
  if (tokens.length === 0) return []
  const { parentKeys, parent, key } = target(tree, tokens, path)
  parentKeys.push(step(parent, key, path))
  return parentKeys
}

function target (tree: Tree, tokens: readonly string[], path: string): Target {
  const parentKeys: PathKey[] = []
  let parent: JsonValue = tree.root
  for (let i = 0; i < tokens.length - 1; i++) {
    const key: PathKey = step(parent, tokens[i]!, path)
    parentKeys.push(key)
    parent = (parent as Record<PathKey, JsonValue>)[key]!
  }
  if (!isContainer(parent)) fail('there is no such place', path)
  return { parentKeys, parent, key: tokens[tokens.length - 1]! }
}

/** A token as a key of an existing child. */
function step (parent: JsonValue, token: string, path: string): PathKey {
  if (Array.isArray(parent)) {
    const index = parseIndex(token)
    if (index !== undefined && index < parent.length) return index
  } else if (isContainer(parent) && Object.hasOwn(parent, token)) {
    return token
  }
  return fail('there is no such place', path)
}

/** How many levels of containers a value has. Copies share what they hold, so each container is looked into once. */
function levelsOf (value: JsonValue, known = new Map<JsonValue, number>()): number {
  if (!isContainer(value)) return 0
  let levels = known.get(value)
  if (levels === undefined) {
    levels = 1
    for (const child of Object.values(value)) levels = Math.max(levels, 1 + levelsOf(child as JsonValue, known))
    known.set(value, levels)
  }
  return levels
}

function fail (message: string, path?: string): never {
  throw new JugglerStateError('JUGGLER_PATCH_INVALID', path === undefined ? message : `${message} (${path.slice(0, 200)})`, path)
}
