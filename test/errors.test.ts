import { readFileSync } from 'node:fs'
import t from 'tap'
import { ConnectionClosedError, errorCodes, JugglerError } from '../lib/errors.ts'

t.test('docs/errors.md lists the codes, all of them and no other', async (t) => {
  const document = readFileSync(new URL('../docs/errors.md', import.meta.url), 'utf8')
  const section = document.split(/^## /m).find((part) => part.startsWith('Of server and client')) ?? ''
  const documented = [...section.matchAll(/^\| `(\w+)` \|/gm)].map(([, code]) => code)
  t.same(documented.sort(), Object.keys(errorCodes).sort())
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
