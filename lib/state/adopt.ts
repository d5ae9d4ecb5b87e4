/** Makes a new value keep every part of the old one that is equal, so that only what changed has a new identity. */
import type { JsonValue } from '../../types/json.ts'
import { escapeKey } from '../json/pointer.ts'
import type { Slots } from './containers.ts'
import { copyOf, isContainer, member } from './containers.ts'

/**
 * The old value where the new one is equal, else the new one, with the parts put in from the old that are equal and
 * stand in the same place.
 *
 * @param value - is not changed, and may become part of the result
 * @param differs - gets the JSON Pointer of each place that differs
 * @param path - a JSON Pointer: where the values stand
 */
export function adopt (before: JsonValue | undefined, value: JsonValue, differs?: Set<string>, path = ''): JsonValue {
  if (before === value) return value
  if (!isContainer(before) || !isContainer(value) || Array.isArray(before) !== Array.isArray(value)) {
    differs?.add(path)
    return value
  }
  const members = copyOf(value) as Slots
  const names = Object.keys(members)
  const oldNames = Object.keys(before)
  const placeOf = (name: string) => `${path}/${escapeKey(name)}`
  let same = names.length === oldNames.length
  for (const name of names) {
    const old = member(before, name)
    members[name] = adopt(old, members[name]!, differs, placeOf(name))
    same &&= members[name] === old
  }
  for (const name of oldNames) if (!Object.hasOwn(members, name)) differs?.add(placeOf(name))
  return same ? before : members as unknown as JsonValue
}
