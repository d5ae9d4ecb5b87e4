import t from 'tap'
import { ignorable } from '../../lib/server/ignorable.ts'

t.test('dropped it raises nothing, awaited it rejects', async (t) => {
  const unhandled: unknown[] = []
  const listener = (error: unknown): void => { unhandled.push(error) }
  process.on('unhandledRejection', listener)
  t.teardown(() => process.removeListener('unhandledRejection', listener))
  const promise = Promise.reject(new Error('x'))
  t.equal(ignorable(promise), promise)
  await new Promise((resolve) => setImmediate(resolve))
  t.strictSame(unhandled, [])
  await t.rejects(promise, { message: 'x' })
})
