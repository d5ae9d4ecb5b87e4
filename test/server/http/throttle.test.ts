import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import t from 'tap'
import { Throttle, throttleLimits } from '../../../lib/server/http/throttle.ts'

// own process: it measures the heap

setFlagsFromString('--expose-gc')
globalThis.gc ??= runInNewContext('gc') as NodeJS.GCFunction

/** Time stands still unless the test moves it: seconds of real time would let tokens grow in between. */
function setUp (limits = throttleLimits) {
  const clock = { now: 1000 }
  return { clock, throttle: new Throttle(limits, () => clock.now) }
}

const guess = (throttle: Throttle, address: string, user: string, times: number): number =>
  Array.from({ length: times }, () => throttle.admit(address, user)).filter((admission) => admission !== undefined).length

t.test('admits a burst for each address and user, then one for each interval', async (t) => {
  const { clock, throttle } = setUp()
  t.equal(guess(throttle, '192.0.2.1', 'ann', 50), throttleLimits.pairBurst)
  clock.now += throttleLimits.pairInterval * 3
  t.equal(guess(throttle, '192.0.2.1', 'ann', 50), 3)
  clock.now += throttleLimits.pairInterval * 1000
  t.equal(guess(throttle, '192.0.2.1', 'ann', 50), throttleLimits.pairBurst, 'it does not save up more than a burst')
})

t.test("leaves the user's other addresses, and the address's other users, alone", async (t) => {
  const { throttle } = setUp()
  guess(throttle, '192.0.2.1', 'ann', 10_000)
  t.ok(throttle.admit('192.0.2.2', 'ann'))
  t.ok(throttle.admit('192.0.2.1', 'bob'))
})

t.test('bounds an address that tries many users', async (t) => {
  const { throttle } = setUp()
  let admitted = 0
  for (let i = 0; i < 1000; i++) admitted += guess(throttle, '192.0.2.1', `user ${i}`, 1)
  t.equal(admitted, throttleLimits.addressBurst)
  t.ok(throttle.admit('192.0.2.2', 'user 1'))
})

t.test('a right password costs nothing', async (t) => {
  const { throttle } = setUp()
  let admitted = 0
  for (let i = 0; i < 1000; i++) {
    const admission = throttle.admit('192.0.2.1', 'ann')
    if (admission) admitted++
    admission?.refund()
  }
  t.equal(admitted, 1000)
  t.equal(guess(throttle, '192.0.2.1', 'ann', 50), throttleLimits.pairBurst, 'nor does it earn anything')
})

t.test('holds a bounded number of buckets', async (t) => {
  const { throttle } = setUp({ ...throttleLimits, maxBuckets: 100 })
  for (let i = 0; i < 1000; i++) throttle.admit(`192.0.2.${i}`, 'ann')
  t.ok(throttle.size <= 100)
})

t.test('buckets weigh the same whatever names clients make up', async (t) => {
  const { throttle } = setUp()
  const heap = () => {
    globalThis.gc!()
    return process.memoryUsage().heapUsed
  }
  const fill = (length: number) => {
    const before = heap()
    for (let i = 0; i < 3000; i++) throttle.admit(`192.0.${i >> 8}.${i & 255}`, `${i}`.padStart(length))
    return heap() - before
  }
  const short = fill(10)
  const long = fill(8000)
  t.ok(long < 2 * short, `${short} and ${long} bytes for 3,000 names`)
})
