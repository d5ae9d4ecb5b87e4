import t from 'tap'
import { diff } from '../../lib/json/diff.ts'
import { diffToPatch } from '../helpers/json/diff-to-patch.ts'
import { assertPatches } from '../helpers/json/properties.ts'
import type { JsonArray, JsonValue, Patch, PatchOperation } from '../../types/json.ts'

const same = (name: string, before: JsonValue, after: JsonValue, patch: Patch): void => {
  t.test(name, async (t) => t.same(diffToPatch(before, after), patch))
}

// Texts that make values large enough for leaf operations to pay.
const text = 'a text that is long enough to be worth keeping where it is, whatever happens to its neighbours'

same('equal values: nothing', { a: [1, { b: null }] }, { a: [1, { b: null }] }, [])
for (const [before, after] of [[null, {}], [{}, null], [{}, []], [[], {}], [1, true], [0, false], ['1', 1], [0, []]] as Array<[JsonValue, JsonValue]>) {
  same(`root ${JSON.stringify(before)} to ${JSON.stringify(after)}: one replace`, before, after, [{ op: 'replace', path: '', value: after }])
}
same('empty containers of one kind: nothing', { a: {}, b: [] }, { a: {}, b: [] }, [])
same('a member comes', { a: 1 }, { a: 1, b: 2 }, [{ op: 'add', path: '/b', value: 2 }])
same('a member goes', { a: 1, b: 2 }, { a: 1 }, [{ op: 'remove', path: '/b' }])
same('a leaf changes', { a: { b: { c: 1 } } }, { a: { b: { c: 2 } } }, [{ op: 'replace', path: '/a/b/c', value: 2 }])
same('a member becomes another kind', { a: {} }, { a: [] }, [{ op: 'replace', path: '/a', value: [] }])
same('a member becomes null', { a: {} }, { a: null }, [{ op: 'replace', path: '/a', value: null }])
same('[1] becomes [true]', { a: [1] }, { a: [true] }, [{ op: 'replace', path: '/a/0', value: true }])
same('keys are escaped', { 'a/b': { '~1': { '': 1 } } }, { 'a/b': { '~1': { '': 2 } } }, [{ op: 'replace', path: '/a~1b/~01/', value: 2 }])
same('a member called "-" is added, which replaces it', { '-': 1 }, { '-': 2 }, [{ op: 'add', path: '/-', value: 2 }])
same('what is in a member called "-" is replaced', { '-': { a: 1 } }, { '-': { a: 2 } }, [{ op: 'replace', path: '/-/a', value: 2 }])
for (const name of ['constructor', 'toString', 'hasOwnProperty', 'valueOf']) {
  same(`a member called ${name} comes`, { a: 1 }, { a: 1, [name]: 1 }, [{ op: 'add', path: `/${name}`, value: 1 }])
  same(`a member called ${name} goes`, { a: 1, [name]: 1 }, { a: 1 }, [{ op: 'remove', path: `/${name}` }])
  same(`a member called ${name} is exchanged`, { [name]: 1 }, { other: 1 }, [{ op: 'remove', path: `/${name}` }, { op: 'add', path: '/other', value: 1 }])
}

same('append', [1, 2], [1, 2, 3, 4], [{ op: 'add', path: '/2', value: 3 }, { op: 'add', path: '/3', value: 4 }])
same('insert', ['a', 'b'], ['a', text, 'b'], [{ op: 'add', path: '/1', value: text }])
same('insert an equal element', [7, 7], [7, 7, 7], [{ op: 'add', path: '/2', value: 7 }])
same('remove', [text, 'b', 'c', 'd'], [text, 'd'], [{ op: 'remove', path: '/2' }, { op: 'remove', path: '/1' }])
same('move', [text, 'b', 'c', 'd'], ['b', 'c', 'd', text], [{ op: 'move', from: '/0', path: '/3' }])
same('move back', ['b', 'c', 'd', text], ['b', text, 'c', 'd'], [{ op: 'move', from: '/3', path: '/1' }])
same('move of an equal container', [{ text }, [1], [2]], [[1], [2], { text }], [{ op: 'move', from: '/0', path: '/2' }])
same('exchange of a primitive', [text, 1, text], [text, 2, text], [{ op: 'replace', path: '/1', value: 2 }])
same('a leaf of an element', [{ text, n: 1 }, { text, n: 2 }], [{ text, n: 1 }, { text, n: 3 }], [{ op: 'replace', path: '/1/n', value: 3 }])
same('a leaf of an element behind a removed one',
  [{ id: 1, text }, { id: 2, text, n: 1 }, { id: 3 }, 'end'], [{ id: 2, text, n: 2 }, { id: 3 }, 'end'],
  [{ op: 'remove', path: '/0' }, { op: 'replace', path: '/0/n', value: 2 }])
same('no move between containers', { a: [{ text }], b: [text] }, { a: [text], b: [{ text }] },
  [{ op: 'replace', path: '/a/0', value: text }, { op: 'replace', path: '/b/0', value: { text } }])

