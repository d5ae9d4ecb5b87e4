/** Applies the patches that a server sent, with a library that shares nothing with it. */
import jsonpatch from 'fast-json-patch'
import type { JsonValue, Patch } from '../../types/json.ts'

/**
 * Gives the value that a patch makes of another; both stay as they are.
 *
 * @throws where the patch does not apply, or holds what servers never send
 */
export function applyPatch (value: JsonValue, patch: Patch): JsonValue {
  for (const { op, path } of patch) {
    if (op === 'copy' || op === 'test') throw new Error(`${op} is never sent`)
    if (op === 'add' && (path === '' || path.endsWith('/-'))) {
      if (path === '' || Array.isArray(jsonpatch.getValueByPointer(value, path.slice(0, -2)))) throw new Error(`add ${path} is never sent`)
    }
  }
  const document = { root: structuredClone(value) }
  jsonpatch.applyPatch(document, structuredClone(patch).map(oneLevelDown), true)
  return document.root
}

/** The library neither validates nor applies all operations on a bare root, so the root becomes a member. */
function oneLevelDown (operation: { path: string, from?: string }): jsonpatch.Operation {
  const moved = { ...operation, path: `/root${operation.path}` }
  if (operation.from !== undefined) moved.from = `/root${operation.from}`
  return moved as jsonpatch.Operation
}
