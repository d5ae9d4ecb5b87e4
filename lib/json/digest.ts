/** A short number for JSON that is alike wherever equal values are: docs/protocol.md, "Drift check", defines it. */
import type { JsonValue } from '../../types/json.ts'
import { isContainer } from './containers.ts'
import type { Slots } from './containers.ts'

/**
 * FNV-1a with 32 bits, of UTF-16 code units. It finds accidents: it is no defence against who looks for a twin.
 *
 * @param hash - where it begins
 */
function hashOf (text: string, hash = 0x811c9dc5): number {
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return hash >>> 0
}

/** Which part of a container a member belongs to, where the container is looked at in that many. */
export const partOf = (name: string, parts: number): number => hashOf(name) % parts

/**
 * The digest of a value. The order of an object's members does not count, since a patch need not keep it.
 *
 * @param part - of a container, of whose members only those of this part are looked at; its kind and its size always are
 * @param parts - how many parts there are; 0: no member is looked at
 */
export function digest (value: JsonValue, part = 0, parts = 1): number {
  if (!isContainer(value)) return hashOf(JSON.stringify(value))
  const names = Object.keys(value)
  let sum = 0
  for (const name of names) {
    if (partOf(name, parts) === part) sum = sum + hashOf(name, digest((value as Slots)[name]!)) >>> 0
  }
  return hashOf(`${Array.isArray(value) ? '[' : '{'}${names.length}:${sum}`)
}
