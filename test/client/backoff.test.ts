import t from 'tap'
import { Backoff, overloadSteps } from '../../lib/client/backoff.ts'

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

t.test('the bound doubles up to its maximum', async (t) => {
  const backoff = new Backoff(500, 30_000)
  const waits = withRandom(1, () => Array.from({ length: 9 }, () => backoff.next()))
  t.same(waits, [500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000])
  backoff.reset()
  t.equal(withRandom(1, () => backoff.next()), 500)
  backoff.raise(overloadSteps)
  t.equal(withRandom(1, () => backoff.next()), 8000)
  for (let i = 0; i < 5000; i++) backoff.next()
  t.equal(withRandom(1, () => backoff.next()), 30_000, 'also after years')
})

t.test('jitter takes the whole range', async (t) => {
  const backoff = new Backoff(500, 30_000)
  t.equal(withRandom(0, () => backoff.next()), 0)
  t.equal(withRandom(0.5, () => backoff.next()), 500)
  const waits = Array.from({ length: 200 }, () => new Backoff(1000, 1000).next())
  t.ok(waits.some((wait) => wait < 300) && waits.some((wait) => wait > 700) && waits.every((wait) => wait < 1000))
})

t.test('who hurries waits no longer than at first', async (t) => {
  const backoff = new Backoff(500, 30_000)
  backoff.raise(20)
  t.equal(withRandom(1, () => backoff.hurry()), 500)
  t.equal(withRandom(1, () => new Backoff(500, 100).hurry()), 100)
})
