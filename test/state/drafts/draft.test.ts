import fc from '../../helpers/fast-check.ts'
import t from 'tap'
import { createState } from '../../../lib/state/state.ts'
import type { JsonValue } from '../../../types/json.ts'
import { edit, json } from '../../helpers/edits.ts'

interface Plant { pumps: Record<string, { speed: number, log?: number[] }>, list: Array<{ n: number }> }
const plant = () => createState<Plant>({ pumps: { a: { speed: 1 }, b: { speed: 2 } }, list: [{ n: 1 }, { n: 2 }, { n: 3 }] })

t.test('a draft is changed like plain data, and all of it is one change', async (t) => {
  const state = plant()
  const patches: unknown[] = []
  state.onChange(({ patch }) => patches.push(patch))
  state.update((draft) => {
    draft.pumps.a!.speed++
    draft.pumps.c = { speed: 3, log: [] }
    draft.pumps.c.log!.push(1)
    delete draft.pumps.b
    t.notOk('b' in draft.pumps)
    t.same(Object.keys(draft.pumps), ['a', 'c'])
    t.equal(JSON.stringify(draft), '{"pumps":{"a":{"speed":2},"c":{"speed":3,"log":[1]}},"list":[{"n":1},{"n":2},{"n":3}]}')
  })
  t.equal(state.revision, 1)
  t.same(patches, [[{ op: 'replace', path: '/pumps/a/speed', value: 2 }, { op: 'add', path: '/pumps/c', value: { speed: 3, log: [1] } }, { op: 'remove', path: '/pumps/b' }]])
})

t.test('what is read only, or set to what it is, is no change', async (t) => {
  const state = plant()
  state.update((draft) => {
    for (const item of draft.list) t.ok(item.n)
    draft.pumps.a!.speed = 1
    draft.pumps.a = draft.pumps.a!
    draft.list.push(draft.list.pop()!)
    draft.list = [{ n: 1 }, { n: 2 }, { n: 3 }]
  })
  t.equal(state.revision, 0)
})

t.test('elements of arrays keep who they are when others move', async (t) => {
  const state = plant()
  const untouched = state.get('/list/1')
  state.update((draft) => {
    const third = draft.list[2]!
    draft.list.shift()
    draft.list.reverse()
    third.n = 30
    draft.list.push({ n: 4 })
  })
  t.same(state.get('/list'), [{ n: 30 }, { n: 2 }, { n: 4 }])
  t.equal(state.get('/list/1'), untouched)
})

t.test('the same draft in two places becomes two values', async (t) => {
  const state = plant()
  state.update((draft) => {
    draft.pumps.copy = draft.pumps.a!
    draft.list.push(draft.list[0]!, { n: 9 })
    draft.pumps.a!.speed = 5
  })
  t.same(state.data, { pumps: { a: { speed: 5 }, b: { speed: 2 }, copy: { speed: 5 } }, list: [{ n: 1 }, { n: 2 }, { n: 3 }, { n: 1 }, { n: 9 }] })
  state.set('/pumps/a/speed', 6)
  state.set('/list/0/n', 7)
  t.equal(state.get('/pumps/copy/speed'), 5)
  t.equal(state.get('/list/3/n'), 1)
})

t.test('all or nothing', async (t) => {
  const state = plant()
  const before = state.stringify()
  t.throws(() => state.update((draft) => {
    draft.pumps.a!.speed = 9
    draft.list.length = 0
    throw new Error('changed my mind')
  }), { message: 'changed my mind' })
  t.throws(() => state.update((draft) => {
    draft.pumps.a!.speed = 9
    draft.pumps.b!.speed = NaN
  }), { code: 'JUGGLER_VALUE_INVALID', path: '/pumps/b/speed' })
  t.throws(() => state.update((draft) => { draft.list.push({ n: 1, when: new Date() } as { n: number }) }), { code: 'JUGGLER_VALUE_INVALID', path: '/list/3/when' })
  t.throws(() => state.update((draft) => { (draft as unknown as Record<string, unknown>).__proto__ = { x: 1 } }), { code: 'JUGGLER_VALUE_INVALID' }) // eslint-disable-line no-proto
  t.throws(() => state.update(async (draft) => { draft.list = [] }), { code: 'JUGGLER_VALUE_INVALID' })
  t.throws(() => state.update(() => state.set('/list', [])), { code: 'JUGGLER_STATE_BUSY' })
  t.throws(() => state.update(() => state.update(() => {})), { code: 'JUGGLER_STATE_BUSY' })
  t.equal(state.stringify(), before)
  t.equal(state.revision, 0)
})

