import t from 'tap'
import { freezeUnlessProduction, SharingNode } from '../../../lib/state/store/sharing.ts'

t.test('a mark shares everything below it and nothing beside it', async (t) => {
  const root = new SharingNode()
  root.mark(['a', 'b'], 2)
  t.equal(root.self, false)
  t.equal(root.child('x'), undefined)
  const a = root.child('a')!
  t.equal(a.self, false)
  t.equal(a.child('x'), undefined)
  const b = a.child('b')!
  t.equal(b.self, true)
  t.equal(b.child('anything')!.self, true)
})

t.test('what was written is the tree\'s own', async (t) => {
  const root = new SharingNode(true)
  root.self = false
  root.written('fresh', true, false)
  t.equal(root.child('fresh')!.self, false)
  t.equal(root.child('old')!.self, true)
  root.written('fresh', false, false)
  root.written('moved', true, true)
  t.equal(root.child('moved')!.self, true)
})

t.test('after elements shifted, any of them may be shared', async (t) => {
  const array = new SharingNode()
  array.reordered(false)
  t.equal(array.child(0), undefined, 'nothing was shared')
  array.mark([1], 1)
  array.reordered(false)
  t.equal(array.child(0)!.self, true)
  t.equal(array.self, false)
})

t.test('what is handed out is frozen, to its leaves', async (t) => {
  const value = { a: [{ b: 1 }] }
  freezeUnlessProduction(value)
  t.ok(Object.isFrozen(value) && Object.isFrozen(value.a[0]))
  freezeUnlessProduction(undefined)
})
