import t from 'tap'
import { createContext, runInContext } from 'node:vm'
import { maxDepth } from '../../../lib/state/patching/extent.ts'
import { checkedCopy } from '../../../lib/state/store/checked-copy.ts'

t.test('copies what is JSON', async (t) => {
  const value = { a: [1, 'x', null, true, { b: {} }], constructor: 1 }
  const copy = checkedCopy(value, [])
  t.strictSame(copy, value)
  t.not(copy, value)
  t.ok(Object.is(checkedCopy(-0, []), 0), 'JSON has no way to tell -0')
})

t.test('takes objects without a prototype, and those of other realms', async (t) => {
  const bare = Object.assign(Object.create(null) as Record<string, unknown>, { a: 1 })
  t.strictSame(checkedCopy(bare, []), { a: 1 })
  t.strictSame(checkedCopy(runInContext('({ a: [1, { b: 2 }] })', createContext()), []), { a: [1, { b: 2 }] })
})

t.test('names the place of what is not', async (t) => {
  t.throws(() => checkedCopy({ a: [{ b: new Set() }] }, ['x', 0]), { code: 'JUGGLER_VALUE_INVALID', path: '/x/0/a/0/b', message: /instance of Set/ })
  t.throws(() => checkedCopy({ '/~': undefined }, []), { code: 'JUGGLER_VALUE_INVALID', path: '/~1~0' })
})

t.test('depth is bounded, whoever nests', async (t) => {
  let deep: unknown = 1
  for (let i = 0; i < maxDepth; i++) deep = [deep]
  t.doesNotThrow(() => checkedCopy(deep, []))
  t.throws(() => checkedCopy([deep], []), { code: 'JUGGLER_VALUE_INVALID' })
  const cycle: unknown[] = []
  cycle.push(cycle)
  t.throws(() => checkedCopy(cycle, []), { message: /cycle/ })
})
