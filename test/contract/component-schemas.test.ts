import { Ajv } from 'ajv'
import t from 'tap'
import { componentSchemas } from '../../lib/contract/component-schemas.ts'
import type { JsonObject, JsonValue } from '../../types/json.ts'
import { danglingOf } from '../helpers/asyncapi.ts'
import fc from '../helpers/fast-check.ts'
import { check } from '../helpers/json/properties.ts'

/** The components of some schemas, each under its name. */
const componentsOf = (schemas: Record<string, unknown>) =>
  componentSchemas(Object.entries(schemas).map(([key, schema]) => ({ key, place: key, schema })), new Set())
const to = (key: string) => ({ $ref: `#/components/schemas/${key}` })

t.test('definitions become components, and references lead there', async (t) => {
  t.same(componentsOf({
    one: {
      $schema: 'http://json-schema.org/draft-07/schema#',
      $defs: { 'a/b': { type: 'string' }, a_b: { $defs: { deep: true } } },
      definitions: { '~ %': { items: { $ref: '#/$defs/a_b/$defs/deep' } }, constructor: false },
      properties: { x: { $ref: '#/$defs/a~1b' }, y: { $ref: '#/definitions/~0%20%25' }, z: { $ref: '#' }, c: { $ref: '#/definitions/constructor' } }
    }
  }), {
    one: { properties: { x: to('a_b'), y: to('___'), z: to('one'), c: to('constructor_2') } },
    a_b: { type: 'string' },
    a_b_2: {},
    deep: {},
    ___: { items: to('deep') },
    constructor_2: { not: {} }
  })
})

t.test('schemas that refer to themselves and to each other', async (t) => {
  t.same(componentsOf({
    one: { definitions: { a: { properties: { b: { $ref: '#/definitions/b' } } }, b: { items: { $ref: '#/definitions/a' } } }, $ref: '#/definitions/a' },
    tree: { $id: 'T0', properties: { children: { items: { $ref: 'T0' } } } }
  }), {
    one: to('a'),
    a: { properties: { b: to('b') } },
    b: { items: to('a') },
    tree: { properties: { children: { items: to('tree') } } }
  })
})

t.test('a place that is referred to becomes a component, whatever stands on the way', async (t) => {
  t.same(componentsOf({
    one: {
      properties: { 'a/~% b': { anyOf: [{ type: 'string' }, true] }, x: { $ref: '#/properties/a~1~0%25%20b/anyOf/0' }, y: { $ref: '#/properties/a~1~0%25 b/anyOf/1' } },
      group: { deep: { const: 1 } },
      not: { $ref: '#/group/deep' }
    }
  }), {
    one: {
      properties: { 'a/~% b': { anyOf: [to('one.properties.a____b.anyOf.0'), to('one.properties.a____b.anyOf.1')] }, x: to('one.properties.a____b.anyOf.0'), y: to('one.properties.a____b.anyOf.1') },
      group: { deep: to('one.group.deep') },
      not: to('one.group.deep')
    },
    'one.properties.a____b.anyOf.0': { type: 'string' },
    'one.properties.a____b.anyOf.1': {},
    'one.group.deep': { const: 1 }
  })
})

t.test('what stands beside a reference is heeded, as Ajv does', async (t) => {
  t.same(componentsOf({
    one: { $defs: { a: { type: 'number' } }, properties: { x: { $ref: '#/$defs/a', minimum: 5 }, y: { $ref: '#/$defs/a', allOf: [{ maximum: 9 }] } } }
  }).one, { properties: { x: { minimum: 5, allOf: [to('a')] }, y: { allOf: [{ maximum: 9 }, to('a')] } } })
})

