import t from 'tap'
import { align } from '../../../lib/json/arrays/align.ts'
import type { JsonArray } from '../../../types/json.ts'

const show = (before: JsonArray, after: JsonArray): Record<string, unknown> => {
  const { origins, moved, paired, rest, moves } = align(before, after, 0, before.length, after.length)
  return { origins: [...origins], moved: [...moved], paired: [...paired], rest: [...rest], moves }
}

t.test('the longest run in old order stays, the others move', async (t) => {
  t.same(show([1, 2, 3, 4], [4, 1, 2, 3]), { origins: [3, 0, 1, 2], moved: [1, 0, 0, 0], paired: [0, 0, 0, 0], rest: [1, 1, 1, 1], moves: 1 })
})

t.test('unmatched elements between the same neighbours are paired', async (t) => {
  t.same(show([1, { a: 1 }, 2, 9], [1, { a: 2 }, 2, 3, 4]), { origins: [0, 1, 2, 3, -1], moved: [0, 0, 0, 0, 0], paired: [0, 1, 0, 1, 0], rest: [1, 1, 1, 1], moves: 0 })
})

t.test('what is neither matched nor paired is dropped', async (t) => {
  t.same(show([5, 1, 6, 2], [1, 2, 7]), { origins: [1, 3, -1], moved: [0, 0, 0], paired: [0, 0, 0], rest: [0, 1, 0, 1], moves: 0 })
})

t.test('few changed primitives are changed where they stand', async (t) => {
  const { moves, paired } = show([0, 1, 0, 0, 1, 1], [1, 1, 0, 0, 1, 0])
  t.equal(moves, 0)
  t.same(paired, [1, 0, 0, 0, 0, 1])
})
