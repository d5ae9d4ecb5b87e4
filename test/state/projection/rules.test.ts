import t from 'tap'
import { anyKey, isNarrower, isVisible, maxPatternKeys, parsePattern } from '../../../lib/state/projection/rules.ts'
import type { Rule } from '../../../lib/state/projection/rules.ts'

const rule = (pattern: string, allow = true): Rule => ({ tokens: parsePattern(pattern) as Rule['tokens'], allow })

t.test('patterns', async (t) => {
  t.same(parsePattern('/a~1b/*/**'), ['a/b', anyKey])
  for (const everything of ['', '/**']) t.same(parsePattern(everything), [])
  t.same(parsePattern('/*a/b*'), ['*a', 'b*'], 'a star that is not the whole key is itself')
  t.same(parsePattern('/'), [''])
  for (const wrong of ['a', 5, undefined, '/**/a', '/a/**/**', '/__proto__', '/~2', '/a'.repeat(maxPatternKeys + 1)]) t.type(parsePattern(wrong), 'string', String(wrong))
})

t.test('which of two covers strictly less', async (t) => {
  const narrower: Array<[string, string]> = [['/a', ''], ['/a/b', '/a'], ['/a', '/*'], ['/a/b', '/*/b'], ['/a/b', '/a/*'], ['/*/b', '/*']]
  for (const [narrow, wide] of narrower) {
    t.ok(isNarrower(rule(narrow), rule(wide)), `${narrow} ${wide}`)
    t.notOk(isNarrower(rule(wide), rule(narrow)), `${wide} ${narrow}`)
  }
  for (const [one, other] of [['/a', '/a'], ['/a', '/b'], ['/a/*', '/*/b'], ['/a', '/*/b'], ['', '']] as const) {
    t.notOk(isNarrower(rule(one), rule(other)), `${one} ${other}`)
    t.notOk(isNarrower(rule(other), rule(one)), `${other} ${one}`)
  }
})

t.test('who wins', async (t) => {
  const deny = (pattern: string) => rule(pattern, false)
  t.notOk(isVisible([]), 'denied by default')
  t.ok(isVisible([rule('')]))
  t.notOk(isVisible([rule('/a'), deny('/a')]), 'a tie')
  t.ok(isVisible([deny('/a'), rule('/a/b')]))
  t.notOk(isVisible([deny('/a'), rule('/a/b'), deny('/a/b/c')]))
  t.notOk(isVisible([rule('/a/*'), deny('/*/b')]), 'neither is the narrower')
  t.ok(isVisible([rule(''), deny('/*'), rule('/a')]))
})
