import t from 'tap'
import { closeCodes } from '../../lib/index.ts'
import { closeCodeOf } from '../../lib/protocol/ws-errors.ts'

t.test('what ws answers invalid input with', async (t) => {
  const of = (code?: string): number => closeCodeOf(Object.assign(new Error('x'), code === undefined ? {} : { code })).code
  t.equal(of('WS_ERR_UNSUPPORTED_MESSAGE_LENGTH'), closeCodes.tooLarge.code)
  t.equal(of('WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH'), closeCodes.tooLarge.code)
  t.equal(of('Z_DATA_ERROR'), 1007)
  t.equal(of('WS_ERR_INVALID_UTF8'), closeCodes.invalidText.code)
  t.equal(of('WS_ERR_TOO_MANY_BUFFERED_PARTS'), 1008)
  t.equal(of('WS_ERR_INVALID_OPCODE'), closeCodes.webSocketError.code)
  t.equal(of(), closeCodes.webSocketError.code)
})
