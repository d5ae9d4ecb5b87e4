import { mock } from 'node:test'
import t from 'tap'
import { Places } from '../../../lib/server/sync/places.ts'
import { createState } from '../../../lib/state/state.ts'
import type { Store } from '../../../lib/state/store/store.ts'

// own process: it stops the clock

mock.timers.enable({ apis: ['setInterval'] })
let clock = 0
mock.method(performance, 'now', () => clock)
const pass = (ms: number): void => {
  for (; ms > 0; ms -= 10) {
    clock += 10
    mock.timers.tick(10)
  }
}

function setUp () {
  const state = createState<Record<string, number>>(Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`p${i}`, i])))
  const store = state as unknown as Store
  const places = Places.of(store)
  /** Touches so many places that what is not needed is forgotten. */
  const churn = (): void => { for (let i = 0; i < 1100; i++) state.set([`p${i}`], state.revision + 0.5) }
  return { state, store, places, churn, at: (revision: unknown, epoch: unknown = places.epoch) => ({ epoch, revision: String(revision) }) }
}

t.test('a place is found where its history is known', async (t) => {
  const { state, store, places, at } = setUp()
  t.equal(Places.of(store), places)
  t.equal(places.find(at(0)), undefined, 'nothing is kept before somebody could come back')
  places.add(1000)
  state.set(['p1'], -1)
  t.equal(places.find(at(0)), 0)
  t.equal(places.find(at(1)), 1)
  for (const query of [at(2), at(-1), at('1e0'), at(''), at('0x1'), at(0, 'other'), { epoch: places.epoch, revision: ['0'] }, { epoch: [places.epoch], revision: '0' }, {}, undefined]) {
    t.equal(places.find(query), undefined, JSON.stringify(query))
  }
})

t.test('the window moves on while clients are there', async (t) => {
  const { places, churn, at, state } = setUp()
  places.add(240)
  churn()
  const early = state.revision
  pass(400)
  churn()
  pass(20)
  t.equal(places.find(at(0)), undefined)
  t.equal(places.find(at(state.revision)), state.revision)
  t.ok(early < state.revision)
})

t.test('it is kept for as long as the longest window behind the last client, and then let go', async (t) => {
  const { places, at, store } = setUp()
  places.add(240)
  places.add(480)
  places.add(240)
  places.delete(480)
  places.delete(240)
  pass(1000)
  t.equal(places.find(at(0)), 0, 'somebody is there')
  places.delete(240)
  pass(440)
  t.equal(places.find(at(0)), 0)
  pass(100)
  t.equal(places.find(at(0)), undefined)
  t.equal(store.tree.touches, undefined)
  places.add(240)
  t.equal(places.find(at(0)), 0, 'and begins anew')
})
