/** Requests, results and the client's own checks all judge as Ajv does: random values against random small schemas. */
import { Ajv } from 'ajv'
import t from 'tap'
import { connect } from '../../lib/client/index.ts'
import { checked } from '../../lib/contract/check.ts'
import { defineContract } from '../../lib/contract/index.ts'
import { startApp } from '../helpers/app.ts'
import fc from '../helpers/fast-check.ts'

// Written out once more: what this holds is that our way to Ajv and back changes nothing.
const options = { ownProperties: true, strictTypes: false, strictTuples: false } as const

/** Few, so that values and schemas meet; two of them are members of every object. */
const key = fc.constantFrom('a', 'b', 'constructor', 'toString')
const scalar = fc.oneof(fc.integer({ min: -2, max: 2 }), fc.constantFrom('', 'x', '1', 0.5), fc.boolean(), fc.constant(null))

const { value } = fc.letrec((tie) => ({
  value: fc.oneof({ maxDepth: 2, withCrossShrink: true }, scalar, fc.array(tie('value'), { maxLength: 3 }), fc.dictionary(key, tie('value'), { maxKeys: 3 }))
}))

const { schema } = fc.letrec<{ schema: object }>((tie) => ({
  schema: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.constantFrom({}, { type: 'null' }, { type: 'boolean' }, { type: 'integer' }, { type: ['number', 'null'] }, { type: 'number', minimum: 0 },
      { type: 'string', maxLength: 1 }, { type: 'string', nullable: true }, { type: 'string', pattern: '^x' }),
    scalar.map((value) => ({ const: value })),
    fc.uniqueArray(scalar, { minLength: 1, maxLength: 3 }).map((values) => ({ enum: values })),
    fc.record({ type: fc.constant('array'), items: tie('schema'), maxItems: fc.integer({ min: 0, max: 2 }) }, { requiredKeys: ['type'] }),
    fc.record({
      type: fc.constant('object'),
      properties: fc.dictionary(key, fc.oneof(tie('schema'), scalar.map((value) => ({ default: value }))), { maxKeys: 3 }),
      required: fc.uniqueArray(key, { maxLength: 2 }),
      additionalProperties: fc.oneof(fc.boolean(), tie('schema'))
    }, { requiredKeys: ['type'] }),
    fc.array(tie('schema'), { minLength: 1, maxLength: 2 }).chain((schemas) => fc.constantFrom('anyOf', 'oneOf', 'allOf').map((keyword) => ({ [keyword]: schemas }))),
    tie('schema').map((schema) => ({ not: schema }))
  )
}))

/** Objects more often: there is most to say about them. */
const anySchema = fc.oneof(schema, schema.filter((schema) => 'properties' in schema))
const anyValue = fc.oneof(value, fc.dictionary(key, value, { maxKeys: 3 }))

/** Undefined: Ajv refuses the schema, such as one with a `default` where that does nothing. */
function compile (schema: object, useDefaults: boolean) {
  try {
    return new Ajv({ ...options, useDefaults }).compile(schema)
  } catch {
    return undefined
  }
}

t.test('the verdict is that of Ajv, and what arrives is what it leaves', async (t) => {
  const { app, origin } = await startApp(t, { after: (app) => app.juggler.onRequest((_connection, _name, data) => data) })
  const client = await connect(`${origin}/ws`)
  t.teardown(() => client.close())
  const outcome = (answer: Promise<unknown>) => answer.then(
    (data) => ({ data }),
    (error: { code: string, data?: { code: string } }) => ({ code: error.data?.code ?? error.code }))
  let runs = 0
  const seen = { passed: 0, filled: 0, data: 0, result: 0, refused: 0 }

  await fc.assert(fc.asyncProperty(anySchema, fc.array(anyValue, { minLength: 1, maxLength: 6 }), async (schema, values) => {
    const name = `run ${++runs}`
    const { handle } = app.juggler
    const byData = compile(schema, true)
    const byResult = compile(schema, false)

    const takes = () => handle(`${name}: data`, { schema: { data: schema } }, (_connection, data) => data)
    if (byData === undefined) {
      seen.refused++
      t.throws(takes, { code: 'FST_JUGGLER_SCHEMA_INVALID' }, JSON.stringify(schema))
    } else {
      takes()
    }
    handle(`${name}: result`, { schema: { result: schema } }, () => given)
    let given: unknown
    const checking = checked(client as never, defineContract({ requests: { [name]: { result: schema } } }))

    for (const value of values) {
      if (byData !== undefined) {
        // In a parent, as there: Ajv may replace the value itself there.
        const parent = { value: structuredClone(value) }
        const passes = byData(parent.value, { instancePath: '', parentData: parent, parentDataProperty: 'value', rootData: parent.value as never, dynamicAnchors: {} })
        const expected = passes ? { data: parent.value } : { code: 'JUGGLER_DATA_INVALID' }
        if (!passes) seen.data++
        else if (JSON.stringify(parent.value) === JSON.stringify(value)) seen.passed++
        else seen.filled++
        same(await outcome(client.send(`${name}: data`, value)), expected)
      }
      given = value
      const passes = byResult!(structuredClone(value))
      if (!passes) seen.result++
      same(await outcome(client.send(`${name}: result`)), passes ? { data: value } : { code: 'JUGGLER_RESULT_INVALID' })
      same(await outcome(checking.send(name, value as never)), passes ? { data: value } : { code: 'JUGGLER_CONTRACT_BROKEN' })
    }
  }), {
    numRuns: 200,
    examples: [[{ anyOf: [{ type: 'object', properties: { a: { default: 1 } } }] }, [{}]], [{ type: 'object', properties: { a: { default: 1 } } }, [{}]]]
  })
  for (const [kind, count] of Object.entries(seen)) t.ok(count > 0, `${kind}: ${count}`)

  function same (found: object, expected: object): void {
    if (JSON.stringify(found) !== JSON.stringify(expected)) throw new Error(`${JSON.stringify(found)} is not ${JSON.stringify(expected)}`)
  }
})
