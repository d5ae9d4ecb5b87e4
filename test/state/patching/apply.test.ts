import t from 'tap'
import { applyOperations } from '../../../lib/state/patching/apply.ts'
import { createReplicaTree } from '../../../lib/state/replica/replica-tree.ts'
import { StoreTree } from '../../../lib/state/store/store-tree.ts'
import type { JsonValue } from '../../../types/json.ts'

t.test('stops at the first operation that does not apply and names it', async (t) => {
  const tree = new StoreTree({ a: 1, list: [1] })
  t.throws(() => applyOperations(tree, [{ op: 'replace', path: '/a', value: 2 }, { op: 'remove', path: '/list/1' }]), {
    code: 'JUGGLER_PATCH_INVALID', message: /operation 1: .*\/list\/1/, path: '/list/1'
  })
})

t.test('an error names no more of a path than a log line holds', async (t) => {
  const tree = new StoreTree({})
  t.throws(() => applyOperations(tree, [{ op: 'remove', path: `/${'x'.repeat(100000)}` }]), { message: /^.{50,400}$/ })
})

t.test('move within an array counts the index after the removal', async (t) => {
  const tree = new StoreTree([1, 2, 3])
  applyOperations(tree, [{ op: 'move', from: '/0', path: '/2' }])
  t.same(tree.root, [2, 3, 1])
  t.throws(() => applyOperations(tree, [{ op: 'move', from: '/0', path: '/3' }]))
})

t.test('what a copy shares is not changed through either place', async (t) => {
  const tree = new StoreTree({ a: { n: [1] } })
  applyOperations(tree, [{ op: 'copy', from: '/a', path: '/b' }, { op: 'add', path: '/a/n/-', value: 2 }, { op: 'replace', path: '/b/n/0', value: 5 }])
  t.same(tree.root, { a: { n: [1, 2] }, b: { n: [5] } })
})

t.test('names what was touched: elements that shift touch their array', async (t) => {
  const tree = createReplicaTree()
  const touched = new Set<string>()
  applyOperations(tree, [
    { op: 'replace', path: '', value: { list: [1, 2, { n: 1 }], a: { b: 1 } } }
  ])
  applyOperations(tree, [
    { op: 'add', path: '/list/-', value: 3 },
    { op: 'replace', path: '/list/2/n', value: 2 },
    { op: 'add', path: '/a/x~1y', value: 1 },
    { op: 'move', from: '/a/b', path: '/c' },
    { op: 'copy', from: '/c', path: '/d' },
    { op: 'test', path: '/d', value: 1 },
    { op: 'remove', path: '/a' }
  ], touched)
  t.same([...touched], ['/list', '/list/2/n', '/a/x~1y', '/a/b', '/c', '/d', '/a'])
})

t.test('copies that double what is there are refused before they cost anything', async (t) => {
  const doubling = (times: number) => Array.from({ length: times }, () => ({ op: 'copy', from: '/a', path: '/a/-' }))
  for (const create of [() => new StoreTree({ a: [0] }), () => {
    const tree = createReplicaTree()
    applyOperations(tree, [{ op: 'replace', path: '', value: { a: [0] } }])
    return tree
  }]) {
    const tree = create()
    applyOperations(tree, doubling(6))
    t.throws(() => applyOperations(tree, doubling(10_000)), { code: 'JUGGLER_PATCH_INVALID', message: /the patch copies too much/ })
    t.throws(() => { for (let i = 0; i < 10_000; i++) applyOperations(tree, doubling(1)) }, { code: 'JUGGLER_PATCH_INVALID' }, 'in many patches as well')
  }
})

t.test('a patch may copy a small part often, and what is large once', async (t) => {
  const tree = new StoreTree({ template: { a: 1, b: [2, 3] }, rows: [], large: Array.from({ length: 5000 }, (_, i) => i) })
  applyOperations(tree, Array.from({ length: 200 }, () => ({ op: 'copy', from: '/template', path: '/rows/-' })))
  t.equal((tree.root as { rows: unknown[] }).rows.length, 200)
  applyOperations(tree, [{ op: 'copy', from: '/large', path: '/again' }])
  t.equal((tree.root as { again: unknown[] }).again.length, 5000)
})

t.test('nothing makes more than 1,000 levels', async (t) => {
  const nested = (levels: number): JsonValue => levels === 0 ? 1 : [nested(levels - 1)]
  const deepest = '/0'.repeat(600)
  const tree = createReplicaTree()
  applyOperations(tree, [{ op: 'replace', path: '', value: nested(600) }])
  const refused = { code: 'JUGGLER_PATCH_INVALID', message: /at most 1000 levels/ }
  for (const op of ['add', 'replace']) t.throws(() => applyOperations(tree, [{ op, path: deepest, value: nested(401) }]), refused, op)
  t.throws(() => applyOperations(tree, [{ op: 'copy', from: '', path: deepest }]), refused)
  applyOperations(tree, [{ op: 'add', path: '/1', value: nested(401) }])
  t.throws(() => applyOperations(tree, [{ op: 'move', from: '/1', path: `${deepest}` }]), refused)
  applyOperations(tree, [{ op: 'replace', path: deepest, value: nested(400) }])
})
