import t from 'tap'
import { closeCodes } from '../../lib/protocol/close-codes.ts'
import { ProtocolFault } from '../../lib/protocol/fault.ts'

t.test('a fault carries the close code that answers it', async (t) => {
  const fault = new ProtocolFault(closeCodes.protocolError, 'the frame is empty')
  t.ok(fault instanceof Error)
  t.equal(fault.name, 'ProtocolFault')
  t.equal(fault.message, 'the frame is empty')
  t.same(fault.close, { code: 4400, reason: 'the frame is empty' })
})

t.test('without a reason it has that of its code', async (t) => {
  t.same(new ProtocolFault().close, { code: 4400, reason: 'protocol error' })
  t.same(new ProtocolFault(closeCodes.tooLarge).close, closeCodes.tooLarge)
})
