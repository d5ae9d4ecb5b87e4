/** Time is the subject here, so it is a fake one. */
import { mock } from 'node:test'
import t from 'tap'
import { createPause } from '../../lib/client/pause.ts'

mock.timers.enable({ apis: ['setTimeout'] })
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

t.test('counts from when it was renewed', async (t) => {
  t.equal(await after(1000, (pause) => pause.renew(1500)), false)
  t.equal(await after(1500, (pause) => pause.renew(1500)), true)
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
