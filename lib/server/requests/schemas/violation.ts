/** What a validator found, whoever made it: in a form that a peer can be told. */
import type { JsonValue } from '../../../../types/json.ts'

/** A place that breaks a schema, and how; `path` is a JSON Pointer into the data. */
export interface Violation { readonly path: string, readonly message: string }

/** So many violations are told, and of each so many characters: a peer must not make the server write long answers. */
const mostViolations = 10
const longestText = 200

/** What an app's own validator answers may be called `errors` (Ajv), `issues` (zod, valibot) or `details` (joi). */
const lists = ['errors', 'issues', 'details'] as const

/**
 * @param found - a list of errors, or an error that may have one
 * @returns at least one
 */
export function violationsOf (found: unknown): Violation[] {
  const list = listOf(found)
  const violations = list.slice(0, mostViolations).map(violationOf)
  return violations.length > 0 ? violations : [{ path: '', message: 'is not valid' }]
}

function listOf (found: unknown): readonly unknown[] {
  if (Array.isArray(found)) return found
  for (const name of lists) {
    const list = (Object(found) as Record<string, unknown>)[name]
    if (Array.isArray(list) && list.length > 0) return list
  }
  return found === undefined || found === null ? [] : [found]
}

function violationOf (error: unknown): Violation {
  const { instancePath, path, message } = Object(error) as { instancePath?: unknown, path?: unknown, message?: unknown }
  const place = typeof instancePath === 'string' ? instancePath : pointerOf(path)
  return { path: cut(place), message: cut(typeof message === 'string' ? message : typeof error === 'string' ? error : 'is not valid') }
}

/** Others than Ajv give a list of keys; those of valibot are objects with a `key`. */
function pointerOf (path: unknown): string {
  if (!Array.isArray(path)) return typeof path === 'string' ? path : ''
  return path.map((step: unknown) => {
    const key = typeof step === 'object' && step !== null ? (step as { key?: unknown }).key : step
    return `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`
  }).join('')
}

const cut = (text: string): string => text.length <= longestText ? text : `${text.slice(0, longestText - 1)}…`

/** As it is sent. */
export const violationsJson = (violations: readonly Violation[]): JsonValue => violations.map(({ path, message }) => ({ path, message }))
