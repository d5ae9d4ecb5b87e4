import fc from '../helpers/fast-check.ts'
import t from 'tap'
import { sizeUpTo } from '../../lib/json/size.ts'
import { check } from '../helpers/json/properties.ts'
import type { JsonValue } from '../../types/json.ts'

t.test('exact for plain text, whole numbers and few decimals', async (t) => {
  const value = fc.oneof(fc.string({ unit: fc.constantFrom('a', 'b', '~', '/') }), fc.integer(), fc.boolean(), fc.constant(null), fc.integer({ min: 1, max: 999 }).map((n) => n + 0.125))
  const { any } = fc.letrec<{ any: JsonValue }>((tie) => ({
    any: fc.oneof({ maxDepth: 4 }, value, fc.array(tie('any')), fc.dictionary(fc.string({ unit: fc.constantFrom('a', 'b') }), tie('any')))
  }))
  check(t, 2_000, fc.property(any, (value) => sizeUpTo(value, Infinity) === JSON.stringify(value).length))
})

t.test('close for other numbers', async (t) => {
  check(t, 2_000, fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
    const size = sizeUpTo(value, Infinity)
    return size >= 1 && size <= 26
  }))
})

t.test('whatever the limit, the answer to "above it?" is the same', async (t) => {
  const value = fc.array(fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.array(fc.nat(50))))
  check(t, 2_000, fc.property(value, fc.nat(200), (value, limit) => (sizeUpTo(value, limit) > limit) === (JSON.stringify(value).length > limit)))
})

t.test('stops as soon as the limit is exceeded', async (t) => {
  const trap = new Proxy([], { get () { throw new Error('looked into') } }) as JsonValue[]
  t.ok(sizeUpTo(['a text of some length', trap], 10) > 10)
  t.ok(sizeUpTo({ a: 'a text of some length', trap }, 10) > 10)
})

t.test('a long array and an object of known width are not looked into', async (t) => {
  const array = Object.defineProperty(new Array(1000).fill(1), 0, { get () { throw new Error('looked into') } })
  t.ok(sizeUpTo(array, 100) > 100)
  const object = new Proxy({}, { ownKeys () { throw new Error('listed') } })
  t.ok(sizeUpTo({ object }, 100, new WeakMap([[object, 1000]])) > 100)
  t.throws(() => sizeUpTo({ object }, 100), { message: 'listed' })
})
