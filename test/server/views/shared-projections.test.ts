import t from 'tap'
import { SharedProjections } from '../../../lib/server/views/shared-projections.ts'
import type { Source } from '../../../lib/state/source.ts'
import { createState } from '../../../lib/state/state.ts'
import { filterOf } from '../../helpers/projections.ts'

const filter = () => filterOf([{ pattern: '/a', allow: true }], 'hide')

t.test('one for each id, for as long as somebody holds it, and some time more', async (t) => {
  const state = createState({ a: 1 }) as unknown as Source
  const shared = SharedProjections.of(state)
  t.equal(SharedProjections.of(state), shared)
  const told: string[] = []
  let drop = () => {}
  const owner = { idle: (letGo: () => void) => { told.push('idle'); drop = letGo }, held: () => told.push('held'), dropped: () => told.push('dropped') }
  const first = shared.hold('x', filter, undefined, owner)
  t.equal(shared.hold('x', filter), first)
  t.not(shared.hold('y', filter), first)
  shared.release(first, 1000)
  t.same(told, [])
  shared.release(first, 0)
  t.same(told, ['idle'], 'the longest that anybody asked for counts')
  t.equal(shared.hold('x', filter), first)
  shared.release(first, 5)
  t.same(told, ['idle', 'held', 'idle'])
  drop()
  t.same(told.at(-1), 'dropped')
  t.notOk(shared.has('x'))
  const again = shared.hold('x', filter, undefined, owner)
  t.not(again, first)
  // its timer keeps no process alive
  const alive = setInterval(() => {}, 1000)
  await new Promise<void>((resolve) => {
    owner.dropped = () => { resolve(); return 0 }
    shared.release(again, 5)
  })
  clearInterval(alive)
  t.notOk(shared.has('x'))
  const now = shared.hold('x', filter)
  shared.release(now, 0)
  t.notOk(shared.has('x'), 'at once')
})
