import { mock } from 'node:test'
import t from 'tap'
import { createBackoff, overloadSteps, refusedAfter } from '../../lib/client/backoff.ts'

/** Runs with jitter at one end of its range. */
function withRandom<R> (value: number, run: () => R): R {
  const { random } = Math
  Math.random = () => value
  try {
    return run()
  } finally {
    Math.random = random
  }
}

const delays = { minDelay: 500, maxDelay: 30_000 }
const refused = 4401

t.test('the bound doubles up to its maximum', async (t) => {
  const backoff = createBackoff(delays)
  const waits = withRandom(1, () => Array.from({ length: 9 }, () => backoff.next()))
  t.same(waits, [500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000])
  for (let i = 0; i < 5000; i++) backoff.next()
  t.equal(withRandom(1, () => backoff.next()), 30_000, 'also after years')
  t.equal(withRandom(1, () => createBackoff({ minDelay: 500, maxDelay: 100 }).next()), 100)
})

t.test('jitter takes the whole range', async (t) => {
  t.equal(withRandom(0, () => createBackoff(delays).next()), 0)
  t.equal(withRandom(0.5, () => createBackoff(delays).next()), 250)
  const waits = Array.from({ length: 200 }, () => createBackoff({ minDelay: 1000, maxDelay: 1000 }).next())
  t.ok(waits.some((wait) => wait < 300) && waits.some((wait) => wait > 700) && waits.every((wait) => wait < 1000))
})

t.test('a connection that lasted makes the waits short again, one that did not does not', async (t) => {
  const backoff = createBackoff(delays)
  const next = () => withRandom(1, () => backoff.next())
  t.same([next(), next()], [500, 1000])
  backoff.ended(1006, true, false)
  t.equal(next(), 2000)
  backoff.ended(1006, true, true)
  t.equal(next(), 500)
})

t.test('a server over its limit is given longer', async (t) => {
  const backoff = createBackoff(delays)
  backoff.ended(4429, true, false)
  t.equal(withRandom(1, () => backoff.next()), 500 * 2 ** overloadSteps)
})

t.test('who was shut out waits from 30 s up to 5 min, whatever the options say', async (t) => {
  mock.timers.enable({ apis: ['Date'] })
  t.teardown(() => mock.timers.reset())
  for (const options of [delays, { minDelay: 1, maxDelay: 1 }, { minDelay: 1e6, maxDelay: 1e6 }]) {
    const waits = (random: number) => withRandom(random, () => {
      const backoff = createBackoff(options)
      backoff.ended(refused, true, false)
      return Array.from({ length: 5 }, () => {
        const wait = backoff.next()
        // What follows are upgrades that are refused, of which a browser learns no more than 1006.
        backoff.ended(1006, false, false)
        return wait / 1000
      })
    })
    t.same(waits(0), [30, 60, 120, 150, 150])
    t.same(waits(1), [60, 120, 240, 300, 300])
  }
})

t.test('a connection after it ends the long waits, and one that lasted their growth', async (t) => {
  const backoff = createBackoff(delays)
  const next = () => withRandom(0, () => backoff.next())
  backoff.ended(refused, true, false)
  t.same([next(), next()], [30_000, 60_000])
  backoff.ended(refused, true, false)
  t.equal(next(), 120_000, 'let in and shut out again at once')
  backoff.ended(refused, true, true)
  t.equal(next(), 30_000)
  backoff.ended(1001, true, false)
  t.equal(next(), 0)
})

t.test('no reason to hurry makes it try sooner than 30 s after it was shut out', async (t) => {
  mock.timers.enable({ apis: ['Date'] })
  t.teardown(() => mock.timers.reset())
  const backoff = createBackoff(delays)
  t.ok(backoff.tooEarly() <= 0)
  t.equal(withRandom(1, () => backoff.soon()), 500)
  backoff.ended(refused, true, true)
  mock.timers.tick(1000)
  t.equal(backoff.tooEarly(), refusedAfter - 1000)
  t.equal(backoff.soon(), refusedAfter - 1000)
  mock.timers.tick(refusedAfter - 1000)
  t.ok(backoff.tooEarly() <= 0)
  t.equal(withRandom(1, () => backoff.soon()), 500)
})

t.test('a clock that is set back makes nobody wait for longer', async (t) => {
  mock.timers.enable({ apis: ['Date'], now: 7_200_000 })
  t.teardown(() => mock.timers.reset())
  const backoff = createBackoff(delays)
  backoff.ended(refused, true, true)
  t.equal(backoff.tooEarly(), refusedAfter)
  mock.timers.setTime(3_600_000)
  t.ok(backoff.tooEarly() <= 0, `${backoff.tooEarly()} ms`)
  t.equal(withRandom(1, () => backoff.soon()), 500)
})
