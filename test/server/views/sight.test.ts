import t from 'tap'
import { readPathSet } from '../../../lib/server/views/path-set.ts'
import { Sight } from '../../../lib/server/views/sight.ts'
import type { Source } from '../../../lib/state/source.ts'
import { createState } from '../../../lib/state/state.ts'
import { filterOf } from '../../helpers/projections.ts'

const settings = (pathSets: number, resumeWindow = 60_000) => ({ resumeWindow, limits: { pathSets } })
const view = { key: 'v', filter: filterOf([{ pattern: '/a', allow: true }, { pattern: '/b', allow: true }], 'hide'), onHiddenArray () {} }
const stateOf = () => createState({ a: 1, b: 2, c: 3 }) as unknown as Source
const paths = (...list: string[]) => readPathSet(list)
const full = { code: 'JUGGLER_REQUEST_FAILED', message: /as many different parts/ }

t.test('views and parts of one state are shared', async (t) => {
  const state = stateOf()
  const [one, two] = [new Sight(settings(10), state, view, paths('/a', '/c')), new Sight(settings(10), state, view, paths('/c', '/a'))]
  t.equal(one.source, two.source)
  t.same(one.source.tree.root, { a: 1 }, 'parts never widen')
  t.notOk(one.narrow(paths('/a', '/c')))
  t.ok(one.narrow(undefined))
  t.same(one.source.tree.root, { a: 1, b: 2 })
  t.equal(new Sight(settings(10), state, undefined, undefined).source, state)
  one.release()
  two.release()
})

t.test('no more sets than there is room for; the one that nobody has used for longest gives way, in whatever view', async (t) => {
  const state = stateOf()
  const sights = [new Sight(settings(2), state, view, paths('/a')), new Sight(settings(2), state, undefined, paths('/b'))]
  t.throws(() => new Sight(settings(2), state, undefined, paths('/c')), full)
  const [inView, plain] = sights.map(({ source }) => source)
  sights[1]!.release()
  sights[0]!.release()
  const third = new Sight(settings(2), state, undefined, paths('/c'))
  t.equal(new Sight(settings(2), state, view, paths('/a')).source, inView, 'it has waited less')
  t.throws(() => new Sight(settings(2), state, undefined, paths('/b')), full)
  third.release()
  t.not(new Sight(settings(2), state, undefined, paths('/b')).source, plain)
})

t.test('bytes count as well, and a refusal leaves what there was', async (t) => {
  const state = stateOf()
  const large = (name: string) => paths(`/${name}`.repeat(700))
  const holder = new Sight(settings(8), state, undefined, large('a'))
  const sight = new Sight(settings(8), state, undefined, paths('/a'))
  const { source } = sight
  t.throws(() => sight.narrow(large('b')), full)
  t.ok(sight.source === source)
  t.ok(sight.narrow(paths('/b')))
  t.ok(holder.narrow(large('b')), 'its own room is its own')
  for (const each of [holder, sight]) each.release()
  const recorders = (state as unknown as { tree: { recorders: unknown[] } }).tree.recorders
  t.equal(recorders.length, 1, 'they are kept for those who come back')
})

t.test('who gives up its own set for another one needs no more room than it had, unless others use that one', async (t) => {
  const state = stateOf()
  const [one, two] = [new Sight(settings(2), state, undefined, paths('/a')), new Sight(settings(2), state, undefined, paths('/b'))]
  t.ok(one.narrow(paths('/c')))
  t.same(one.source.tree.root, { c: 3 })
  const other = new Sight(settings(2), state, undefined, paths('/c'))
  t.throws(() => one.narrow(paths('/d')), full)
  t.same(one.source.tree.root, { c: 3 })
  for (const sight of [one, two, other]) sight.release()
})

t.test('a refusal takes nothing from those who have left', async (t) => {
  const state = stateOf()
  const idle = new Sight(settings(8), state, undefined, paths('/a'))
  const { source } = idle
  idle.release()
  const used = new Sight(settings(8), state, undefined, paths('/b'.repeat(700)))
  t.throws(() => new Sight(settings(8), state, undefined, paths('/c'.repeat(700))), full)
  t.equal(new Sight(settings(8), state, undefined, paths('/a')).source, source)
  used.release()
})

t.test('with no window everything goes at once', async (t) => {
  const state = stateOf()
  const sight = new Sight(settings(2, 0), state, view, paths('/a'))
  sight.release()
  t.same((state as unknown as { tree: { recorders: unknown[] } }).tree.recorders, [])
})
