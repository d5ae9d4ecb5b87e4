import t from 'tap'
import { afterClose, closedWithoutReason, mayBeFraming } from '../../lib/client/after-close.ts'
import { closeCodes } from '../../lib/protocol/close-codes.ts'

t.test('every code of the protocol has its consequence', async (t) => {
  const consequences = Object.fromEntries(Object.entries(closeCodes).map(([name, { code }]) => [name, afterClose[code]]))
  t.same(consequences, {
    normal: undefined,
    goingAway: undefined,
    webSocketError: undefined,
    unsupportedData: undefined,
    invalidText: undefined,
    tooLarge: undefined,
    tryAgainLater: 'next',
    protocolError: undefined,
    unauthorized: 'slowly',
    wrongFraming: 'stop',
    pingTimeout: undefined,
    overLimit: 'later'
  })
  for (const code of [1005, 1006, 1011, 3000, 4999]) t.equal(afterClose[code], undefined)
})

t.test('codes that say what they mean are no sign of the other framing', async (t) => {
  for (const code of [1000, 1005, 1006, 4400, 4406, 4408]) t.ok(mayBeFraming(code), String(code))
  for (const code of [1001, 1013, 4401, 4429]) t.notOk(mayBeFraming(code), String(code))
})

t.test('codes of a server that closed on purpose and says nothing of why', async (t) => {
  for (const code of [1000, 1002, 1005, 1011, 4400]) t.ok(closedWithoutReason(code), String(code))
  for (const code of [1001, 1006, 1009, 1013, 4401, 4406, 4408, 4429]) t.notOk(closedWithoutReason(code), String(code))
})
