import fc from '../../helpers/fast-check.ts'
import t from 'tap'
import { fingerprint } from '../../../lib/json/arrays/fingerprint.ts'
import { tree } from '../../helpers/json/arbitraries.ts'
import { check } from '../../helpers/json/properties.ts'

t.test('equal values share it', async (t) => {
  check(t, 2_000, fc.property(tree, (value) => fingerprint(value) === fingerprint(structuredClone(value))))
  t.equal(fingerprint({ a: 1, b: [2] }), fingerprint({ b: [2], a: 1 }), 'members in another order')
  t.equal(fingerprint([0]), fingerprint([-0]), 'both zeros')
})

t.test('rows of a table rarely do', async (t) => {
  const prints = new Set<number>()
  for (let id = 0; id < 1000; id++) prints.add(fingerprint({ id, name: `row ${id}`, on: id % 2 === 0, tags: ['a', 'b'] }))
  t.ok(prints.size > 990, `${prints.size} of 1,000`)
})

t.test('looks at a small part only', async (t) => {
  const array = Array.from({ length: 100 }, (_, i) => i)
  Object.defineProperty(array, 50, { get () { throw new Error('looked into') } })
  t.type(fingerprint(array), 'number')
})
