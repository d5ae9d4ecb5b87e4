import t from 'tap'
import fc from '../../../helpers/fast-check.ts'
import { isPlainJson } from '../../../../lib/server/requests/schemas/plain-json.ts'

t.test('what JSON gives back is plain', async () => {
  fc.assert(fc.property(fc.jsonValue(), (value) => isPlainJson(JSON.parse(JSON.stringify(value)))))
})

t.test('what JSON would change is not', async (t) => {
  const values = [undefined, NaN, Infinity, new Date(0), new Map(), Object(1), () => {}, Symbol('s'), 1n, { a: undefined }, [undefined], [new Date(0)],
    { a: { b: NaN } }, new (class Own { a = 1 })(), { toJSON: () => 1 }, Object.assign([1], { toJSON: () => 2 }), new Array(1)]
  for (const value of values) t.notOk(isPlainJson(value), String(typeof value === 'object' ? Object.prototype.toString.call(value) : typeof value))
  t.ok(isPlainJson(Object.create(null)))
  t.ok(isPlainJson(Object.freeze({ a: [1, null, 'x', true, {}] })))
})
