/** Applies the patches that a server sent, with a library that shares nothing with it. */
import jsonpatch from 'fast-json-patch'
import type { JsonValue, Patch } from '../../../types/json.ts'

/**
 * Gives the value that a patch makes of another; both stay as they are.
 *
 * @throws where the patch does not apply, or holds what servers never send
 */
export function applyPatch (value: JsonValue, patch: Patch): JsonValue {
  const document = { root: structuredClone(value) }
  for (const operation of structuredClone(patch)) {
    refuseUnsent(operation, document.root)
    jsonpatch.applyOperation(document, oneLevelDown(operation), true)
  }
  return document.root
}

/** Looks at the value as the operations before have left it: they may have made, moved or shifted what this one names. */
function refuseUnsent ({ op, path }: { op: string, path: string }, value: JsonValue): void {
  if (op === 'copy' || op === 'test') throw new Error(`${op} is never sent`)
  if (op !== 'add') return
  if (path === '') throw new Error('add of the whole is never sent')
  if (path.endsWith('/-') && Array.isArray(jsonpatch.getValueByPointer(value, path.slice(0, -2)))) throw new Error(`add ${path} is never sent`)
}

/** The library neither validates nor applies all operations on a bare root, so the root becomes a member. */
function oneLevelDown (operation: { path: string, from?: string }): jsonpatch.Operation {
  const moved = { ...operation, path: `/root${operation.path}` }
  if (operation.from !== undefined) moved.from = `/root${operation.from}`
  return moved as jsonpatch.Operation
}
