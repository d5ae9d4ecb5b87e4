import { readFileSync } from 'node:fs'
import t from 'tap'
import { closeCodes } from '../../lib/protocol/close-codes.ts'

const entries = Object.entries(closeCodes)

t.test('each code is there once, and may be sent or received', async (t) => {
  const codes = entries.map(([, { code }]) => code)
  t.equal(new Set(codes).size, codes.length)
  for (const code of codes) t.ok((code >= 1000 && code < 1015) || (code >= 4400 && code < 4500), String(code))
})

t.test('each has a reason that fits a close frame, and none can be changed', async (t) => {
  t.ok(Object.isFrozen(closeCodes))
  for (const [name, entry] of entries) {
    t.ok(entry.reason.length > 0 && Buffer.byteLength(entry.reason) <= 123, name)
    t.ok(Object.isFrozen(entry), name)
  }
})

t.test('docs/protocol.md lists them all', async (t) => {
  const document = readFileSync(new URL('../../docs/protocol.md', import.meta.url), 'utf8')
  for (const [name, { code }] of entries) t.match(document, new RegExp(`^\\|[^|]*\\b${code}\\b`, 'm'), name)
})
