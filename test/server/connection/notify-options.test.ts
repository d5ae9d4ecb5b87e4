import t from 'tap'
import { readFlush } from '../../../lib/server/connection/notify-options.ts'

t.test('only what is asked for is flushed', async (t) => {
  t.equal(readFlush('notify()', undefined), false)
  t.equal(readFlush('notify()', {}), false)
  t.equal(readFlush('notify()', { flush: undefined }), false)
  t.equal(readFlush('notify()', { flush: true }), true)
  t.equal(readFlush('broadcast()', { flush: true, state: 1 }, ['state']), true)
})

t.test('whatever else is refused, so that nothing overtakes the state by a slip', async (t) => {
  for (const options of [null, 'flush', { flush: 1 }, { flush: null }, { flushed: true }, { state: 1 }]) {
    t.throws(() => readFlush('notify()', options), { code: 'FST_JUGGLER_ARGUMENT_INVALID', message: /^notify\(\) expects/ })
  }
})
