import t from 'tap'
import { Listeners } from '../../lib/client/listeners.ts'

t.test('calls everybody in order, and reports who throws', async (t) => {
  const errors: unknown[] = []
  const calls: unknown[] = []
  const listeners = new Listeners<[number]>((error) => errors.push(error))
  listeners.add((n) => calls.push(['a', n]))
  listeners.add(() => { throw new Error('thrown') })
  listeners.add(async () => { throw new Error('rejected') })
  const stop = listeners.add((n) => calls.push(['b', n]))
  listeners.emit(1)
  stop()
  stop()
  listeners.emit(2)
  await new Promise((resolve) => setImmediate(resolve))
  t.same(calls, [['a', 1], ['b', 1], ['a', 2]])
  t.same(errors.map((error) => (error as Error).message), ['thrown', 'thrown', 'rejected', 'rejected'])
})

t.test('the same function may be there twice, and leave once', async (t) => {
  let calls = 0
  const listener = () => { calls++ }
  const listeners = new Listeners<[]>(() => {})
  const stop = listeners.add(listener)
  listeners.add(listener)
  listeners.emit()
  stop()
  listeners.emit()
  t.equal(calls, 3)
})

t.test('who comes or goes meanwhile counts from the next time', async (t) => {
  const calls: string[] = []
  const listeners = new Listeners<[]>(() => {})
  let late: () => void = () => {}
  listeners.add(() => {
    late()
    listeners.add(() => calls.push('new'))
  })
  late = listeners.add(() => calls.push('gone'))
  listeners.emit()
  t.same(calls, ['gone'])
  listeners.emit()
  t.same(calls, ['gone', 'new'])
})

t.test('only functions listen', async (t) => {
  t.throws(() => new Listeners(() => {}).add('me' as never), { code: 'JUGGLER_OPTION_INVALID' })
})
