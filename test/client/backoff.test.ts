import t from 'tap'
import { backoff, overloadSteps } from '../../lib/client/backoff.ts'

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

t.test('the bound doubles up to its maximum', async (t) => {
  const waits = withRandom(1, () => Array.from({ length: 9 }, (_, failures) => backoff(delays, failures)))
  t.same(waits, [500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000])
  t.equal(withRandom(1, () => backoff(delays, overloadSteps)), 4000)
  t.equal(withRandom(1, () => backoff(delays, 5000)), 30_000, 'also after years')
  t.equal(withRandom(1, () => backoff({ minDelay: 500, maxDelay: 100 }, 0)), 100)
})

t.test('jitter takes the whole range', async (t) => {
  t.equal(withRandom(0, () => backoff(delays, 3)), 0)
  t.equal(withRandom(0.5, () => backoff(delays, 1)), 500)
  const waits = Array.from({ length: 200 }, () => backoff({ minDelay: 1000, maxDelay: 1000 }, 0))
  t.ok(waits.some((wait) => wait < 300) && waits.some((wait) => wait > 700) && waits.every((wait) => wait < 1000))
})
