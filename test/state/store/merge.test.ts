import t from 'tap'
import { checkedCopy } from '../../../lib/state/store/checked-copy.ts'
import { mergeAt, trusted } from '../../../lib/state/store/merge.ts'
import { StoreTree } from '../../../lib/state/store/store-tree.ts'
import type { JsonValue } from '../../../types/json.ts'

/** The writes that merging makes. */
function writes (before: JsonValue, value: unknown): Array<[string, JsonValue | undefined]> {
  const tree = new StoreTree(before)
  tree.edits = []
  const changed = mergeAt(tree, [], value, checkedCopy)
  t.equal(changed, tree.edits.length > 0)
  t.strictSame(tree.root, value)
  return tree.edits.map(({ op, keys, value }) => [`${op} ${keys.join('/')}`, value])
}

t.test('writes what differs', async (t) => {
  t.strictSame(writes({ a: 1, b: { c: 1 } }, { a: 1, b: { c: 1 } }), [])
  t.strictSame(writes({ a: 1, b: { c: 1 }, d: 1 }, { a: 2, b: { c: 1, e: [] } }), [['replace a', 2], ['add b/e', []], ['remove d', undefined]])
  t.strictSame(writes({ a: {} }, { a: [] }), [['replace a', []]])
  t.strictSame(writes({ a: [1] }, { a: [true] }), [['replace a', [true]]])
  t.strictSame(writes([1], { 0: 1 }), [['replace ', { 0: 1 }]])
})

t.test('an array that differs keeps the elements that are equal', async (t) => {
  const elements = [{ n: 1 }, { n: 2 }, { n: 3 }, { n: 4 }]
  const merged = (value: unknown): JsonValue[] => {
    const tree = new StoreTree({ list: [...elements] })
    mergeAt(tree, [], { list: value }, trusted)
    const { list } = tree.root as { list: JsonValue[] }
    t.strictSame(list, value)
    return list
  }
  const fresh = () => JSON.parse(JSON.stringify(elements)) as JsonValue[]
  const same = (list: JsonValue[]) => list.map((element) => elements.indexOf(element as { n: number }))
  t.strictSame(same(merged(fresh().slice(1))), [1, 2, 3], 'first removed')
  t.strictSame(same(merged([{ n: 0 }, ...fresh()])), [-1, 0, 1, 2, 3], 'one put first')
  t.strictSame(same(merged(fresh().toSpliced(1, 1, { n: 9 }))), [0, -1, 2, 3], 'one changed')
  t.strictSame(same(merged([...elements].reverse())), [3, 2, 1, 0], 'known references')
})

t.test('nothing is written unless all of it is JSON', async (t) => {
  const tree = new StoreTree({ a: 1, b: 1 })
  t.throws(() => mergeAt(tree, [], { a: 2, b: undefined }, checkedCopy))
  t.same(tree.root, { a: 1, b: 1 })
})

t.test('a member called __proto__ from a peer is data', async (t) => {
  const tree = new StoreTree({ a: 1 })
  mergeAt(tree, [], JSON.parse('{"a":1,"__proto__":{"polluted":true}}'), trusted)
  t.equal(JSON.stringify(tree.root), '{"a":1,"__proto__":{"polluted":true}}')
  t.equal(({} as Record<string, unknown>).polluted, undefined)
  t.equal((tree.root as Record<string, unknown>).polluted, undefined)
})
