import t from 'tap'
import { makeAjv } from '../../lib/contract/ajv.ts'

t.test('defaults where they are asked for, formats, shared schemas; nothing is coerced or removed', async (t) => {
  const shared = { speed: { $id: 'speed', type: 'integer', default: 5 } }
  const schema = { type: 'object', properties: { speed: { $ref: 'speed#' }, at: { type: 'string', format: 'date' } }, additionalProperties: true, example: {} }
  const check = makeAjv(shared, true).compile(schema)
  const data = { extra: 1, at: '2026-01-31' }
  t.ok(check(data))
  t.strictSame(data, { extra: 1, at: '2026-01-31' })
  t.notOk(check({ at: '2026-02-31' }))
  t.notOk(check({ speed: '5' }))
  const withDefault = { type: 'object', properties: { a: { type: 'integer', default: 1 } } }
  for (const [useDefaults, expected] of [[true, { a: 1 }], [false, {}]] as const) {
    const filled = {}
    t.ok(makeAjv({}, useDefaults).compile(withDefault)(filled))
    t.strictSame(filled, expected)
  }
  t.throws(() => makeAjv({}, true).compile({ tpye: 'string' }), /unknown keyword/)
})

t.test('nothing is said on the console about schemas that are right', async (t) => {
  const { warn } = console
  const said: unknown[] = []
  console.warn = (...text) => { said.push(text) }
  try {
    makeAjv({}, true).compile({ properties: { a: { type: ['string', 'null'] } }, required: ['b'] })
    makeAjv({}, true).compile({ type: 'array', items: [{ type: 'string' }, {}] })
  } finally {
    console.warn = warn
  }
  t.same(said, [])
})
