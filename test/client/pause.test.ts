/** Time is the subject here, so it is a fake one. */
import { mock } from 'node:test'
import t from 'tap'
import { createPause } from '../../lib/client/pause.ts'

mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 1_000_000 })
t.teardown(() => mock.timers.reset())

const turn = () => new Promise((resolve) => setImmediate(resolve))

async function after (ms: number, act: (pause: ReturnType<typeof createPause>) => void): Promise<boolean> {
  const pause = createPause()
  let over = false
  pause.rest(1000).then(() => { over = true })
  act(pause)
  mock.timers.tick(ms)
  await turn()
  return over
}

t.test('lasts as long as it was told', async (t) => {
  t.equal(await after(999, () => {}), false)
  t.equal(await after(1000, () => {}), true)
})

t.test('is cut short', async (t) => {
  t.equal(await after(200, (pause) => pause.renew(200)), true)
  t.equal(await after(199, (pause) => pause.renew(200)), false)
  t.equal(await after(0, (pause) => pause.stop()), true)
})

t.test('also where the clock on the wall has run ahead of the timers', async (t) => {
  for (const act of [(pause: ReturnType<typeof createPause>) => pause.renew(50), (pause: ReturnType<typeof createPause>) => pause.stop()]) {
    t.equal(await after(50, (pause) => {
      const slept = mock.method(Date, 'now', () => 5_000_000)
      act(pause)
      slept.mock.restore()
    }), true)
  }
})

t.test('what is renewed before a rest does not cut it', async (t) => {
  const pause = createPause()
  pause.stop()
  pause.renew(10)
  let over = false
  const rest = pause.rest(100).then(() => { over = true })
  mock.timers.tick(99)
  await turn()
  t.equal(over, false)
  mock.timers.tick(1)
  await rest
  pause.renew(10)
  pause.stop()
})