same('ten numbers all changed: the array is replaced',
  { n: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10] }, { n: [11, 12, 13, 14, 15, 16, 17, 18, 19, 20] },
  [{ op: 'replace', path: '/n', value: [11, 12, 13, 14, 15, 16, 17, 18, 19, 20] }])
same('most members gone: the object is replaced',
  { o: { a: 1, b: 2, c: 3, d: 4, e: 5 } }, { o: { a: 1 } }, [{ op: 'replace', path: '/o', value: { a: 1 } }])
same('two leaves of a record stay leaves', { a: 1, b: 2, text }, { a: 2, b: 3, text },
  [{ op: 'replace', path: '/a', value: 2 }, { op: 'replace', path: '/b', value: 3 }])

t.test('operations are appended, at the prefix', async (t) => {
  const out: PatchOperation[] = [{ op: 'remove', path: '/x' }]
  diff({ n: [1, 2, 3] }, { n: [4, 5, 6] }, '/a~1b', out)
  diff(1, 2, '/c', out)
  t.same(out, [{ op: 'remove', path: '/x' }, { op: 'replace', path: '/a~1b/n', value: [4, 5, 6] }, { op: 'replace', path: '/c', value: 2 }])
})

t.test('values are those of the new tree, not copies', async (t) => {
  const value = { deep: [1] }
  const [operation] = diffToPatch({}, { value })
  t.equal(operation?.op === 'add' && operation.value, value)
})

t.test('what is shared is not looked into', async (t) => {
  const trap = Object.defineProperty({}, 'a', { enumerable: true, get () { throw new Error('looked into') } }) as JsonValue
  t.same(diffToPatch({ trap, list: [trap, 1, trap] }, { trap, list: [trap, 2, trap] }), [{ op: 'replace', path: '/list/1', value: 2 }])
  t.same(diffToPatch([trap, 1, 2], [1, 2, trap]), [{ op: 'move', from: '/0', path: '/2' }])
})

t.test('a wide object of known width is not listed to weigh its parent', async (t) => {
  const wide = new Proxy({}, { ownKeys () { throw new Error('listed') } })
  const out: PatchOperation[] = []
  const change = (n: number): JsonValue => ({ wide, a: n, b: n, c: n, d: n, e: n, f: n })
  diff(change(1), change(2), '', out, new WeakMap([[wide, 100_000]]))
  t.equal(out.length, 6)
})

t.test('depth 1,000 is no trouble', async (t) => {
  const nested = (leaf: JsonValue): JsonValue => {
    let value = leaf
    for (let i = 0; i < 500; i++) value = { list: [value] }
    return value
  }
  t.same(diffToPatch(nested(1), nested(2)), [{ op: 'replace', path: '/list/0'.repeat(500), value: 2 }])
})

t.test('arrays a thousand levels deep take bounded time at each level', async (t) => {
  let looks = 0
  const nested = (leaf: number, depth: number): JsonValue => {
    let value: JsonValue = leaf
    for (let i = 0; i < depth; i++) {
      value = [Object.defineProperty({}, 'a', { enumerable: true, get () { looks++; return i } }), value, 'x', i * leaf, ...(leaf === 2 ? [{ i }] : [])]
    }
    return value
  }
  assertPatches(JSON.parse(JSON.stringify(nested(1, 100))), JSON.parse(JSON.stringify(nested(2, 100))))
  const [before, after] = [nested(1, 1000), nested(2, 1000)]
  looks = 0
  diffToPatch(before, after)
  t.ok(looks < 1000 * 1000, `${looks} looks`)
})

t.test('no edit of 10,000 elements takes quadratic time', async (t) => {
  let reads = 0
  const counted = (array: JsonArray): JsonArray => new Proxy(array, { get (target, key) { reads++; return Reflect.get(target, key) } })
  const size = 10_000
  const numbers = Array.from({ length: size }, (_, i) => i * 7919 % size)
  const cycle = (modulus: number): number[] => numbers.map((n) => n * n % modulus)
  const cases: Array<[string, JsonArray, JsonArray]> = [
    ['sorted', numbers, numbers.slice().sort((a, b) => a - b)],
    ['reversed', numbers, numbers.slice().reverse()],
    ['all different', numbers, numbers.map((n) => n + size)],
    ['few values, shuffled', cycle(7), cycle(5)],
    ['two values', cycle(2), numbers.map((n) => n % 3 === 0 ? 1 : 0)],
    ['one value, half as many', cycle(1), cycle(1).slice(size / 2)],
    ['every other removed', numbers, numbers.filter((_, i) => i % 2 === 0)],
    ['rows, all new', numbers.map((n) => ({ n })), numbers.map((n) => ({ n: n + 0.5, more: true }))],
    ['rows that look alike', numbers.map((n) => [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, n]), numbers.map((n) => [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, n + size])]
  ]
  for (const [name, before, after] of cases) {
    reads = 0
    diffToPatch(counted(before), counted(after))
    t.ok(reads < 100 * size, `${name}: ${Math.round(reads / size)} reads an element`)
  }
})
