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

t.test('is cut short, never made longer', async (t) => {
  t.equal(await after(200, (pause) => pause.shorten(200)), true)
  t.equal(await after(199, (pause) => pause.shorten(200)), false)
  t.equal(await after(1000, (pause) => pause.shorten(5000)), true)
  t.equal(await after(100, (pause) => { pause.shorten(100); pause.shorten(900) }), true)
  t.equal(await after(0, (pause) => pause.shorten(0)), true)
})

t.test('who does not rest cannot be hurried', async (t) => {
  const pause = createPause()
  pause.shorten(0)
  pause.shorten(10)
  let over = false
  const rest = pause.rest(100).then(() => { over = true })
  mock.timers.tick(99)
  await turn()
  t.equal(over, false)
  mock.timers.tick(1)
  await rest
  pause.shorten(0)
  pause.shorten(10)
})

t.test('ends at once even where the clock on the wall has run ahead', async (t) => {
  t.equal(await after(0, (pause) => {
    mock.method(Date, 'now', () => 2_000_000, { times: 2 })
    pause.shorten(0)
  }), true)
})
