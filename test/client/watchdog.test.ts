/** Time is the subject here, so it is a fake one: the clock of the timers and the clock on the wall, which may differ. */
import { mock } from 'node:test'
import t from 'tap'
import { createWatchdog } from '../../lib/client/watchdog.ts'

mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 1_000_000 })
t.teardown(() => mock.timers.reset())

function watch (quiet: number | null, timeout: number) {
  const events: string[] = []
  const watchdog = createWatchdog(quiet, timeout, () => events.push('probe'), () => events.push('dead'))
  return { watchdog, events }
}

/** Lets time pass in small steps, as an idle process sees it. */
function pass (ms: number): void {
  for (let i = 0; i < ms; i += 5) mock.timers.tick(5)
}

/** The machine sleeps: the wall clock goes on; the timer that was due meanwhile fires late. */
function sleep (ms: number): void {
  mock.timers.setTime(Date.now() + ms)
}

t.test('probes after quiet time, and gives up after the timeout', async (t) => {
  const { watchdog, events } = watch(100, 40)
  watchdog.expect(1000)
  watchdog.heard()
  pass(95)
  t.same(events, [])
  pass(10)
  t.same(events, ['probe'])
  pass(30)
  t.same(events, ['probe'])
  pass(20)
  t.same(events, ['probe', 'dead'])
  pass(1000)
  t.same(events, ['probe', 'dead'], 'once')
})

t.test('an answer, or anything else, keeps it', async (t) => {
  const { watchdog, events } = watch(100, 40)
  watchdog.heard()
  for (let round = 0; round < 5; round++) {
    pass(130)
    watchdog.heard()
  }
  t.same(events, ['probe', 'probe', 'probe', 'probe', 'probe'])
  for (let i = 0; i < 50; i++) {
    pass(20)
    watchdog.heard()
  }
  t.equal(events.length, 5, 'traffic makes probes needless')
  watchdog.stop()
})

t.test('without a quiet time it never probes, but an attempt has its limit', async (t) => {
  const { watchdog, events } = watch(null, 40)
  watchdog.expect(200)
  pass(190)
  watchdog.heard()
  pass(10_000)
  watchdog.wake()
  pass(10_000)
  t.same(events, [])
  watchdog.expect(200)
  pass(210)
  t.same(events, ['dead'])
})

t.test('a timer that comes late counts for what it was set for', async (t) => {
  const { watchdog, events } = watch(100, 40)
  watchdog.heard()
  pass(105)
  t.same(events, ['probe'])
  // A minute passes before the next timer of a hidden tab; the peer has lost one slice of its time, no more.
  mock.timers.tick(0)
  sleep(60_000)
  pass(10)
  t.same(events, ['probe'])
  watchdog.heard()
  pass(60)
  t.same(events, ['probe'])
  watchdog.stop()
})

t.test('a jump of the wall clock asks at once', async (t) => {
  const { watchdog, events } = watch(4000, 4000)
  watchdog.heard()
  pass(500)
  sleep(3_600_000)
  pass(5)
  t.same(events, ['probe'], 'long before the quiet time is over')
  pass(3900)
  t.same(events, ['probe'], 'and the peer has its whole time')
  pass(200)
  t.same(events, ['probe', 'dead'])
})

t.test('a clock that is set back is no silence', async (t) => {
  const { watchdog, events } = watch(4000, 4000)
  watchdog.heard()
  pass(1500)
  mock.timers.setTime(Date.now() + 1)
  t.same(events, [])
  pass(2600)
  t.same(events, ['probe'])
  watchdog.stop()
})

t.test('waking up asks at once, and a peer that is asked already gets no more time by it', async (t) => {
  const { watchdog, events } = watch(100, 40)
  watchdog.heard()
  pass(10)
  watchdog.wake()
  t.same(events, ['probe'])
  pass(30)
  watchdog.wake()
  t.same(events, ['probe', 'probe'])
  pass(15)
  t.same(events, ['probe', 'probe', 'dead'])
  watchdog.wake()
  t.equal(events.length, 3, 'after the end there is nobody to ask')
})