t.test('references by $id, in the schema, from others, relative, to places and to anchors', async (t) => {
  const components = componentsOf({
    one: { $id: 'https://example.com/schemas/one', $defs: { a: { $id: 'inner/a', items: { $ref: '#' } }, b: { $ref: 'other' }, c: { $ref: 'inner/a' } } },
    two: { $id: 'https://example.com/schemas/other#', properties: { x: { $id: 'urn:x:y', $anchor: 'here', properties: { z: { $ref: 'https://example.com/schemas/one' } } } } },
    three: { $ref: 'https://example.com/schemas/other#/properties/x' },
    four: { not: { $ref: 'urn:x:y#here' }, properties: { z: { $ref: 'urn:x:y#/properties/z' } } },
    five: { definitions: { foo: { $id: '#bar', type: 'null' } }, items: { $ref: '#bar' } },
    six: { $id: 'six', items: [{ $id: 'Pump', type: 'object' }, { $ref: 'Pump' }] },
    seven: { items: { $ref: 'Pump' }, not: { $ref: 'six' } }
  })
  t.same(components, {
    one: {},
    a: { items: to('a') },
    b: to('two'),
    c: to('a'),
    two: { properties: { x: to('urn_x_y') } },
    urn_x_y: { properties: { z: to('two.properties.x.properties.z') } },
    'two.properties.x.properties.z': to('one'),
    three: to('urn_x_y'),
    four: { not: to('urn_x_y'), properties: { z: to('two.properties.x.properties.z') } },
    five: { items: to('foo') },
    foo: { type: 'null' },
    six: { items: [to('Pump'), to('Pump')] },
    Pump: { type: 'object' },
    seven: { items: to('Pump'), not: to('six') }
  })
  t.same(danglingOf({ components: { schemas: components } }), [])
})

t.test('definitions that say the same are one, those that do not are apart', async (t) => {
  const node = (data: JsonObject, name = 'Node') => ({ $defs: { [name]: { properties: { next: { $ref: `#/$defs/${name}` }, data: { $ref: '#/$defs/Data' } } }, Data: data }, items: { $ref: `#/$defs/${name}` } })
  const components = componentsOf({ one: node({ type: 'string' }), two: node({ type: 'string' }), three: node({ type: 'number' }) })
  t.same(components, {
    one: { items: to('Node') },
    Node: { properties: { next: to('Node'), data: to('Data') } },
    Data: { type: 'string' },
    two: { items: to('Node') },
    three: { items: to('Node_2') },
    Node_2: { properties: { next: to('Node_2'), data: to('Data_2') } },
    Data_2: { type: 'number' }
  })
})

t.test('what AsyncAPI says in another way', async (t) => {
  t.same(componentsOf({ one: { discriminator: { propertyName: 'kind' }, properties: { $ref: { type: 'string' }, discriminator: { type: 'string' } } } }),
    { one: { properties: { discriminator: { type: 'string' } }, patternProperties: { '^\\$ref$': { type: 'string' } } } })
  t.same(componentsOf({ one: { discriminator: 'kind' } }), { one: { discriminator: 'kind' } })
})

t.test('errors name the place', async (t) => {
  const circle: Record<string, unknown> = {}
  circle.properties = { circle }
  const wrong: Array<[Record<string, unknown>, string | RegExp]> = [
    [{ one: { properties: { 'a/b': { $ref: '#/$defs/no' } } } }, 'one at /properties/a~1b refers to "#/$defs/no", which is not in the contract'],
    [{ one: { items: { $ref: 'https://example.com/no' } } }, 'one at /items refers to "https://example.com/no", which is not in the contract'],
    [{ one: { $id: 'one' }, two: { $ref: 'one#/nothing' } }, 'two refers to "one#/nothing", which is not in the contract'],
    [{ one: { $ref: '#/required', required: [] } }, 'one refers to "#/required", which is not in the contract'],
    [{ one: { items: [{}, { $ref: '#/items/00' }] } }, 'one at /items/1 refers to "#/items/00", which is not in the contract'],
    [{ one: { $ref: '#no' } }, 'one refers to "#no", which is not in the contract'],
    [{ one: { $ref: '#/%zz' } }, 'one refers to "#/%zz", whose fragment is badly encoded'],
    [{ one: { $ref: 5 } }, 'one refers to 5, which is no reference'],
    [{ one: { $ref: 'two' }, two: { $id: 'two' }, three: { $id: 'two', minimum: 1 } }, 'one refers to "two", of which there are several in the contract'],
    [{ one: { $ref: '#' } }, 'one refers to itself and says nothing'],
    [{ one: { not: { $ref: '#/$defs/a' }, $defs: { a: { $ref: '#/$defs/b' }, b: { $ref: '#/$defs/a' } } } }, 'one at /not refers to itself and says nothing'],
    [{ one: { items: { const: { $ref: '#' } } } }, 'one at /items/const cannot be carried by AsyncAPI'],
    [{ one: 5 }, 'one is no schema'],
    [{ one: undefined }, 'one is no schema'],
    [{ one: circle }, /^one cannot be carried as JSON: .*circular/],
    [{ one: { const: 5n } }, /^one cannot be carried as JSON: .*BigInt/]
  ]
  for (const [schemas, message] of wrong) t.throws(() => componentsOf(schemas), { message }, String(message))
})

