import { setImmediate as turn } from 'node:timers/promises'
import t from 'tap'
import { createReady } from '../../lib/client/ready.ts'
import { createReplica } from '../../lib/state/replica/replica.ts'

function play () {
  const replica = createReplica<{ a: number }>(() => t.fail('no listener throws'))
  const ready = createReady(replica.state)
  return {
    ready,
    come (value: unknown) {
      replica.follow([{ op: 'replace', path: '', value }])
      ready.stateCame()
    }
  }
}

t.test('resolves with the first state, for those who asked before and after', async (t) => {
  const { ready, come } = play()
  const early = ready.promise
  come({ a: 1 })
  come({ a: 2 })
  t.same(await early, { a: 1 })
  t.equal(ready.promise, early, 'one promise for all')
  ready.end({ code: 1000, reason: '' })
  t.same(await ready.promise, { a: 1 })
})

t.test('who asks when there is a state gets that one', async (t) => {
  const { ready, come } = play()
  come({ a: 1 })
  come({ a: 2 })
  const { promise } = ready
  come({ a: 3 })
  t.same(await promise, { a: 2 })
})

t.test('null is a state as well', async (t) => {
  const { ready, come } = play()
  come(null)
  t.equal(await ready.promise, null)
})

t.test('rejects when the client ends before, and raises no unhandled rejection', async (t) => {
  const unhandled: unknown[] = []
  const count = (error: unknown) => unhandled.push(error)
  process.on('unhandledRejection', count)
  t.teardown(() => process.off('unhandledRejection', count))
  const { ready } = play()
  const early = ready.promise
  ready.end({ code: 4401, reason: 'out' })
  await turn()
  await turn()
  const expected = { code: 'JUGGLER_CONNECTION_CLOSED', closeCode: 4401, closeReason: 'out' }
  await t.rejects(early, expected)
  const late = play().ready
  late.end({ code: 4401, reason: 'out' })
  t.ok(late.promise instanceof Promise)
  await turn()
  await turn()
  await t.rejects(late.promise, expected)
  t.same(unhandled, [])
})
