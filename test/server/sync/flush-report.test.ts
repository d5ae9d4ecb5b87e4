import { channel } from 'node:diagnostics_channel'
import t from 'tap'
import { FlushReport } from '../../../lib/server/sync/flush-report.ts'
import { EncodedMessage } from '../../../lib/server/wire/encoded-message.ts'
import { createState } from '../../../lib/state/state.ts'

t.test('nothing is made while nobody listens, and a flush that sent nothing is not told', async (t) => {
  t.equal(FlushReport.begin(), undefined)
  const heard: unknown[] = []
  const hear = (message: unknown): void => { heard.push(message) }
  const flushes = channel('juggler:flush')
  flushes.subscribe(hear)
  t.teardown(() => flushes.unsubscribe(hear))
  const state = createState(null)
  FlushReport.begin()!.publish(state, 1, 0)
  t.same(heard, [])
  const report = FlushReport.begin()!
  const [one, other] = [new EncodedMessage('12345'), new EncodedMessage('€')]
  for (const message of [one, one, other]) report.sent(message)
  report.publish(state, 7, 2)
  t.match(heard, [{ revision: 7, messages: 2, bytes: 8, recipients: 3, behind: 2, duration: Number }])
  t.equal((heard[0] as { state: unknown }).state, state)
})
