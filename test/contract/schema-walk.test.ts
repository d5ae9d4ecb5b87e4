import t from 'tap'
import { mapChildren, refusedMember, withoutCrashes } from '../../lib/contract/schema-walk.ts'
import type { JsonObject } from '../../types/json.ts'

t.test('subschemas are found where schemas are, and nowhere else', async (t) => {
  const schema: JsonObject = {
    type: 'object',
    uniqueItems: true,
    required: ['a'],
    const: { type: 'string' },
    enum: [{ type: 'string' }],
    default: {},
    examples: [{}],
    'x-note': {},
    properties: { a: {}, const: true, ['__proto__']: {} },
    dependencies: { a: ['const'], const: {} },
    items: [{}, false],
    additionalProperties: false,
    anyOf: [{}, true],
    not: {},
    group: { a: {} }
  }
  const found: string[] = []
  const copy = mapChildren(schema, ['top'], (child, keys) => {
    found.push(keys.join('/'))
    return child
  })
  t.same(copy, schema)
  t.same(found, ['properties/a', 'properties/const', 'properties/__proto__', 'dependencies/const', 'items/0', 'items/1',
    'additionalProperties', 'anyOf/0', 'anyOf/1', 'not', 'group'].map((path) => `top/${path}`))
})

t.test('patterns take the place of properties that tools trip over', async (t) => {
  const plain = { properties: { a: {} } }
  t.equal(withoutCrashes(plain), plain)
  const odd = JSON.parse('{"properties":{"a":{},"$ref":{"type":"string"},"__proto__":{},"hasOwnProperty":true},"patternProperties":{"b":{}}}')
  t.same(withoutCrashes(odd), {
    properties: { a: {} },
    patternProperties: { b: {}, '^\\$ref$': { type: 'string' }, '^__proto__$': {}, '^hasOwnProperty$': true }
  })
})

t.test('what cannot be carried is named', async (t) => {
  const refused = [
    { const: { a: [{ $ref: 1 }] } }, { enum: [{ $ref: '#' }] }, { default: { hasOwnProperty: 1 } }, { examples: [{ $ref: '' }] }, { 'x-a': { $ref: '#' } },
    { dependencies: { $ref: [] } }, { $dynamicRef: '#a' }, { $recursiveRef: '#' }
  ] as JsonObject[]
  for (const schema of refused) t.equal(refusedMember(schema), Object.keys(schema)[0], JSON.stringify(schema))
  t.equal(refusedMember({ $ref: '#', properties: { $ref: {} }, $defs: { $ref: {} }, const: { a: 1 }, not: { const: { $ref: 1 } } }), undefined)
})
