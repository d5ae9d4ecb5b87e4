import t from 'tap'
import { settingsOf } from '../../lib/client/options.ts'
import type { ConnectOptions } from '../../types/client.ts'

t.test('defaults', async (t) => {
  const defaults = {
    maxSegmentSize: 65_536,
    pingDelay: 5000,
    pingTimeout: 5000,
    maxPayload: 268_435_456,
    reconnect: true,
    resume: true,
    minDelay: 500,
    maxDelay: 30_000
  }
  for (const none of [{}, undefined, null as never]) t.same(settingsOf(none), defaults)
})

t.test('what is given stays, and the caller keeps the object', async (t) => {
  const given: ConnectOptions = Object.freeze({ framing: 'auto', pingDelay: null, reconnect: Object.freeze({ minDelay: 1 }), onNotify () {}, tls: {} })
  const settings = settingsOf(given)
  t.same(settings, { ...given, maxSegmentSize: 65_536, pingTimeout: 5000, maxPayload: 268_435_456, minDelay: 1, maxDelay: 30_000, resume: true })
  t.match(settingsOf({ reconnect: false }), { reconnect: false, resume: false })
})

t.test('the error names option, value and expectation', async (t) => {
  t.throws(() => settingsOf({ pingDelay: 0 }), { code: 'JUGGLER_OPTION_INVALID', message: 'pingDelay must be an integer from 1 to 2147483647, not 0' })
  t.throws(() => settingsOf({ framing: 'x' as 'plain' }), { message: 'framing must be plain or segmented or auto, not x' })
  for (const value of [NaN, Infinity, 1.5, '5000', 5000n, {}]) t.throws(() => settingsOf({ pingTimeout: value as number }), { code: 'JUGGLER_OPTION_INVALID' })
  t.throws(() => settingsOf({ reconnect: { maxDelay: 2 ** 31 } }), { message: /^maxDelay must be/ })
})
