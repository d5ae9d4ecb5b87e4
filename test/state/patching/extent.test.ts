import t from 'tap'
import { copyAllowance, extentOf, isDeeperThan } from '../../../lib/state/patching/extent.ts'
import type { JsonValue } from '../../../types/json.ts'

t.test('an extent counts values and levels, of what is shared as often as it is there', async (t) => {
  t.same(extentOf(1), { values: 1, levels: 0 })
  t.same(extentOf([]), { values: 1, levels: 1 })
  t.same(extentOf({ a: [1, 2], b: 'x' }), { values: 5, levels: 2 })
  let doubled: JsonValue = [1]
  for (let i = 0; i < 50; i++) doubled = [doubled, doubled]
  const { values, levels } = extentOf(doubled)
  t.ok(values > 2 ** 50)
  t.equal(levels, 51)
})

t.test('how deep a value is, however deep it is', async (t) => {
  t.notOk(isDeeperThan(0, 1))
  t.ok(isDeeperThan(0, []))
  t.notOk(isDeeperThan(2, { a: [1] }))
  t.ok(isDeeperThan(1, { a: [1] }))
  t.ok(isDeeperThan(1000, JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`)))
})

t.test('the copies of a patch: a little is free, then as much as there is, and never beyond millions', async (t) => {
  t.equal(copyAllowance([1]), 1025)
  t.equal(copyAllowance(Array.from({ length: 10_000 }, (_, i) => i)), 10_001)
  let doubled: JsonValue = [1]
  for (let i = 0; i < 22; i++) doubled = [doubled, doubled]
  t.equal(copyAllowance(doubled), 1025)
})
