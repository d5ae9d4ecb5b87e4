import t from 'tap'
import { horizonFor, Touches } from '../../../lib/state/history/touches.ts'
import type { Store } from '../../../lib/state/store/store.ts'
import { createState } from '../../../lib/state/state.ts'
import type { JsonValue, Patch } from '../../../types/json.ts'
import { edit, equalJson, make } from '../../helpers/edits.ts'
import fc from '../../helpers/fast-check.ts'
import { applyStrictly } from '../../helpers/strict-apply.ts'

/** The patch for one base, of operations that were made for an older one where there is one. */
function patchSince (touches: Touches, base: number, root: JsonValue, made = base): Patch | undefined {
  const operations = touches.textsSince(made, root)
  return operations === undefined ? undefined : JSON.parse(operations.textFor(base)) as Patch
}

/** The operations in an order that does not say where they were made. */
const sorted = (patch: Patch | undefined): string => JSON.stringify(patch?.map((operation) => JSON.stringify(operation)).sort())

const copy = (value: unknown): JsonValue => JSON.parse(JSON.stringify(value)) as JsonValue

t.test('each touched place comes with its value of now', async (t) => {
  const touches = new Touches(1)
  touches.touch(['a', 'x'], 2)
  touches.touch(['list', 0], 3)
  touches.touch(['gone'], 4)
  touches.touch(['a~/b'], 5)
  const root = { a: { x: 1, y: 2 }, list: ['l'], 'a~/b': [] }
  t.same(patchSince(touches, 1, root), [
    { op: 'add', path: '/a~0~1b', value: [] },
    { op: 'add', path: '/gone', value: null },
    { op: 'remove', path: '/gone' },
    { op: 'replace', path: '/list/0', value: 'l' },
    { op: 'add', path: '/a/x', value: 1 }
  ], 'the latest first')
  t.same(patchSince(touches, 3, root)?.length, 3)
  t.same(patchSince(touches, 5, root), [])
  t.equal(patchSince(touches, 0, root), undefined, 'before the horizon')
  t.equal(touches.size, 4)
})

t.test('a place that was written as a whole stands for those below it, until these are touched again', async (t) => {
  const touches = new Touches(0)
  touches.touch(['a', 'b', 'c'], 1)
  touches.touch(['a', 'b', 'd'], 2)
  touches.touch(['a', 'b'], 3)
  t.equal(touches.size, 1)
  touches.touch(['a', 'b', 'c'], 4)
  const root = { a: { b: { c: 1, d: 2 } } }
  t.same(patchSince(touches, 2, root), [{ op: 'add', path: '/a/b', value: { c: 1, d: 2 } }])
  t.same(patchSince(touches, 3, root), [{ op: 'add', path: '/a/b/c', value: 1 }])
  touches.touch([], 5)
  t.same(patchSince(touches, 4, 7), [{ op: 'replace', path: '', value: 7 }])
  t.same(patchSince(touches, 5, 7), [])
  t.equal(touches.size, 1)
})

t.test('operations of an older base serve younger ones, and paths are JSON', async (t) => {
  const touches = new Touches(0)
  touches.touch(['a', 'b'], 1)
  touches.touch(['a', 'b', 'c'], 2)
  touches.touch(['"\n\\\ud800'], 3)
  const root = { a: { b: { c: 1 } }, '"\n\\\ud800': 2 }
  const operations = touches.textsSince(0, root)!
  const last = { op: 'add', path: '/"\n\\\ud800', value: 2 }
  t.same(JSON.parse(operations.textFor(0)), [last, { op: 'add', path: '/a/b', value: { c: 1 } }])
  t.same(JSON.parse(operations.textFor(1)), [last, { op: 'add', path: '/a/b/c', value: 1 }])
  t.same(JSON.parse(operations.textFor(2)), [last])
  t.equal(operations.textFor(3), '[]')
})

t.test('the horizon moves on with age and with size, and never within a revision', async (t) => {
  const touches = new Touches(0)
  for (let i = 1; i <= 10; i++) {
    touches.touch(['list', `a${i}`], i)
    touches.touch([`b${i}`], i)
  }
  t.equal(touches.size, 20)
  touches.prune(4)
  t.equal(touches.size, 12)
  t.equal(touches.horizon, 4)
  touches.prune(3)
  t.equal(touches.horizon, 4, 'it never goes back')
  touches.shrink(12)
  t.equal(touches.horizon, 4, 'which fits')
  touches.shrink(11)
  t.equal(touches.horizon, 5, 'both touches of a revision go')
  t.equal(touches.size, 10)
  t.equal(patchSince(touches, 4, {}), undefined)
  touches.prune(10)
  t.equal(touches.size, 0)
  t.same(patchSince(touches, 10, {}), [])
})

t.test('the horizon for a number of places', async (t) => {
  t.equal(horizonFor([], 0), 0)
  t.equal(horizonFor([3, 1, 2], 3), 0)
  t.equal(horizonFor([3, 1, 2], 2), 1)
  t.equal(horizonFor([3, 1, 2], 0), 3)
  t.equal(horizonFor([5, 5, 5, 9], 2), 5, 'a revision is not cut in two')
  t.equal(horizonFor([5, 5, 9, 9], 1), 9)
})

t.test('a patch is right for every base between the one it was made for and now', async (t) => {
  let places = 0
  fc.assert(fc.property(fc.array(edit, { minLength: 1, maxLength: 12 }), fc.nat(12), (edits, start) => {
    const state = createState<JsonValue>({ a: { b: [1, { c: 2 }, 3], '-': 1 }, d: [] })
    const { tree } = state as unknown as Store<JsonValue>
    const touches = tree.touches = new Touches(tree.revision)
    const history: Array<{ revision: number, value: JsonValue }> = [{ revision: state.revision, value: copy(state.data) }]
    for (const [i, each] of edits.entries()) {
      make(state, each)
      if (i === start) touches.prune(state.revision)
      history.push({ revision: state.revision, value: copy(state.data) })
    }
    const now = copy(state.data)
    for (const { revision } of history) {
      const patch = patchSince(touches, revision, now)
      if (patch === undefined) {
        if (revision >= touches.horizon) throw new Error('no patch')
        continue
      }
      const shared = patchSince(touches, revision, now, touches.horizon)
      if (sorted(shared) !== sorted(patch)) throw new Error(`of shared operations ${JSON.stringify(shared)}, not ${JSON.stringify(patch)}`)
      if (patch.some(({ op }) => op !== 'add' && op !== 'replace' && op !== 'remove')) throw new Error('an operation of another kind')
      for (const between of history.filter((place) => place.revision >= revision)) {
        places++
        const result = applyStrictly(between.value, patch)
        if (!equalJson(result, now)) throw new Error(`from ${between.revision} by the patch of ${revision}: ${JSON.stringify({ result, now, patch })}`)
      }
    }
  }), { numRuns: Number(process.env['JUGGLER_RUNS'] ?? 1500) })
  t.ok(places > 5000, `${places} bases`)
})
