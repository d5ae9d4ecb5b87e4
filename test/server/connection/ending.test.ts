import t from 'tap'
import { Ending } from '../../../lib/server/connection/ending.ts'

const info = { code: 4000, reason: 'why' }

t.test('asked before: the signal aborts at the beginning, the promise resolves at the end', async (t) => {
  const ending = new Ending()
  const { signal, closed } = ending
  let resolved = false
  closed.then(() => { resolved = true })
  ending.begin(info)
  t.ok(signal.aborted)
  t.match(signal.reason, { code: 'JUGGLER_CONNECTION_CLOSED', closeCode: 4000, closeReason: 'why' })
  await Promise.resolve()
  t.notOk(resolved)
  ending.finish()
  t.strictSame(await closed, info)
})

t.test('asked afterwards: both know', async (t) => {
  const ending = new Ending()
  ending.begin(info)
  t.ok(ending.signal.aborted)
  ending.finish()
  t.strictSame(await ending.closed, info)
  t.equal(ending.closed, ending.closed)
})

t.test('while nothing has ended, nothing is aborted and the error knows no code', async (t) => {
  const ending = new Ending()
  t.notOk(ending.signal.aborted)
  t.equal(ending.error.closeCode, undefined)
})
