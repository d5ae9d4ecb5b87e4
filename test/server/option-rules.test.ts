import t from 'tap'
import { checkMembers, givenMembers, integer, orNull } from '../../lib/server/option-rules.ts'

const rules = { size: integer(1, 9), key: { test: (value: unknown) => value === 'right', expected: 'the key', secret: true } as const }

t.test('a value that breaks its rule is named with what was expected', async (t) => {
  t.throws(() => checkMembers({ size: 10 }, rules), { message: "option 'size' is 10, expected an integer from 1 to 9" })
  t.throws(() => checkMembers({ size: 0 }, { size: orNull(rules.size) }), { message: "option 'size' is 0, expected null or an integer from 1 to 9" })
  t.throws(() => checkMembers({ size: 0 }, rules, 'limits.'), { message: /^option 'limits\.size' / })
  t.doesNotThrow(() => checkMembers({ size: undefined, key: 'right' }, rules))
  t.doesNotThrow(() => checkMembers({ size: null }, { size: orNull(rules.size) }))
})

t.test('a secret is not shown', async (t) => {
  t.throws(() => checkMembers({ key: 'hunter2' }, rules), { message: "option 'key' is not valid, expected the key" })
})

t.test('names that others check pass; others are unknown, those of every object too', async (t) => {
  t.doesNotThrow(() => checkMembers({ logLevel: 1 }, rules, '', new Set(['logLevel'])))
  t.throws(() => checkMembers({ toString: 1 }, rules), { code: 'FST_JUGGLER_OPTION_UNKNOWN' })
  t.throws(() => checkMembers({ sizes: 1 }, rules, 'limits.'), { message: "option 'limits.sizes' is unknown, did you mean 'limits.size'?" })
})

t.test('members that are given have a rule and a value', async (t) => {
  t.strictSame(givenMembers({ size: 1, key: undefined, other: 2 }, rules), { size: 1 })
})
