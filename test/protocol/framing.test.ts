import fc from '../helpers/fast-check.ts'
import t from 'tap'
import { framingOf, refuseOver, utf8Length, wrongFraming } from '../../lib/protocol/framing.ts'

t.test('the framing of a first frame', async (t) => {
  for (const frame of ['{', '{"type":"request"}', ' {', '\n{', '\t', '\r\n{}']) t.equal(framingOf(frame), 'plain', JSON.stringify(frame))
  for (const frame of ['0{', '0{"type":"request"}', '1{', '1 {', '0\n{', '2', '3', '2abc', '2{', '3 ']) t.equal(framingOf(frame), 'segmented', JSON.stringify(frame))
  // JSON numbers and nonsense belong to nobody
  for (const frame of ['', '0', '1', '12', '23', '2.5', '3e1', '4', '4{', '[', 'null', '"', '\ufeff{', '٢']) t.equal(framingOf(frame), undefined, JSON.stringify(frame))
})

t.test('the fault names the parameter that helps', async (t) => {
  t.same(wrongFraming('plain').close, { code: 4406, reason: 'this connection is segmented; connect with ?framing=plain' })
  t.same(wrongFraming('segmented').close, { code: 4406, reason: 'this connection is plain; connect with ?framing=segmented' })
})

t.test('length in UTF-8 is that of the encoder', async (t) => {
  for (const text of ['', 'a', 'é', '€', '😀', '\ud83d', '\ude00', '\ude00\ud83d', 'a\ud83d\ud83d\ude00b\ud83d']) t.equal(utf8Length(text), Buffer.byteLength(text), JSON.stringify(text))
  fc.assert(fc.property(fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)), maxLength: 60 }), (text) => utf8Length(text) === Buffer.byteLength(text)))
})

t.test('a limit in bytes, which are counted where there may be too many', async (t) => {
  const tooLarge = { name: 'ProtocolFault', close: { code: 1009 } }
  t.equal(refuseOver(0, '', 0), 0)
  t.equal(refuseOver(2, 'é', 3), 2)
  t.throws(() => refuseOver(1, 'é', 3), tooLarge)
  t.equal(refuseOver(3, 'aaa', 9), 3)
  t.throws(() => refuseOver(3, 'aaaa', 12), tooLarge)
  t.equal(refuseOver(4, '😀', 6), 4)
  t.throws(() => refuseOver(3, '😀', 6), tooLarge)
  t.equal(refuseOver(10, 'aaa', 9), 9, 'below the limit nobody counts')
})
