/** What may be seen of a value. */
import type { JsonObject, JsonValue, PathKey } from '../../../types/json.ts'
import { isContainer } from '../../json/containers.ts'
import type { FilterState } from './filter.ts'

/** Is told of an array that is hidden since a part of it is. The keys are the caller's only until it returns. */
export type OnHiddenArray = (place: readonly PathKey[]) => void

/**
 * Returns the value itself where all of it may be seen, a copy with what may be seen otherwise, or undefined: nothing.
 *
 * @param state - what holds for the value's place
 * @param place - where it stands
 */
export function project (value: JsonValue, state: FilterState, place: readonly PathKey[], onHiddenArray?: OnHiddenArray): JsonValue | undefined {
  return projectPart(value, state, [...place], onHiddenArray)
}

function projectPart (value: JsonValue, state: FilterState, place: PathKey[], onHiddenArray: OnHiddenArray | undefined): JsonValue | undefined {
  if (state.isWhole) return value
  if (state.isNothing) return undefined
  if (!isContainer(value)) return state.isVisible ? value : undefined
  if (Array.isArray(value)) {
    if (state.showsArrays) return value
    onHiddenArray?.(place)
    return undefined
  }
  const seen: JsonObject = {}
  for (const name of state.onlyNames ?? Object.keys(value)) {
    // Assigned, it would be the prototype.
    if (name === '__proto__' || !Object.hasOwn(value, name)) continue
    place.push(name)
    const part = projectPart(value[name]!, state.at(name), place, onHiddenArray)
    place.pop()
    if (part !== undefined) seen[name] = part
  }
  return seen
}
