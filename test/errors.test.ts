import { readFileSync } from 'node:fs'
import t from 'tap'
import { ConnectionClosedError, errorCodes, JugglerError } from '../lib/errors.ts'
import * as serverErrors from '../lib/server/errors.ts'

const document = readFileSync(new URL('../docs/errors.md', import.meta.url), 'utf8')

/** The rows of the tables under a heading, cells trimmed. */
function rows (heading: string): string[][] {
  const section = document.split(/^## /m).find((part) => part.startsWith(heading)) ?? ''
  return [...section.matchAll(/^\| `(\w+)` \|(.*)\|$/gm)].map(([, code, rest]) => [code!, ...rest!.split('|').map((cell) => cell.trim())])
}

t.test('docs/errors.md lists the codes of server and client, all of them and no other', async (t) => {
  t.same(rows('Of server and client').map(([code]) => code).sort(), Object.keys(errorCodes).sort())
})

t.test('docs/errors.md lists the codes of the server, all of them and no other', async (t) => {
  const codes = Object.keys(serverErrors).filter((name) => name.startsWith('FST_'))
  t.same(rows('Of the server').map(([code]) => code).sort(), codes.sort())
})

t.test('the name of a server error is its code, and its status is the documented one', async (t) => {
  const status = new Map(rows('Of the server').map(([code, cell]) => [code, cell]))
  for (const [name, Class] of Object.entries(serverErrors)) {
    if (!name.startsWith('FST_')) continue
    const error = new (Class as new (...args: string[]) => Error & { code: string, statusCode: number })('a', 'b', 'c')
    t.equal(error.code, name)
    t.equal(String(error.statusCode), status.get(name) || '500', name)
  }
})

t.test('values are described by type, and shown where they are short', async (t) => {
  for (const [value, text] of [
    [null, 'null'], [undefined, 'undefined'], [1.5, '1.5'], [NaN, 'NaN'], [true, 'true'], ['x', "'x'"], ['x'.repeat(65), 'a string of 65 characters'],
    [{}, 'an object'], [[], 'an array'], [new Date(0), 'a date'], [() => {}, 'a function'], [Symbol('s'), 'a symbol'], [1n, '1n']
  ] as Array<[unknown, string]>) t.equal(serverErrors.describe(value), text)
})

t.test('a juggler error carries data, and its message is the data where that is text', async (t) => {
  t.match(new JugglerError({ code: 'NO' }), { data: { code: 'NO' }, message: 'request failed', code: 'JUGGLER_REQUEST_FAILED' })
  t.match(new JugglerError('no'), { data: 'no', message: 'no' })
  t.match(new JugglerError('no', 'for the log'), { data: 'no', message: 'for the log' })
  t.equal(new JugglerError().data, null)
})

t.test('a connection-closed error says how the connection ended, where that is known', async (t) => {
  t.match(new ConnectionClosedError(), { message: 'connection is closed', closeCode: undefined })
  t.match(new ConnectionClosedError(1001), { message: 'connection is closed (1001)', closeCode: 1001, closeReason: undefined })
  t.match(new ConnectionClosedError(1001, 'bye'), { message: 'connection is closed (1001: bye)', closeReason: 'bye' })
})
