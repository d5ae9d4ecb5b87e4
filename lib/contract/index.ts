/** The contract that both ends share: `fastify-juggler/contract`. */
import type { Contract, ContractDefinition, Typed } from '../../types/contract.ts'

export type * from '../../types/contract.ts'

/**
 * Makes a contract of JSON Schemas.
 *
 * @example
 * const contract = defineContract({
 *   state: { type: 'object', properties: { speed: { type: 'number' } }, required: ['speed'] },
 *   requests: { 'pump/set': { data: { type: 'number' }, result: { type: 'null' } } }
 * })
 */
export function defineContract<const D extends ContractDefinition> (definition: D): Contract<D> {
  return { definition } as Contract<D>
}

/**
 * Tells the type of what a schema describes, where the schema does not; without a schema, any JSON is let through.
 *
 * @example typed<{ id: number }>()
 */
export function typed<T> (schema: object = {}): Typed<T> {
  return schema as Typed<T>
}
