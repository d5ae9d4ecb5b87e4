import { readFileSync } from 'node:fs'
import t from 'tap'
import * as errors from '../../lib/server/errors.ts'

const document = readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8')
const section = document.split(/^## /m).find((part) => part.startsWith('Of the server')) ?? ''
/** The documented HTTP status of each code, empty where there is none. */
const documented = new Map([...section.matchAll(/^\| `(\w+)` \|\s*(\d*)\s*\|/gm)].map(([, code, status]) => [code!, status!]))
const { describe, ...classes } = errors

t.test('docs/errors.md lists the codes, all of them and no other', async (t) => {
  t.same([...documented.keys()].sort(), Object.keys(classes).sort())
})

t.test('the name of an error is its code, and its status is the documented one', async (t) => {
  for (const [name, Class] of Object.entries(classes)) {
    const error = new (Class as unknown as new (...args: string[]) => Error & { code: string, statusCode: number })('a', 'b', 'c')
    t.equal(error.code, name)
    t.equal(String(error.statusCode), documented.get(name) || '500', name)
  }
})

t.test('values are described by type, and shown where they are short', async (t) => {
  for (const [value, text] of [
    [null, 'null'], [undefined, 'undefined'], [1.5, '1.5'], [NaN, 'NaN'], [true, 'true'], ['x', "'x'"], ['x'.repeat(65), 'a string of 65 characters'],
    [{}, 'an object'], [[], 'an array'], [new Date(0), 'a date'], [() => {}, 'a function'], [Symbol('s'), 'a symbol'], [1n, '1n']
  ] as Array<[unknown, string]>) t.equal(describe(value), text)
})
