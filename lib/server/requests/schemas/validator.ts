/** One way to ask validators of any origin: Fastify takes them in many forms. */
import { violationsOf } from './violation.ts'
import type { Violation } from './violation.ts'

/** What a validator says of a value: it passes, perhaps as another value, or it breaks the schema. */
export type Verdict = { readonly value: unknown } | { readonly violations: readonly Violation[] }

export type Validator = (value: unknown) => Verdict | Promise<Verdict>

/** What `schema` compiles to: `ajv.compile`, or what an app's validator compiler returns. */
export type CompiledSchema = ((value: unknown, context?: object) => unknown) & { errors?: unknown }

/**
 * A compiled schema may answer with a boolean (with `errors` beside it), with `{ value }`, with `{ error }`, or with a
 * promise of any of these. Unlike in Fastify `false` is a failure also where there are no `errors`, and a value that is
 * falsy is taken.
 */
export function validatorOf (compiled: CompiledSchema): Validator {
  return (value) => {
    // Ajv can replace a scalar by another one, or a missing value, only in its parent.
    const parent = { value }
    const answer = compiled(value, { instancePath: '', parentData: parent, parentDataProperty: 'value', rootData: value })
    if (typeof (Object(answer) as { then?: unknown }).then === 'function') {
      return Promise.resolve(answer).then((answer) => verdictOf(answer, parent.value, compiled), rejected)
    }
    return verdictOf(answer, parent.value, compiled)
  }
}

/** The same for Ajv without coercion and promises: it answers with a boolean, and changes nothing but members. */
export function ajvValidatorOf (compiled: CompiledSchema): Validator {
  return (value) => compiled(value) === true ? { value } : { violations: violationsOf(compiled.errors) }
}

function verdictOf (answer: unknown, value: unknown, compiled: CompiledSchema): Verdict {
  if (answer === false) return { violations: violationsOf(compiled.errors) }
  if (typeof answer !== 'object' || answer === null) return { value }
  const { error } = answer as { error?: unknown }
  if (error !== undefined && error !== null && error !== false) return { violations: violationsOf(error) }
  return { value: 'value' in answer ? answer.value : value }
}

/** Asynchronous schemas of Ajv resolve with the value, and reject with a list of errors; other rejections are faults. */
function rejected (error: unknown): Verdict {
  if (Array.isArray(Object(error).errors)) return { violations: violationsOf(error) }
  throw error
}
