import t from 'tap'
import { closeCodes } from '../../../lib/protocol/close-codes.ts'
import { ProtocolFault, protocolError } from '../../../lib/protocol/fault.ts'
import { shapeOf } from '../../../lib/protocol/json-shape.ts'
import { limitOf } from '../../../lib/server/operations/limit-of.ts'
import { guardedDecoder } from '../../../lib/server/wire/guarded-decoder.ts'

function faultOf (act: () => unknown): ProtocolFault {
  try {
    act()
  } catch (error) {
    return error as ProtocolFault
  }
  throw new Error('no fault')
}

t.test('a fault says which limit it is of, if of any', async (t) => {
  const limits = { maxJsonDepth: 2, maxJsonElements: 4 }
  t.equal(limitOf(faultOf(() => shapeOf('{"data":[[[[]]]]}', limits))), 'maxJsonDepth')
  t.equal(limitOf(faultOf(() => shapeOf('{"data":[1,2,3,4,5,6]}', limits))), 'maxJsonElements')
  t.equal(limitOf(faultOf(() => guardedDecoder('plain', { maxPayload: 3, maxSegments: 1 })('{"a":1}', 7))), 'maxPayload')
  const decode = guardedDecoder('segmented', { maxPayload: 100, maxSegments: 1 })
  decode('1{', 2)
  t.equal(limitOf(faultOf(() => decode('1{', 2))), 'maxSegments')
  let now = 0
  const slow = guardedDecoder('segmented', { maxPayload: 100, maxSegments: 10 }, () => now)
  slow('1{', 2)
  now = 70_000
  t.equal(limitOf(faultOf(() => slow('1{', 2))), 'pace')
  t.equal(limitOf(protocolError('no JSON')), undefined)
  t.equal(limitOf(new ProtocolFault(closeCodes.pingTimeout)), undefined)
})