/** Names that need escapes, look like keywords, or are members of every object. */
const name = fc.constantFrom('a', 'b', 'a/b', 'a_b', 'a~1b', 'a%25b', 'ä 😀', '', '$ref', '$defs', 'properties', 'const', 'constructor', 'hasOwnProperty')

interface Sketch { refs: number[], type: string, names: Record<string, Sketch>, defs: Record<string, Sketch>, items: Sketch | undefined }
const sketch = (depth: number): fc.Arbitrary<Sketch> => fc.record({
  refs: fc.array(fc.nat(), { maxLength: 2 }),
  type: fc.constantFrom('object', 'array', 'string', 'number'),
  names: depth === 0 ? fc.constant({}) : fc.dictionary(name, sketch(depth - 1), { maxKeys: 3 }),
  defs: depth === 0 ? fc.constant({}) : fc.dictionary(name, sketch(depth - 1), { maxKeys: 2 }),
  items: depth === 0 ? fc.constant(undefined) : fc.option(sketch(depth - 1), { nil: undefined })
})

/** Two schemas, of which each may refer to any place in either. A reference leads to a schema that is none itself, or it could lead to itself. */
function schemasOf (sketches: Record<'one' | 'two', Sketch>): Record<'one' | 'two', JsonObject> {
  const places: Array<[string, string]> = []
  const references: Array<(root: string, n: number) => void> = []
  const encode = (name: string) => name.replaceAll('~', '~0').replaceAll('/', '~1').replaceAll('%', '%25').replaceAll(' ', '%20')
  const grow = ({ refs, type, names, defs, items }: Sketch, root: string, at: string, holder: string): JsonObject => {
    places.push([root, at])
    const inside = (members: Record<string, Sketch>, keyword: string) =>
      Object.fromEntries(Object.entries(members).map(([name, member]) => [name, grow(member, root, `${at}/${keyword}/${encode(name)}`, holder)]))
    const schema: JsonObject = { type: [type, 'null'], properties: inside(names, 'properties'), [holder]: inside(defs, holder) }
    if (items) schema.items = grow(items, root, `${at}/items`, holder)
    refs.forEach((n, i) => references.push(() => {
      const [to, place] = places[n % places.length]!
      const ref: JsonObject = { $ref: `${to === root ? '' : to}#${place}` };
      (schema.properties as JsonObject)[`r${i}`] = i === 0 ? ref : { ...ref, type: 'object' }
    }))
    return schema
  }
  const schemas = { one: { ...grow(sketches.one, 'one', '', '$defs'), $id: 'one' }, two: { ...grow(sketches.two, 'two', '', 'definitions'), $id: 'two' } }
  for (const add of references) add('', 0)
  return schemas
}

t.test('of any schemas, every reference leads somewhere, and Ajv takes the same values as before', async (t) => {
  const valueOf = (depth: number): fc.Arbitrary<JsonValue> => depth === 0
    ? fc.constantFrom(null, 'x', 1)
    : fc.oneof(valueOf(0), fc.array(valueOf(depth - 1), { maxLength: 2 }),
      fc.dictionary(fc.oneof(name, fc.constantFrom('r0', 'r1')), valueOf(depth - 1), { maxKeys: 3, noNullPrototype: true }))
  const verdicts = new Set<boolean>()
  check(t, 100, fc.property(fc.record({ one: sketch(2), two: sketch(2) }), fc.array(valueOf(3), { maxLength: 10 }), (sketches, values) => {
    const schemas = schemasOf(sketches)
    const before = JSON.stringify(schemas)
    const components = componentsOf(schemas)
    const document = { components: { schemas: components } }
    if (JSON.stringify(schemas) !== before || danglingOf(document).length > 0) return false
    const ajv = new Ajv({ strict: false, ownProperties: true, schemas: [schemas.one, schemas.two, { ...document, $id: 'document' }] })
    return (['one', 'two'] as const).every((root) => {
      const [old, now] = [ajv.getSchema(root)!, ajv.compile({ $ref: `document#/components/schemas/${root}` })]
      return values.every((value) => {
        verdicts.add(old(value) as boolean)
        return old(value) === now(value)
      })
    })
  }))
  t.equal(verdicts.size, 2, 'some values fit, some do not')
})
