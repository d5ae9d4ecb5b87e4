import t from 'tap'
import { defaultLimits, readLimits } from '../../lib/server/limits.ts'
import { readOptions } from '../../lib/server/options.ts'
import type { FastifyJugglerOptions } from '../../types/options.ts'

const read = (limits: unknown) => readOptions({ limits } as FastifyJugglerOptions)

t.test('each limit has its default, and undefined is no value', async (t) => {
  t.strictSame(readLimits(), defaultLimits)
  t.strictSame(read(undefined).limits, defaultLimits)
  t.strictSame(read({}).limits, defaultLimits)
  t.strictSame(read({ pendingUpgrades: undefined }).limits, defaultLimits)
  const given = Object.freeze({ pendingUpgrades: 3 })
  t.strictSame(read(given).limits, { ...defaultLimits, ...given })
  t.ok(Object.isFrozen(read(given).limits))
})

t.test('what is no object of limits is refused', async (t) => {
  for (const value of [null, 5, [], 'x', true]) {
    t.throws(() => read(value), { code: 'FST_JUGGLER_OPTION_INVALID', message: /^option 'limits' is .*pendingUpgrades/ }, String(value))
  }
})

t.test('a wrong value is refused by its whole name', async (t) => {
  for (const value of [0, -1, 1.5, NaN, Infinity, '5', null]) {
    t.throws(() => read({ pendingUpgrades: value }), { code: 'FST_JUGGLER_OPTION_INVALID', message: /^option 'limits\.pendingUpgrades' is / })
  }
})

t.test('an unknown limit is an error that names the closest one', async (t) => {
  t.throws(() => read({ pendingUpgrade: 5 }), {
    code: 'FST_JUGGLER_OPTION_UNKNOWN',
    message: "option 'limits.pendingUpgrade' is unknown, did you mean 'limits.pendingUpgrades'?"
  })
  t.throws(() => read({ zzzzzzzzzz: 5 }), { code: 'FST_JUGGLER_OPTION_UNKNOWN', message: "option 'limits.zzzzzzzzzz' is unknown" })
  t.throws(() => read(JSON.parse('{"__proto__":5}')), { code: 'FST_JUGGLER_OPTION_UNKNOWN' })
})
