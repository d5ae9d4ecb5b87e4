import t from 'tap'
import { quiet } from '../../lib/client/quiet.ts'

t.test('a rejection that nobody looks at is none, and one that somebody awaits is', async (t) => {
  const unhandled: unknown[] = []
  const listener = (reason: unknown) => { unhandled.push(reason) }
  process.on('unhandledRejection', listener)
  t.teardown(() => process.off('unhandledRejection', listener))
  const promise = Promise.reject(new Error('no'))
  t.equal(quiet(promise), promise)
  await new Promise((resolve) => setTimeout(resolve, 5))
  t.same(unhandled, [])
  await t.rejects(promise, { message: 'no' })
})
