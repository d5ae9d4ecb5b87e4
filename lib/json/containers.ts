/** Objects and arrays of JSON: reading them by keys, and making them unchangeable. */
import type { JsonArray, JsonObject, JsonValue, PathKey } from '../../types/json.ts'

/** Path keys below the root. In a tree an array's keys are numbers and an object's are strings. */
export type Keys = readonly PathKey[]

export const isContainer = (value: unknown): value is JsonObject | JsonArray => typeof value === 'object' && value !== null

export const isObject = (value: JsonValue | undefined): value is JsonObject => isContainer(value) && !Array.isArray(value)

/** A container as what its keys lead to. */
export type Slots = Record<PathKey, JsonValue>

/** A container of one's own with the same members. */
export const copyOf = (container: JsonObject | JsonArray): JsonObject | JsonArray =>
  Array.isArray(container) ? container.slice() : { ...container }

/** What a container itself has under a key; undefined: nothing. */
export const member = (container: JsonValue, key: PathKey): JsonValue | undefined =>
  Object.hasOwn(container as Slots, key) ? (container as Slots)[key] : undefined

/** The value at a path; undefined where there is none. Inherited members are none. */
export function valueAt (root: JsonValue, keys: Keys): JsonValue | undefined {
  let value: JsonValue | undefined = root
  for (const key of keys) {
    // Of an array only its elements: it has no other own member that is a number.
    if (!isContainer(value) || Array.isArray(value) !== (typeof key === 'number') || !Object.hasOwn(value, key)) return undefined
    value = (value as Slots)[key]
  }
  return value
}

/** The value at a path whose parent exists; undefined where that has no such member of its own. */
export const reach = (root: JsonValue, keys: Keys): JsonValue | undefined =>
  keys.reduce<JsonValue | undefined>((value, key) => member(value!, key), root)

/** Freezes a value to its leaves. What is frozen already was so to its leaves; scalars are. */
export function freeze<V> (value: V): V {
  if (!Object.isFrozen(value)) {
    for (const part of Object.values(value as object)) freeze(part)
    Object.freeze(value)
  }
  return value
}
