/** The schemas of handlers, compiled with what the scope of the app that they were registered in knows. */
import { isDeepStrictEqual } from 'node:util'
import type { FastifyInstance, FastifySerializerCompiler } from 'fastify'
import type { Ajv } from 'ajv'
import { makeAjv } from '../../../contract/ajv.ts'
import { stringify } from '../../../protocol/messages.ts'
import { FST_JUGGLER_SCHEMA_INVALID } from '../../errors.ts'
import { ResultError, refusal } from '../failures.ts'
import type { Route } from '../router.ts'
import { isPlainJson } from './plain-json.ts'
import { ajvValidatorOf, validatorOf } from './validator.ts'
import type { CompiledSchema, Validator, Verdict } from './validator.ts'
import { violationsJson } from './violation.ts'

/** As an app's validator compiler is called. */
type ValidatorCompiler = (options: { schema: object, method: string, url: string, httpPart: string }) => CompiledSchema

/**
 * Schemas are compiled when the app is ready, since shared ones may be added until then. Which compiler the app has set
 * must be asked before: what stands there later may be Fastify's own one, which is made for query strings and bodies.
 */
export class ScopeSchemas {
  readonly #scope: FastifyInstance
  #compiler: ValidatorCompiler | undefined
  #ajv: { readonly data: Ajv, readonly result: Ajv } | undefined

  constructor (scope: FastifyInstance) {
    this.#scope = scope
  }

  /** To be called while the app is being put together: at every handler, and when its plugin has run. */
  notice (): void {
    this.#compiler ??= this.#scope.validatorCompiler as ValidatorCompiler | undefined
  }

  /**
   * Gives a route its checks.
   *
   * @param name - of its requests
   * @throws FST_JUGGLER_SCHEMA_INVALID
   */
  compile (name: string, route: Route): void {
    const { data, result } = route.options.schema ?? {}
    if (data !== undefined) {
      const validate = this.#validator(name, 'data', data)
      route.validate = (given) => dataOf(validate(given))
    }
    if (result === undefined) return
    route.write = route.options.serializer === true
      ? this.#serializer(name, result)
      : checkedWriter(this.#validator(name, 'result', result), this.#compiler === undefined)
  }

  #validator (name: string, part: 'data' | 'result', schema: object): Validator {
    const where = `the schema '${part}' of requests called '${name}'`
    const shared = this.#scope.getSchemas()
    const { $id } = schema as { $id?: unknown }
    if (typeof $id === 'string' && Object.hasOwn(shared, $id) && !isDeepStrictEqual(shared[$id], schema)) {
      throw new FST_JUGGLER_SCHEMA_INVALID(where, `its $id '${$id}' is that of another schema, added to the app`)
    }
    try {
      if (this.#compiler === undefined) {
        this.#ajv ??= { data: makeAjv(shared, true), result: makeAjv(shared, false) }
        const compiled = this.#ajv[part].compile(schema) as CompiledSchema
        return '$async' in compiled ? validatorOf(compiled) : ajvValidatorOf(compiled)
      }
      const compiled: unknown = this.#compiler({ schema, method: 'JUGGLER', url: name, httpPart: 'body' })
      if (typeof compiled !== 'function') throw new Error('the validator compiler of the app returned no function')
      return validatorOf(compiled as CompiledSchema)
    } catch (error) {
      throw new FST_JUGGLER_SCHEMA_INVALID(where, String(Object(error).message))
    }
  }

  #serializer (name: string, schema: object): (result: unknown) => string {
    const where = `the schema 'result' of requests called '${name}'`
    const compiler = this.#scope.serializerCompiler as FastifySerializerCompiler<unknown> | undefined
    if (compiler === undefined) {
      throw new FST_JUGGLER_SCHEMA_INVALID(where, "'serializer' needs a serializer compiler (setSerializerCompiler), and this scope has none")
    }
    try {
      const write = compiler({ schema, method: 'JUGGLER', url: name, httpStatus: '200' }) as (result: unknown) => unknown
      return (result) => writtenText(write(result))
    } catch (error) {
      throw new FST_JUGGLER_SCHEMA_INVALID(where, String(Object(error).message))
    }
  }
}

function dataOf (verdict: Verdict | Promise<Verdict>): unknown {
  if (verdict instanceof Promise) return verdict.then(dataOf)
  if ('value' in verdict) return verdict.value
  const { violations } = verdict
  const [{ path, message }] = violations as [typeof violations[number]]
  throw refusal('JUGGLER_DATA_INVALID', `data${path} ${message}`, { errors: violationsJson(violations) })
}

/**
 * What is checked is what will be sent. So where the result is not JSON as it stands, it is a copy made of the text: a
 * `Date` is text by then, and a member that is undefined is none.
 *
 * @param harmless - whether the check changes nothing: what it would fill in or take away is the app's own
 */
function checkedWriter (validate: Validator, harmless: boolean): (result: unknown) => string | Promise<string> {
  return (result) => {
    const text = stringify(result)
    const verdict = validate(harmless && isPlainJson(result) ? result : JSON.parse(text))
    return verdict instanceof Promise ? verdict.then((verdict) => passed(verdict, text)) : passed(verdict, text)
  }
}

/** What is no text would break the protocol; of `undefined` `JSON.stringify`, which many compilers use, makes none. */
function writtenText (text: unknown): string {
  if (text === undefined) return 'null'
  if (typeof text !== 'string' || text === '') throw new ResultError('the serializer of a result gave no text')
  return text
}

function passed (verdict: Verdict, text: string): string {
  if ('value' in verdict) return text
  throw new ResultError('a request handler returned what its result schema does not allow', verdict.violations)
}
