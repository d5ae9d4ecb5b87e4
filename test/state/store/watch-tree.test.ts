import fc from '../../helpers/fast-check.ts'
import t from 'tap'
import { createListeners } from '../../../lib/state/reading/listeners.ts'
import { createWatchTree } from '../../../lib/state/store/watch-tree.ts'

t.test('counts its listeners', async (t) => {
  const watchers = createWatchTree<[]>(() => {})
  const ends = [watchers.add(() => {}, '/a/b'), watchers.add(() => {})]
  t.equal(watchers.count, 2)
  for (const end of [...ends, ...ends]) end()
  t.equal(watchers.count, 0)
})

t.test('finds whom the plain list finds, in the same order', async (t) => {
  const pointer = fc.array(fc.constantFrom('a', 'b', '', '0', 'a~1b'), { maxLength: 4 }).map((tokens) => tokens.map((token) => `/${token}`).join(''))
  const watcher = fc.record({ pointer, ends: fc.boolean() })
  fc.assert(fc.property(fc.array(watcher, { maxLength: 12 }), fc.array(pointer, { maxLength: 5 }), (watchers, places) => {
    const calls = [createListeners, createWatchTree].map((create) => {
      const called: number[] = []
      const listeners = create<[]>((error) => { throw error })
      const ends = watchers.map(({ pointer }, i) => listeners.add(() => called.push(i), pointer))
      watchers.forEach(({ ends: over }, i) => { if (over) ends[i]!() })
      listeners.emit([], new Set(places))
      return called.join()
    })
    return calls[0] === calls[1]
  }), { numRuns: 2000 })
  t.pass('held')
})
