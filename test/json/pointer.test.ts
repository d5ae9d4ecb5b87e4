import fc from '../helpers/fast-check.ts'
import t from 'tap'
import { escapeKey, formatPointer, parsePointer } from '../../lib/json/pointer.ts'
import { check } from '../helpers/json/properties.ts'

t.test('pointers of RFC 6901, section 5', async (t) => {
  const examples: Array<[string, string[]]> = [
    ['', []], ['/foo', ['foo']], ['/foo/0', ['foo', '0']], ['/', ['']], ['/a~1b', ['a/b']], ['/c%d', ['c%d']],
    ['/e^f', ['e^f']], ['/g|h', ['g|h']], ['/i\\j', ['i\\j']], ['/k"l', ['k"l']], ['/ ', [' ']], ['/m~0n', ['m~n']]
  ]
  for (const [pointer, keys] of examples) {
    t.same(parsePointer(pointer), keys, `parse ${pointer}`)
    t.equal(formatPointer(keys), pointer, `format ${pointer}`)
  }
})

t.test('of ~01 only ~0 is an escape', async (t) => {
  t.same(parsePointer('/~01/~10'), ['~1', '/0'])
  t.equal(escapeKey('~1'), '~01')
  t.equal(escapeKey('/'), '~1')
  t.equal(escapeKey(12), '12')
})

t.test('what is no pointer has no keys', async (t) => {
  for (const pointer of ['a', 'a/b', '#/a', '~0', '/~', '/a~', '/~2', '/~0~', '/a/~x/b', null, undefined, 5, ['/a'], { toString: () => '/a' }]) {
    t.equal(parsePointer(pointer as string), undefined, String(pointer))
  }
})

t.test('any keys survive the way to text and back', async (t) => {
  const key = fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom('~', '/', '0', '1', 'a') }))
  check(t, 2_000, fc.property(fc.array(key), (keys) => {
    const parsed = parsePointer(formatPointer(keys))!
    return parsed.length === keys.length && parsed.every((token, i) => token === keys[i])
  }))
})
