import t from 'tap'
import { fragmentSize, maxUnfragmented, payloadFrames, textFrame, textFrames } from '../../../lib/server/wire/ws-frame.ts'
import { received } from '../../helpers/server/received.ts'

const hex = (buffer: Buffer) => buffer.toString('hex')

t.test('literal frames', async (t) => {
  t.equal(hex(textFrame('', '')), '8100')
  t.equal(hex(textFrame('', 'Hello')), '810548656c6c6f') // RFC 6455, section 5.7
  t.equal(hex(textFrame('0', '')), '810130')
  t.equal(hex(textFrame('2', 'é€😀')), '810a32c3a9e282acf09f9880')
  t.equal(hex(textFrame('', '\ud83d')), '8103efbfbd', 'half a pair becomes the replacement character')
  t.equal(hex(textFrames('', ['a'])), '810161')
  t.equal(hex(textFrames('0', ['a', '', 'é'])), '81023061' + '810130' + '810330c3a9')
  t.equal(hex(payloadFrames(Buffer.from('hi'), false)[0]!), '81026869')
  t.equal(hex(payloadFrames(Buffer.from('hi'), true)[0]!), 'c1026869')
})

t.test('headers at the edges of the three lengths', async (t) => {
  const cases: Array<[number, string]> = [[125, '817d'], [126, '817e007e'], [255, '817e00ff'], [65535, '817effff'], [65536, '817f0000000000010000']]
  for (const [length, header] of cases) {
    const text = 'x'.repeat(length)
    for (const frame of [textFrame('', text), textFrame('x', text.slice(1)), textFrames('', [text, ''])]) t.ok(hex(frame).startsWith(header + '7878'), `${length}`)
    t.equal(textFrame('', text).length, header.length / 2 + length)
    // the same number of bytes in fewer characters
    const wide = 'é'.repeat(length >> 1) + 'x'.repeat(length & 1)
    t.ok(hex(textFrame('', wide)).startsWith(header + 'c3a9'), `${length} of two-byte characters`)
  }
})

t.test('many texts in one buffer', async (t) => {
  const texts = [0, 1, 124, 125, 126, 200, 65534, 65535, 65536].flatMap((length) => ['a'.repeat(length), 'é'.repeat(length >> 1), '😀'.repeat(length >> 2)])
  t.same(await received([textFrames('', texts)]), texts)
  t.same(await received([textFrames('1', texts)]), texts.map((text) => '1' + text))
})

t.test('a long payload is fragmented, so that a ping may go between', async (t) => {
  const short = Buffer.alloc(maxUnfragmented, 'a')
  t.equal(payloadFrames(short, false).length, 1)
  for (const length of [maxUnfragmented + 1, 5 * fragmentSize, 5 * fragmentSize + 1]) {
    const payload = Buffer.alloc(length, 'é')
    const frames = payloadFrames(payload, false)
    t.equal(frames.length, Math.ceil(length / fragmentSize))
    t.same(frames.map((frame) => frame[0]), [0x01, ...frames.slice(2).map(() => 0x00), 0x80])
    t.equal(payloadFrames(payload, true)[0]![0], 0x41, 'RSV1 on the first')
    t.equal(payloadFrames(payload, true)[1]![0], 0x00, 'and only there')
    if (length % 2 === 0) {
      const ping = Buffer.from([0x89, 0])
      t.same(await received(frames.flatMap((frame) => [frame, ping])), [payload.toString()])
    }
  }
})
