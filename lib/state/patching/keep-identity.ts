/** Makes a new value keep every part of the old one that is equal, so that only what changed has a new identity. */
import type { JsonValue, PathKey } from '../../../types/json.ts'
import { escapeKey } from '../../json/pointer.ts'
import type { Slots } from '../../json/containers.ts'
import { copyOf, isContainer, member } from '../../json/containers.ts'

/**
 * The old value where the new one is equal, else the new one, with the parts put in from the old that are equal and
 * stand in the same place.
 *
 * @param value - is not changed, and may become part of the result
 * @param differs - gets the JSON Pointer of each place that differs
 * @param path - a JSON Pointer: where the values stand
 */
export function keepIdentity (before: JsonValue | undefined, value: JsonValue, differs?: Set<string>, path = ''): JsonValue {
  if (before === value) return value
  if (!isContainer(before) || !isContainer(value) || Array.isArray(before) !== Array.isArray(value)) {
    differs?.add(path)
    return value
  }
  const members = copyOf(value) as Slots
  let same = true
  const placeOf = (key: PathKey) => `${path}/${escapeKey(key)}`
  for (const key of keysIn(members)) {
    const old = member(before, key)
    if (members[key] === old) continue
    members[key] = keepIdentity(old, members[key]!, differs, placeOf(key))
    same &&= members[key] === old
  }
  for (const key of keysIn(before)) {
    if (Object.hasOwn(members, key)) continue
    same = false
    differs?.add(placeOf(key))
  }
  return same ? before : members as unknown as JsonValue
}

/** Numbers of an array: it is walked many times as fast as by names. */
const keysIn = (container: object): PathKey[] => Array.isArray(container) ? container.map((_value, index) => index) : Object.keys(container)
