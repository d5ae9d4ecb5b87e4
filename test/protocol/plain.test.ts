import t from 'tap'
import { PlainDecoder } from '../../lib/protocol/plain.ts'

t.test('a frame is a message', async (t) => {
  const decoder = new PlainDecoder(1000)
  for (const frame of ['{}', ' {}', '{"type":"request"}', '', '42', '1', '[]', 'nonsense']) t.same(decoder.decode(frame), { kind: 'message', text: frame })
})

t.test('the limit counts bytes', async (t) => {
  const decoder = new PlainDecoder(6)
  t.same(decoder.decode('{"é"}'), { kind: 'message', text: '{"é"}' })
  t.throws(() => decoder.decode('{"€"}'), { name: 'ProtocolFault', close: { code: 1009 } })
  t.throws(() => decoder.decode('{}', 7), { name: 'ProtocolFault', close: { code: 1009 } }, 'as the caller counted them')
  t.same(decoder.decode('{}'), { kind: 'message', text: '{}' }, 'one frame does not count for the next')
})

t.test('a segmented peer is told what to do', async (t) => {
  const decoder = new PlainDecoder(1000)
  for (const frame of ['0{"type":"request","id":1,"name":""}', '1{"type"', '2', '3', '2payload']) {
    t.throws(() => decoder.decode(frame), { name: 'ProtocolFault', close: { code: 4406, reason: 'this connection is plain; connect with ?framing=segmented' } }, frame)
  }
})
