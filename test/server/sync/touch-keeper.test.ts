import t from 'tap'
import { TouchKeeper } from '../../../lib/server/sync/touch-keeper.ts'
import { Journal } from '../../../lib/state/history/journal.ts'
import { createState } from '../../../lib/state/state.ts'
import type { Store } from '../../../lib/state/store/store.ts'

function setUp (places = 5000) {
  const state = createState<Record<string, number>>(Object.fromEntries(Array.from({ length: places }, (_, i) => [`p${i}`, i])))
  return { state, keeper: TouchKeeper.of(state as unknown as Store), tree: (state as unknown as Store).tree }
}

t.test('touches are kept for as long as somebody needs them', async (t) => {
  const { state, keeper, tree } = setUp()
  t.equal(TouchKeeper.of(state as unknown as Store), keeper)
  t.equal(keeper.horizon, undefined)
  const [one, other] = [{}, {}]
  keeper.need(one, 0)
  t.equal(keeper.horizon, 0)
  state.set('/p1', -1)
  t.equal(tree.touches!.size, 1)
  keeper.need(other, 1)
  keeper.release(one)
  t.equal(tree.touches!.size, 1)
  keeper.release(other)
  t.equal(keeper.horizon, undefined)
})

t.test('what was missed before anything was kept is made up for', async (t) => {
  const { keeper, tree } = setUp()
  tree.revision = 7
  const journal = new Journal()
  journal.record(['p3'], 3)
  keeper.need({}, 4, [journal])
  t.equal(keeper.horizon, 4)
  t.equal(tree.touches!.size, 1)
})

t.test('too many are forgotten, those first that nobody needs', async (t) => {
  const { state, keeper, tree } = setUp()
  const [needs, has] = [{}, {}]
  keeper.need(needs, 0)
  keeper.need(has, 0)
  let asked = 0
  const oldest = (revision: number) => () => {
    asked++
    return revision
  }
  for (let i = 0; i < 1000; i++) state.set([`p${i}`], -1)
  keeper.forget(needs, oldest(500))
  t.equal(asked, 0, 'few are not worth a walk')
  for (let i = 1000; i < 1500; i++) state.set([`p${i}`], -1)
  keeper.forget(needs, oldest(900))
  t.equal(tree.touches!.size <= 1024, true, `${tree.touches!.size} of 1,500`)
  t.ok(keeper.horizon! > 0)
  keeper.forget({}, oldest(0))
  t.equal(asked, 1, 'who needs none is not asked')
})

t.test('a storm is not kept until somebody looks, and what is kept of it is right', async (t) => {
  const { state, keeper, tree } = setUp(1)
  keeper.need({}, 0)
  for (let i = 0; i < 20_000; i++) {
    state.set([`order ${i}`], i)
    state.remove([`order ${i}`])
  }
  t.ok(tree.touches!.size <= 2048, `${tree.touches!.size} of 20,000`)
  t.ok(keeper.horizon! > 35_000 && keeper.horizon! <= state.revision)
  state.set('/p0', 7)
  t.equal(tree.touches!.textsSince(state.revision - 1, tree.root)!.textFor(state.revision - 1), '[{"op":"add","path":"/p0","value":7}]')
})

t.test('of a large state as many places are kept as it is long', async (t) => {
  const { state, keeper, tree } = setUp(30_000)
  keeper.need({}, 0)
  for (let i = 0; i < 5000; i++) state.set([`p${i}`], -1)
  t.equal(tree.touches!.size, 5000)
  t.equal(keeper.horizon, 0)
})