t.test('a draft is dead after its recipe', async (t) => {
  const state = plant()
  let leaked: Plant | undefined
  state.update((draft) => { leaked = draft })
  t.throws(() => leaked!.pumps, TypeError)
  t.throws(() => { leaked!.list = [] }, TypeError)
})

t.test('works on a state that a snapshot froze', async (t) => {
  const state = plant()
  const before = state.data
  state.update((draft) => {
    draft.pumps.a!.speed = 7
    draft.list[1]!.n = 8
  })
  t.equal(before.pumps.a!.speed, 1)
  t.same(state.data.list, [{ n: 1 }, { n: 8 }, { n: 3 }])
})

t.test('a wide object is not copied for one member', async (t) => {
  const wide: Record<string, { n: number }> = {}
  for (let i = 0; i < 50; i++) wide[`k${i}`] = { n: i }
  const state = createState(wide)
  const other = state.get('/k1')
  state.update((draft) => { draft.k0!.n = 1 })
  t.equal(state.get('/k1'), other)
})

t.test('any recipe ends as it would on plain data', async (t) => {
  fc.assert(fc.property(json, fc.array(edit, { maxLength: 6 }), (initial, edits) => {
    const plain = { r: JSON.parse(JSON.stringify(initial)) as JsonValue }
    const state = createState<{ r: JsonValue }>({ r: initial })
    const recipe = (root: { r: JsonValue }) => { for (const one of edits) mutate(root, one.picks, one.key, one.value) }
    recipe(plain)
    state.update(recipe)
    const expected = JSON.parse(JSON.stringify(plain)) as JsonValue
    if (sorted(state.data as JsonValue) !== sorted(expected)) throw new Error(`${state.stringify()} is not ${JSON.stringify(expected)}`)
  }), { numRuns: 3000 })
  t.pass('held')
})

/** One mutation of a random container below the root, chosen by its picks alone. */
function mutate (root: { r: JsonValue }, picks: number[], key: string, value: JsonValue): void {
  type Container = JsonValue[] | Record<string, JsonValue>
  const containers: Container[] = [root as unknown as Record<string, JsonValue>]
  const walk = (child: JsonValue): void => {
    if (typeof child !== 'object' || child === null) return
    containers.push(child)
    for (const name of Object.keys(child).sort()) walk((child as Record<string, JsonValue>)[name]!)
  }
  walk(root.r)
  const at = containers[picks[0]! % containers.length]!
  const fresh = JSON.parse(JSON.stringify(value)) as JsonValue
  if (!Array.isArray(at)) {
    const name = at === root as unknown ? 'r' : key
    if (picks[1]! % 3 === 0 && name !== 'r') delete at[name]
    else at[name] = fresh
    return
  }
  const acts: Array<() => unknown> = [
    () => at.push(fresh), () => at.pop(), () => at.shift(), () => at.unshift(fresh), () => at.reverse(),
    () => at.splice(picks[2]! % (at.length + 1), picks[3]! % 3, fresh), () => at.fill(1), () => at.sort((a, b) => sorted(a) < sorted(b) ? -1 : 1),
    () => { if (at.length > 0) at[picks[2]! % at.length] = fresh }, () => { at.length = Math.min(at.length, 2) }
  ]
  acts[picks[1]! % acts.length]!()
}

function sorted (value: JsonValue): string {
  return JSON.stringify(value, (_key, child: JsonValue) => typeof child === 'object' && child !== null && !Array.isArray(child)
    ? Object.fromEntries(Object.entries(child).sort(([a], [b]) => a < b ? -1 : 1))
    : child)
}
