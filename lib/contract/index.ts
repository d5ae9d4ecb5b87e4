/** The contract that both ends share: `fastify-juggler/contract`. It loads in browsers, and checks nothing itself. */
import type { Contract, ContractApp, ContractDefinition, Typed } from '../../types/contract.ts'
import { JugglerClientError } from '../errors.ts'
import { isReserved } from '../protocol/reserved-names.ts'
import { refuse } from '../refuse.ts'
import { asyncapiOf } from './asyncapi.ts'
import { kContract } from './symbol.ts'

export type * from '../../types/contract.ts'

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null && !Array.isArray(value)

/**
 * Makes a contract of JSON Schemas (draft-07; TypeBox makes them, zod and valibot can be turned into them, see `typed`).
 *
 * @throws JugglerClientError `JUGGLER_CONTRACT_INVALID` for what is no definition
 * @example
 * const contract = defineContract({
 *   state: { type: 'object', properties: { speed: { type: 'number' } }, required: ['speed'] },
 *   requests: { 'pump/set': { data: { type: 'number' }, result: { type: 'null' } } }
 * })
 */
export function defineContract<const D extends ContractDefinition> (definition: D): Contract<D> {
  check(definition)
  return {
    definition,

    on (app: ContractApp, name = 'juggler') {
      const take = app.hasDecorator(name) && (app.getDecorator(name) as { [kContract]?: (definition: D) => never })[kContract]
      if (!take) refuse('what on() is given', `one without '${name}'`, 'an app with fastify-juggler registered before, and the name of its decorator', 'JUGGLER_CONTRACT_INVALID')
      return take(definition)
    },

    asyncapi (options) {
      try {
        return asyncapiOf(definition, options)
      } catch (error) {
        throw new JugglerClientError('JUGGLER_CONTRACT_INVALID', (error as Error).message, error)
      }
    }
  }
}

/**
 * Tells the type of what a schema describes, where the schema does not; without a schema, any JSON is let through.
 *
 * @example typed<{ id: number }>()
 * @example typed<z.infer<typeof Pump>>(z.toJSONSchema(Pump, { target: 'draft-7' }))
 */
export function typed<T> (schema: object = {}): Typed<T> {
  return schema as Typed<T>
}

/** @throws JugglerClientError `JUGGLER_CONTRACT_INVALID` */
function check (definition: ContractDefinition): void {
  const parts = membersOf('the contract', definition, ['state', 'requests', 'notifications'])
  if (parts['state'] !== undefined) schema('the state', parts['state'])
  for (const [name, request] of Object.entries(membersOf('requests', parts['requests'] ?? {}))) {
    if (isReserved(name)) refuse('a request', `'${name}'`, "a name: the empty one, and those that begin with 'juggler/', are the protocol's own", 'JUGGLER_CONTRACT_INVALID')
    const where = `the request '${name}'`
    for (const [part, value] of Object.entries(membersOf(where, request, ['data', 'result']))) {
      if (value !== undefined) schema(`'${part}' of ${where}`, value)
    }
  }
  for (const [name, value] of Object.entries(membersOf('notifications', parts['notifications'] ?? {}))) schema(`the notification '${name}'`, value)
}

function membersOf (where: string, value: unknown, known?: readonly string[]): Record<string, unknown> {
  if (!isObject(value)) refuse(where, value, 'an object', 'JUGGLER_CONTRACT_INVALID')
  const odd = known && Object.keys(value).find((key) => !known.includes(key))
  if (odd !== undefined) refuse(`a member of ${where}`, `'${odd}'`, known!.join(' or '), 'JUGGLER_CONTRACT_INVALID')
  return value as Record<string, unknown>
}

function schema (where: string, value: unknown): void {
  if (!isObject(value)) refuse(where, value, 'a JSON Schema', 'JUGGLER_CONTRACT_INVALID')
  if ('safeParse' in value || '~run' in value) {
    refuse(where, 'a schema of zod or valibot', "a JSON Schema, such as z.toJSONSchema(schema, { target: 'draft-7' })", 'JUGGLER_CONTRACT_INVALID')
  }
}
