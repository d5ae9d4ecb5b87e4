/** Puts a value into a live tree as the few writes by which it differs from what stands there. */
import type { JsonArray, JsonObject, JsonValue, PathKey } from '../../../types/json.ts'
import type { Keys } from '../../json/containers.ts'
import type { StoreTree } from './store-tree.ts'
import { isContainer, member } from '../../json/containers.ts'

/** Makes a value the tree's own: checks and copies it, or takes it as it is. `keys` say where it stands. */
export type Take = (value: unknown, keys: PathKey[]) => JsonValue

/** For values that come out of `JSON.parse` and that nobody else holds. */
export const trusted: Take = (value) => value as JsonValue

interface Write { keys: Keys, value: JsonValue | undefined, shared: boolean }

/**
 * Makes the value at an existing place equal to another. Objects are merged member by member; an array that differs
 * is replaced by one that keeps the elements that are equal. Nothing is written unless the whole value is taken.
 *
 * @returns whether anything changed
 */
export function mergeAt (
  tree: StoreTree, keys: Keys, value: unknown, take: Take, before: JsonValue = tree.root
): boolean {
  const writes: Write[] = []
  plan(before, value, [...keys], take, writes)
  for (const write of writes) tree.write(write.keys, write.value, write.shared)
  return writes.length > 0
}

function plan (before: JsonValue, value: unknown, keys: PathKey[], take: Take, writes: Write[]): void {
  if (value === before) return
  if (isPlain(before) && isPlain(value)) {
    planObject(before, value, keys, take, writes)
  } else if (Array.isArray(before) && Array.isArray(value)) {
    const merged = reuseElements(before, value, keys, take)
    if (merged !== before) writes.push({ keys: keys.slice(), value: merged, shared: true })
  } else {
    writes.push({ keys: keys.slice(), value: take(value, keys), shared: false })
  }
}

function planObject (
  before: JsonObject, value: Record<string, unknown>, keys: PathKey[], take: Take, writes: Write[]
): void {
  const names = Object.keys(value)
  for (const name of names) {
    keys.push(name)
    if (Object.hasOwn(before, name)) plan(before[name]!, value[name], keys, take, writes)
    else writes.push({ keys: keys.slice(), value: take(value[name], keys), shared: false })
    keys.pop()
  }
  for (const name of Object.keys(before)) {
    if (!Object.hasOwn(value, name)) writes.push({ keys: [...keys, name], value: undefined, shared: false })
  }
}

/** The value, or what stood there before where that is equal; parts that are equal are kept in the same way. */
function reuseEqual (before: JsonValue | undefined, value: unknown, keys: PathKey[], take: Take): JsonValue {
  if (value === before) return before as JsonValue
  if (Array.isArray(before) && Array.isArray(value)) return reuseElements(before, value, keys, take)
  if (!isPlain(before) || !isPlain(value)) return take(value, keys)
  const names = Object.keys(value)
  const merged: JsonObject = {}
  let same = names.length === Object.keys(before).length
  for (const name of names) {
    keys.push(name)
    const old = member(before, name)
    const now = old === undefined ? take(value[name], keys) : reuseEqual(old, value[name], keys, take)
    keys.pop()
    if (now !== old) same = false
    merged[name] = now
  }
  return same ? before : merged
}

/** Aligns from both ends, so that an element inserted or removed anywhere leaves the others what they are. */
function reuseElements (before: JsonArray, value: unknown[], keys: PathKey[], take: Take): JsonArray {
  const shift = value.length - before.length
  const merged: JsonArray = new Array(value.length)
  const element = (old: JsonValue | undefined, i: number): JsonValue => {
    keys.push(i)
    const taken = old === undefined ? take(value[i], keys) : reuseEqual(old, value[i], keys, take)
    keys.pop()
    return taken
  }
  const shorter = Math.min(value.length, before.length)
  let head = 0
  while (head < shorter && (merged[head] = element(before[head], head)) === before[head]) head++
  if (head === shorter && shift === 0) return before
  let tail = 0
  while (tail < shorter - head) {
    const i = value.length - 1 - tail
    if ((merged[i] = element(before[i - shift], i)) !== before[i - shift]) break
    tail++
  }
  const known = new Set(before.slice(head, before.length - tail).filter(isContainer))
  for (let i = head; i < value.length - tail; i++) {
    const given = value[i] as JsonObject
    merged[i] = known.has(given) ? given : element(shift === 0 ? before[i] : undefined, i)
  }
  return merged
}

/** An object whose members can be compared one by one. A class instance, or a member `__proto__`, is for `take` to judge. */
function isPlain (value: unknown): value is JsonObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || Object.hasOwn(value, '__proto__')) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || Object.getPrototypeOf(prototype) === null
}
