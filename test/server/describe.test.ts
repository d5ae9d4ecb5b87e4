import t from 'tap'
import { describe } from '../../lib/server/describe.ts'

t.test('values are described by type, and shown where they are short', async (t) => {
  for (const [value, text] of [
    [null, 'null'], [undefined, 'undefined'], [1.5, '1.5'], [NaN, 'NaN'], [true, 'true'], ['x', "'x'"], ['x'.repeat(65), 'a string of 65 characters'],
    [{}, 'an object'], [[], 'an array'], [new Date(0), 'a date'], [() => {}, 'a function'], [Symbol('s'), 'a symbol'], [1n, '1n']
  ] as Array<[unknown, string]>) t.equal(describe(value), text)
})
