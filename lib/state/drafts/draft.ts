/**
 * Drafts for `update(recipe)`: what the recipe writes is kept beside the live tree until it is whole and checked, so
 * that a recipe that throws has changed nothing, and a wide object is never copied for one member.
 */
import type { JsonValue, PathKey } from '../../../types/json.ts'
import { checkedCopy } from '../store/checked-copy.ts'
import type { ArrayNode, ObjectNode, Scope } from './draft-nodes.ts'
import { draftFor, nodeOf, removed } from './draft-nodes.ts'
import { mergeAt, trusted } from '../store/merge.ts'
import type { StoreTree } from '../store/store-tree.ts'
import { isContainer, member } from '../../json/containers.ts'

/** A place that changed; `base` is what stands there, undefined: nothing. */
interface Change { readonly keys: PathKey[], value: unknown, readonly base: JsonValue | undefined }

export interface Draft {
  /** What the recipe gets. */
  readonly value: unknown
  /** Writes what the recipe changed. Nothing is written where a value is not JSON. Returns whether anything changed. */
  commit (tree: StoreTree): boolean
  /** Makes the draft unusable. */
  end (): void
}

export function draftOf (root: JsonValue): Draft {
  const scope: Scope = { open: true }
  const value = draftFor(root, scope)
  return {
    value,
    commit: (tree) => {
      const changes: Change[] = []
      collect(value, [], changes)
      // Every value is checked and copied before the first is written.
      for (const change of changes) change.value = taken(change)
      let changed = false
      for (const { keys, value, base } of changes) {
        if (value === removed) tree.write(keys, undefined)
        else if (base === undefined) tree.write(keys, value as JsonValue)
        else if (!mergeAt(tree, keys, value, trusted, base)) continue
        changed = true
      }
      return changed
    },
    end: () => { scope.open = false }
  }
}

/** Finds what changed: member by member along objects, an array as a whole. */
function collect (value: unknown, keys: PathKey[], changes: Change[]): void {
  const node = nodeOf(value)
  if (node === undefined) return
  if (node.kind === 'array') {
    if (arrayChanged(node)) changes.push({ keys, value, base: node.base })
    return
  }
  for (const [name, value] of node.changes) {
    const base = member(node.base, name)
    const place = [...keys, name]
    if (base !== undefined && nodeOf(value)?.base === base) collect(value, place, changes)
    else if (value !== removed || base !== undefined) changes.push({ keys: place, value, base })
  }
}

/** What goes into the tree: a copy, except that elements of an array's own past are kept as they are. */
function taken ({ keys, value, base }: Change): unknown {
  if (value === removed) return removed
  if (keys.at(-1) === '__proto__') checkedCopy({ ['__proto__']: 0 }, keys.slice(0, -1))
  const node = nodeOf(value)
  return node?.kind === 'array' && node.base === base ? takenArray(node, [...keys]) : checkedCopy(value, [...keys])
}

function takenArray (node: ArrayNode, keys: PathKey[]): JsonValue[] {
  return node.copy.map((element, i) => takenElement(element, i, node, keys))
}

function takenElement (element: unknown, index: number, array: ArrayNode, keys: PathKey[]): JsonValue {
  if (isContainer(element)) {
    const node = nodeOf(element)
    if (node === undefined) {
      if (array.isPast(element, index)) return element
    } else if (array.isPast(node.base, index)) {
      if (node.kind === 'array') return arrayChanged(node) ? takenArray(node, [...keys, index]) : node.base
      if (!objectChanged(node)) return node.base
    }
  }
  return checkedCopy(element, [...keys, index])
}

function arrayChanged ({ base, copy }: ArrayNode): boolean {
  return copy.length !== base.length || copy.some((element, i) => element !== base[i] && changedFrom(base[i]!, element))
}

function objectChanged ({ base, changes }: ObjectNode): boolean {
  for (const [name, member] of changes) {
    if (!Object.hasOwn(base, name) || changedFrom(base[name]!, member)) return true
  }
  return false
}

/** Whether what stands in a place is anything but an unchanged draft of what stood there. */
function changedFrom (base: JsonValue, value: unknown): boolean {
  const node = nodeOf(value)
  if (node === undefined || node.base !== base) return true
  return node.kind === 'array' ? arrayChanged(node) : objectChanged(node)
}
