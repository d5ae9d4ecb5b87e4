import t from 'tap'
import { StateView } from '../../../lib/server/views/view.ts'
import { createState } from '../../../lib/state/state.ts'
import type { Store } from '../../../lib/state/store/store.ts'
import { filterOf } from '../../helpers/projections.ts'

const state = createState({ a: { x: 1, y: { z: 1 } }, list: [{ s: 1 }], open: [1, 2] })
const of = (...patterns: string[]) => new StateView('key', filterOf(patterns.map((pattern) => ({ pattern: pattern.replace('!', ''), allow: !pattern.startsWith('!') })), 'hide'), () => state as unknown as Store)

t.test('without rules everything may be seen', async (t) => {
  const view = new StateView(undefined, undefined, () => state as unknown as Store)
  t.equal(view.key, undefined)
  t.ok(view.allows('/nothing'))
  t.same(view.get('/a/x'), 1)
  t.equal(view.stringify(), state.stringify())
  t.throws(() => view.allows('a'), { code: 'JUGGLER_PATH_INVALID' })
})

t.test('of a place, what rules leave of it', async (t) => {
  const view = of('/a', '!/a/x', '/list', '!/list/*/s', '/open')
  t.ok(view.allows('/a/y'))
  t.notOk(view.allows('/a'))
  t.same(view.get('/a'), { y: { z: 1 } })
  t.equal(view.get('/a/x'), null)
  t.equal(view.get('/missing'), null)
  t.equal(view.stringify(), '{"a":{"y":{"z":1}},"open":[1,2]}')
  t.equal(view.stringify('/a/y'), '{"z":1}')
  for (const path of ['/list', '/list/0', '/list/0/s', '/list/0/other']) {
    t.notOk(view.allows(path), path)
    t.equal(view.get(path), null, path)
  }
  t.ok(view.allows('/open/1'))
  t.ok(view.allows('/open'))
  t.equal(view.get('/open/-1'), 2)
  t.throws(() => view.get('a'), { code: 'JUGGLER_PATH_INVALID' })
})

t.test('what it gives never changes afterwards', async (t) => {
  const view = of('/a', '!/a/x')
  const before = view.get('/a')
  state.set('/a/y/z', 2)
  t.same(before, { y: { z: 1 } })
  t.same(view.get('/a'), { y: { z: 2 } })
})
