import assert from 'node:assert'
import fc from '../helpers/fast-check.ts'
import t from 'tap'
import { equal } from '../../lib/json/equal.ts'
import { tree } from '../helpers/json/arbitraries.ts'
import { check } from '../helpers/json/properties.ts'
import type { JsonValue } from '../../types/json.ts'

t.test('nothing is converted', async (t) => {
  const different: JsonValue[] = [0, 1, '', '0', '1', true, false, null, [], {}, [1], [true], ['1'], [null], [[]], { 0: 1 }, { length: 0 }, { a: null }, { a: 0 }]
  for (const a of different) {
    for (const b of different) {
      t.equal(equal(a, structuredClone(b)), a === b, `${JSON.stringify(a)} and ${JSON.stringify(b)}`)
    }
  }
})

t.test('inherited names are plain data', async (t) => {
  for (const name of ['constructor', 'toString', 'hasOwnProperty', 'valueOf']) {
    t.notOk(equal({ [name]: 1 }, { other: 1 }), name)
    t.notOk(equal({ other: 1 }, { [name]: 1 }), name)
    t.ok(equal({ [name]: { a: 1 } }, { [name]: { a: 1 } }), name)
  }
})

t.test('members count in any order, elements in theirs', async (t) => {
  t.ok(equal({ a: 1, b: [2] }, { b: [2], a: 1 }))
  t.notOk(equal([1, 2], [2, 1]))
  t.notOk(equal([1], [1, 2]))
  t.notOk(equal({ a: 1 }, { a: 1, b: 2 }))
})

t.test('what is shared is not looked into', async (t) => {
  const trap = { get member (): JsonValue { throw new Error('looked into') } }
  t.ok(equal([trap], [trap]))
  t.ok(equal({ trap, n: 1 }, { trap, n: 1 }))
})

t.test('depth 1,000 is no trouble', async (t) => {
  const nested = (leaf: JsonValue): JsonValue => {
    let value = leaf
    for (let i = 0; i < 500; i++) value = [{ value }]
    return value
  }
  t.ok(equal(nested(1), nested(1)))
  t.notOk(equal(nested(1), nested(true)))
})

t.test('agrees with node:assert on random trees', async (t) => {
  const strict = (a: JsonValue, b: JsonValue): boolean => {
    try {
      assert.deepStrictEqual(a, b)
      return true
    } catch {
      return false
    }
  }
  check(t, 2_000, fc.property(tree, tree, (a, b) => equal(a, b) === strict(a, b) && equal(a, structuredClone(a))))
})
