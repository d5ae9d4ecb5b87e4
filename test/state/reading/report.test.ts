import t from 'tap'
import { reportError } from '../../../lib/state/reading/report.ts'

t.test('uses the platform\'s reportError where there is one', async (t) => {
  const seen: unknown[] = []
  const host = globalThis as { reportError?: unknown }
  const before = host.reportError
  host.reportError = (error: unknown) => seen.push(error)
  t.teardown(() => { host.reportError = before })
  reportError('x')
  t.same(seen, ['x'])
})

t.test('else a process warning, whatever was thrown', async (t) => {
  const warned = new Promise<Error>((resolve) => process.once('warning', resolve))
  reportError('thrown text')
  t.match(await warned, { message: 'thrown text' })
})

t.test('also where it has no text', async (t) => {
  const warned = new Promise<Error>((resolve) => process.once('warning', resolve))
  reportError(Object.create(null))
  t.match(await warned, { message: /no text/ })
})
