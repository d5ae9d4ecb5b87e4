import { readFileSync } from 'node:fs'
import t from 'tap'
import * as errors from '../../lib/server/errors.ts'

const document = readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8')
const section = document.split(/^## /m).find((part) => part.startsWith('Of the server')) ?? ''
/** The documented HTTP status of each code, empty where there is none. */
const documented = new Map([...section.matchAll(/^\| `(\w+)` \|\s*(\d*)\s*\|/gm)].map(([, code, status]) => [code!, status!]))

t.test('docs/errors.md lists the codes, all of them and no other', async (t) => {
  t.same([...documented.keys()].sort(), Object.keys(errors).sort())
})

t.test('the name of an error is its code, and its status is the documented one', async (t) => {
  for (const [name, Class] of Object.entries(errors)) {
    const error = new (Class as unknown as new (...args: string[]) => Error & { code: string, statusCode: number })('a', 'b', 'c')
    t.equal(error.code, name)
    t.equal(String(error.statusCode), documented.get(name) || '500', name)
  }
})

t.test('what anybody can cause takes no stack trace', async (t) => {
  const caused = Object.entries(errors).filter(([name]) => Number(documented.get(name)) >= 400 && Number(documented.get(name)) !== 500)
  t.ok(caused.length >= 8)
  for (const [name, Class] of caused) t.notMatch(new (Class as unknown as new () => Error)().stack ?? '', /\n\s+at /, name)
})
