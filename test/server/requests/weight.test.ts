import t from 'tap'
import { largestTree, weigh } from '../../../lib/server/requests/weight.ts'

const limits = { maxJsonDepth: 10, maxJsonElements: 100 }

t.test('short requests are not looked at, longer ones count by their elements', async (t) => {
  t.same(weigh('{"type":"request"}', 18, limits), { shape: undefined, treeBytes: 18 + 16 * 56 })
  const text = JSON.stringify({ type: 'request', id: 1, name: 'a', data: 'x'.repeat(200) })
  const { shape, treeBytes } = weigh(text, text.length, limits)
  t.match(shape, { urgent: undefined })
  t.equal(treeBytes, text.length + shape!.elements * 56)
  t.throws(() => weigh(JSON.stringify({ data: Array(200).fill(1) }), 500, limits), { name: 'ProtocolFault' })
  t.ok(largestTree(1000, limits) >= 2000 + 100 * 56)
})
