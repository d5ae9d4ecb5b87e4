import t from 'tap'
import { plainDecoder } from '../../lib/protocol/plain.ts'

t.test('a frame is a message', async (t) => {
  const decode = plainDecoder(1000)
  for (const frame of ['{}', ' {}', '{"type":"request"}', '', '42', '1', '[]', 'nonsense']) t.same(decode(frame), { text: frame })
})

t.test('the limit counts bytes', async (t) => {
  const decode = plainDecoder(6)
  t.same(decode('{"é"}'), { text: '{"é"}' })
  t.throws(() => decode('{"€"}'), { name: 'ProtocolFault', close: { code: 1009 } })
  t.same(decode('{"a"}', 5), { text: '{"a"}' }, 'as the caller counted them')
  t.same(decode('{}', 7), { text: '{}' }, 'what it may be at most is looked at')
  t.same(decode('{}'), { text: '{}' }, 'one frame does not count for the next')
})

t.test('a segmented peer is told what to do', async (t) => {
  const decode = plainDecoder(1000)
  for (const frame of ['0{"type":"request","id":1,"name":""}', '1{"type"', '2', '3', '2payload']) {
    t.throws(() => decode(frame), { name: 'ProtocolFault', close: { code: 4406, reason: 'this connection is plain; connect with ?framing=segmented' } }, frame)
  }
})
