import t from 'tap'
import { compileViews } from '../../../lib/server/views/view-filters.ts'

t.test('each view has its rules, and those of the same rules are one', async (t) => {
  const views = compileViews({ a: { allow: ['/x'] }, b: { allow: ['/x'], deny: [] }, c: { allow: ['/x'], deny: ['/x/y'] } })
  t.equal(views.get('a'), views.get('b'))
  t.not(views.get('a'), views.get('c'))
  t.ok(views.get('a')!.allows(['x', 'y']))
  t.notOk(views.get('c')!.allows(['x', 'y']))
  t.equal(views.get('toString'), undefined)
})

t.test('a wrong one is named', async (t) => {
  t.throws(() => compileViews({ a: { allow: ['/x', '/**/y'] } }), { code: 'FST_JUGGLER_OPTION_INVALID', message: /views\.a\.allow\[1\]/ })
  t.throws(() => compileViews({ a: null as never }), { code: 'FST_JUGGLER_OPTION_INVALID', message: /views\.a/ })
})
