import t from 'tap'
import { poisoningGuard } from '../../../lib/server/requests/poisoning.ts'

const poisons = ['{"__proto__":{"x":1}}', '[[{"a":{"__proto__":null}}]]', '{"\\u005f_proto__":1}', '{"constructor":{"prototype":{}}}', '{"c\\u006fnstructor":{"prototype":1}}']

t.test('by default both names are refused, however spelled and however deep', async (t) => {
  const guard = poisoningGuard()
  for (const text of poisons) t.throws(() => guard(JSON.parse(text), text), { code: 'JUGGLER_REQUEST_FAILED', data: /forbidden member/ }, text)
})

t.test('what only looks like it passes', async (t) => {
  const guard = poisoningGuard()
  for (const text of ['{"constructor":"x"}', '{"constructor":{"name":1}}', '"__proto__"', '["__proto__"]', '{"a":"\\u005f"}', 'null', '1']) {
    t.doesNotThrow(() => guard(JSON.parse(text), text), text)
  }
})

t.test('remove takes them out', async (t) => {
  const guard = poisoningGuard('remove', 'remove')
  const data = JSON.parse('{"a":1,"__proto__":{"x":1},"b":{"constructor":{"prototype":1}}}')
  guard(data, '"__proto__" "constructor"')
  t.equal(JSON.stringify(data), '{"a":1,"b":{}}')
})

t.test('each can be ignored by itself', async (t) => {
  t.doesNotThrow(() => poisoningGuard('ignore')(JSON.parse(poisons[0]!), poisons[0]!))
  t.throws(() => poisoningGuard('ignore')(JSON.parse(poisons[3]!), poisons[3]!))
  t.throws(() => poisoningGuard('error', 'ignore')(JSON.parse(poisons[0]!), poisons[0]!))
  for (const text of poisons) t.doesNotThrow(() => poisoningGuard('ignore', 'ignore')(JSON.parse(text), text))
})

t.test('an escape somewhere in the text is no reason to walk over the data', async (t) => {
  const guard = poisoningGuard()
  const untouchable = new Proxy({}, { ownKeys () { throw new Error('looked at') }, get () { throw new Error('looked at') } }) as never
  for (const text of ['{"a":"\\u0041"}', '{"\\u005f_proto_":1}', '["\\u005f_proto__"]', '{"a":"__proto"}', '{"constructo":"\\u0072"}']) {
    t.doesNotThrow(() => guard(untouchable, text), text)
  }
  for (const text of ['{"\\u005F\\u005fpr\\u006Fto__" : 1}', '{"\\u0063onstructor":{}}', '{"__proto__":1}']) {
    t.throws(() => guard(untouchable, text), { code: 'JUGGLER_REQUEST_FAILED' }, text)
  }
})
