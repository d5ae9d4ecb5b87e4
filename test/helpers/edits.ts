/** Random states and edits of them, nasty keys included, for property tests. */
import fc from './fast-check.ts'
import type { JsonValue } from '../../types/json.ts'
import { nastyKeys, scalars } from './making-edits.ts'
import type { Edit } from './making-edits.ts'

export * from './making-edits.ts'

export const keys = fc.constantFrom(...nastyKeys)

export const scalar: fc.Arbitrary<JsonValue> = fc.constantFrom(...scalars)

export const json: fc.Arbitrary<JsonValue> = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof({ maxDepth: 4, withCrossShrink: true }, scalar, fc.array(tie('value'), { maxLength: 6 }), fc.dictionary(keys, tie('value'), { maxKeys: 5, noNullPrototype: true }))
})).value

export const edit: fc.Arbitrary<Edit> = fc.record({
  kind: fc.constantFrom<Edit['kind']>('set', 'set', 'set', 'remove', 'add', 'insert', 'insert', 'move', 'copy', 'splice', 'sort', 'update', 'root'),
  picks: fc.array(fc.nat(1000), { minLength: 8, maxLength: 8 }),
  key: keys,
  value: json
})
