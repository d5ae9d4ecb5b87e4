import fc from '../../helpers/fast-check.ts'
import t from 'tap'
import { rearrange } from '../../../lib/json/arrays/rearrange.ts'
import { check } from '../../helpers/json/properties.ts'

t.test('whatever is kept, moved, dropped and added, the steps lead to the new order', async (t) => {
  // Origins by new index, -1 for what is new; which of them move follows from a random choice of what stays in order.
  const plan = fc.tuple(fc.shuffledSubarray([...Array(12).keys()]), fc.array(fc.nat(12), { maxLength: 4 }), fc.nat(3))
  check(t, 5_000, fc.property(plan, ([order, added, head]) => {
    const origins = Int32Array.from(order)
    const list = [...order]
    for (const at of added) list.splice(at % (list.length + 1), 0, -1)
    const all = Int32Array.from(list)
    const moved = new Uint8Array(all.length)
    let last = -1
    let moves = 0
    all.forEach((origin, j) => {
      if (origin === -1) return
      if (origin > last) last = origin
      else moves += moved[j] = 1
    })
    const rest = new Uint8Array(12)
    for (const origin of origins) rest[origin] = 1

    const array: unknown[] = [...Array(head).fill('head'), ...Array(12).keys()]
    rearrange({ origins: all, moved, paired: new Uint8Array(all.length), rest, moves }, head, {
      remove: (index) => { array.splice(index, 1) },
      add: (index, target) => { array.splice(index, 0, `new ${target}`) },
      move: (from, to) => { array.splice(to, 0, ...array.splice(from, 1)) }
    })
    const expected = [...Array(head).fill('head'), ...list.map((origin, j) => origin === -1 ? `new ${head + j}` : origin)]
    return JSON.stringify(array) === JSON.stringify(expected)
  }))
})

t.test('an element that has come to its place by other moves is left there', async (t) => {
  const moves: number[][] = []
  rearrange({ origins: Int32Array.of(1, 0), moved: Uint8Array.of(1, 1), paired: new Uint8Array(2), rest: Uint8Array.of(1, 1), moves: 2 }, 0, {
    remove: () => { t.fail('removes') },
    add: () => { t.fail('adds') },
    move: (...indexes) => { moves.push(indexes) }
  })
  t.same(moves, [[1, 0]])
})
