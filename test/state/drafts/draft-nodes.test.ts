import t from 'tap'
import { draftFor, nodeOf } from '../../../lib/state/drafts/draft-nodes.ts'

t.test('an object\'s draft keeps its changes beside the object', async (t) => {
  const base = { a: 1, b: { c: 2 } }
  const draft = draftFor(base, { open: true }) as Record<string, unknown>
  draft.a = 2
  delete draft.b
  draft.d = 3
  Object.defineProperty(draft, 'e', { value: 4 })
  t.same(base, { a: 1, b: { c: 2 } })
  t.same(Object.keys(draft), ['a', 'd', 'e'])
  t.same({ ...draft }, { a: 2, d: 3, e: 4 })
  t.notOk('b' in draft)
  t.ok('toString' in draft)
  t.equal(nodeOf(draft)!.base, base)
  t.throws(() => Object.defineProperty(draft, 'f', { get: () => 1 }), TypeError)
  t.throws(() => { draft[Symbol('s') as unknown as string] = 1 }, TypeError)
})

t.test('the same draft is read every time', async (t) => {
  const draft = draftFor({ b: { c: 2 }, list: [{ n: 1 }] }, { open: true }) as { b: object, list: object[] }
  t.equal(draft.b, draft.b)
  t.equal(draft.list, draft.list)
  t.equal(draft.list[0], draft.list[0])
})

t.test('an array\'s draft behaves as an array, and its base stays', async (t) => {
  const base = [{ n: 1 }, { n: 2 }, { n: 3 }]
  const draft = draftFor(base, { open: true }) as Array<{ n: number }>
  const first = draft.shift()!
  first.n = 10
  t.equal(draft.push(first), 3)
  t.equal(draft.unshift({ n: 0 }), 4)
  const [second] = draft.splice(1, 1)
  second!.n = 20
  t.equal(draft.pop(), first, 'what comes back is the same draft')
  t.same(draft.map(({ n }) => n), [0, 3])
  t.ok(Array.isArray(draft))
  t.equal(JSON.stringify(draft), '[{"n":0},{"n":3}]')
  delete draft[0]
  t.same(base, [{ n: 1 }, { n: 2 }, { n: 3 }])
})

t.test('what is no container has no draft', async (t) => {
  t.equal(draftFor('x', { open: true }), 'x')
  t.equal(nodeOf({}), undefined)
  t.equal(nodeOf(null), undefined)
})

t.test('a closed scope kills every draft in it', async (t) => {
  const scope = { open: true }
  const draft = draftFor({ list: [1] }, scope) as { list?: number[] }
  const { list } = draft
  scope.open = false
  for (const use of [() => draft.list, () => { draft.list = [] }, () => { delete draft.list }, () => list![0], () => { list![0] = 1 }, () => list!.push(1), () => { delete list![0] }]) t.throws(use, TypeError)
})
