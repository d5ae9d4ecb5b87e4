/** A slow and literal reading of RFC 6902, to compare with: every operation on a copy of the whole, nothing shared. */
import { deepStrictEqual } from 'node:assert'
import type { JsonValue } from '../../types/json.ts'

interface Operation { op: string, path: string, from?: string, value?: JsonValue }

const copy = <V>(value: V): V => JSON.parse(JSON.stringify(value)) as V

/** @throws where an operation does not apply */
export function applyStrictly (document: JsonValue, patch: readonly Operation[]): JsonValue {
  const holder = { root: copy(document) }
  for (const { op, path, from, value } of patch) {
    if (op === 'move' || op === 'copy') {
      const moved = copy(read(holder, from!))
      if (op === 'move') {
        if (path !== from && path.startsWith(`${from!}/`)) throw new Error('a place moves into itself')
        if (path === from) continue
        write(holder, from!, undefined, false)
      }
      write(holder, path, moved, true)
    } else if (op === 'test') {
      deepStrictEqual(read(holder, path), value)
    } else {
      write(holder, path, op === 'remove' ? undefined : copy(value!), op === 'add')
    }
  }
  return holder.root
}

/** The container of a place and its key there; the root is a member as well. */
function parentOf (holder: { root: JsonValue }, path: string): { parent: JsonValue, key: string } {
  if (path !== '' && !path.startsWith('/')) throw new Error('no pointer')
  const keys = ['root', ...path.split('/').slice(1).map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'))]
  const key = keys.pop()!
  return { parent: keys.reduce<JsonValue>((value, key) => member(value, key), holder as unknown as JsonValue), key }
}

function member (value: JsonValue, key: string): JsonValue {
  if (Array.isArray(value) ? !/^(0|[1-9]\d*)$/.test(key) || Number(key) >= value.length : typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) {
    throw new Error('no such place')
  }
  return (value as Record<string, JsonValue>)[key]!
}

function read (holder: { root: JsonValue }, path: string): JsonValue {
  const { parent, key } = parentOf(holder, path)
  return member(parent, key)
}

function write (holder: { root: JsonValue }, path: string, value: JsonValue | undefined, adding: boolean): void {
  const { parent, key } = parentOf(holder, path)
  if (typeof parent !== 'object' || parent === null) throw new Error('no container')
  if (Array.isArray(parent)) {
    const index = adding && key === '-' ? parent.length : adding && key === String(parent.length) ? parent.length : (member(parent, key), Number(key))
    parent.splice(index, adding ? 0 : 1, ...(value === undefined ? [] : [value]))
  } else if (value === undefined) {
    member(parent, key)
    // A state has always a root.
    if (parent === (holder as unknown)) holder.root = null
    else delete parent[key]
  } else {
    if (!adding) member(parent, key)
    parent[key] = value
  }
}
