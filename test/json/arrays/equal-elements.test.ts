import t from 'tap'
import { matchEqualElements } from '../../../lib/json/arrays/equal-elements.ts'
import type { JsonArray } from '../../../types/json.ts'

function match (before: JsonArray, after: JsonArray, origins = after.map(() => -1)): { origins: number[], found: number, ambiguous: boolean } {
  const list = Int32Array.from(origins)
  const { found, ambiguous } = matchEqualElements(before, after, 0, before.length, list)
  return { origins: [...list], found, ambiguous }
}

t.test('primitives are told apart exactly', async (t) => {
  t.same(match([1, '1', true, null, 'null', 0, false, ''], [true, '', 1, '1', 'null', null, false, 0]).origins, [2, 7, 0, 1, 4, 3, 6, 5])
  t.same(match([1, 0], ['1', false, null]).origins, [-1, -1, -1])
})

t.test('containers by identity, then by equal value', async (t) => {
  const row = { id: 1 }
  t.same(match([{ id: 1 }, row], [row, { id: 1 }]).origins, [1, 0])
  t.same(match([[1], { 0: 1 }, [true]], [[true], [1], { 0: 1 }]).origins, [2, 0, 1])
})

t.test('each old element serves once, the first first', async (t) => {
  t.same(match([7, 7, 8], [7, 7, 7]), { origins: [0, 1, -1], found: 2, ambiguous: true })
  t.same(match([[7], [7]], [[7], [7], [7]]).origins, [0, 1, -1])
})

t.test('what is matched already stays', async (t) => {
  t.same(match([1, 1, 2], [1, 2], [1, -1]), { origins: [1, 2], found: 1, ambiguous: false })
})

t.test('thousands of rows that only a deep look tells apart take bounded time, not quadratic', async (t) => {
  let looks = 0
  const row = (id: number): JsonArray => {
    const filler = Array.from({ length: 20 }, () => 0)
    return [filler, Object.defineProperty({}, 'id', { enumerable: true, get () { looks++; return id } })]
  }
  match(Array.from({ length: 3000 }, (_, i) => row(i)), Array.from({ length: 3000 }, (_, i) => row(i + 5000)))
  t.ok(looks < 3000 * 40, `${looks} looks`)
})
