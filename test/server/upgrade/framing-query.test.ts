import t from 'tap'
import { framingOf } from '../../../lib/server/upgrade/framing-query.ts'

t.test('the query goes before the option, and the first frame decides where neither does', async (t) => {
  t.equal(framingOf({ query: { framing: 'segmented' } }, 'plain'), 'segmented')
  t.equal(framingOf({ query: { framing: 'plain' } }, 'auto'), 'plain')
  t.equal(framingOf({ query: {} }, 'segmented'), 'segmented')
  t.equal(framingOf({ query: undefined }, 'plain'), 'plain', 'an app may have a query parser of its own')
  t.equal(framingOf({ query: {} }, 'auto'), undefined)
})

t.test('what is no framing is refused', async (t) => {
  for (const framing of ['', 'auto', 'Plain', ['plain', 'plain'], null]) {
    t.throws(() => framingOf({ query: { framing } }, 'plain'), { code: 'FST_JUGGLER_FRAMING_UNKNOWN', statusCode: 400 })
  }
})
