import { randomBytes } from 'node:crypto'
import fc from '../../helpers/fast-check.ts'
import t from 'tap'
import { EncodedMessage, messageEncoding } from '../../../lib/server/wire/encoded-message.ts'
import { segmentedDecoder } from '../../../lib/protocol/segmented.ts'
import { received } from '../../helpers/server/received.ts'

const plain = messageEncoding('plain', 65536, false)
const segmented = messageEncoding('segmented', 65536, false)
const deflated = messageEncoding('plain', 65536, true)
const segmentedDeflated = messageEncoding('segmented', 65536, true)

/** The message that segments make up. */
function joined (frames: string[]): string {
  const decode = segmentedDecoder(Infinity)
  const texts = frames.flatMap((frame) => decode(frame).text ?? [])
  if (texts.length !== 1) throw new Error(`${texts.length} messages`)
  return texts[0]!
}

t.test('equal encodings are one object', async (t) => {
  t.equal(messageEncoding('segmented', 65536, false), segmented)
  t.equal(messageEncoding('plain', 5, false), plain, 'plain has no segments')
  t.not(messageEncoding('segmented', 5, false), segmented)
  t.not(deflated, plain)
  t.ok(Object.isFrozen(plain))
})

t.test('a frame is made once per encoding', async (t) => {
  const frame = new EncodedMessage(JSON.stringify('x'.repeat(1000)))
  t.equal(frame.byteLength, 1002)
  const encodings = [plain, segmented, deflated, segmentedDeflated]
  const first = encodings.map((encoding) => frame.encode(encoding))
  const second = encodings.map((encoding) => frame.encode(encoding))
  for (const [i, buffers] of first.entries()) t.equal(second[i], buffers)
  t.equal(new Set(first).size, 4)
})

t.test('literal frames', async (t) => {
  const hex = (frame: EncodedMessage, ...encoding: Parameters<typeof messageEncoding>) => frame.encode(messageEncoding(...encoding)).map((buffer) => buffer.toString('hex'))
  t.same(hex(new EncodedMessage('{}'), 'plain', 0, false), ['81027b7d'])
  t.same(hex(new EncodedMessage('{}'), 'plain', 0, true), ['81027b7d'], 'short ones are not deflated')
  t.same(hex(new EncodedMessage('{}'), 'segmented', 2, false), ['8103307b7d'])
  t.same(hex(new EncodedMessage('{}'), 'segmented', 1, false), ['8102317b' + '8102307d'])
  t.same(hex(new EncodedMessage(''), 'segmented', 1, false), ['810130'])
  t.equal(new EncodedMessage('a'.repeat(1000)).encode(deflated)[0]![0], 0xc1)
})

t.test('any text in any encoding, cut anywhere, is read by a stock receiver', async (t) => {
  const text = fc.tuple(fc.string({ unit: fc.constantFrom('a', 'é', '€', '😀', '"', '\u2028'), maxLength: 300 }), fc.integer({ min: 1, max: 8 }))
    .map(([text, times]) => text.repeat(times))
  await fc.assert(fc.asyncProperty(text, fc.integer({ min: 1, max: 2000 }), fc.boolean(), fc.integer({ min: 1, max: 400 }), async (text, size, deflate, cut) => {
    const frame = new EncodedMessage(text)
    const chunks = (buffers: readonly Buffer[]) => buffers.flatMap((buffer) =>
      Array.from({ length: Math.ceil(buffer.length / cut) }, (_, i) => buffer.subarray(i * cut, (i + 1) * cut)))
    t.same(await received(chunks(frame.encode(messageEncoding('plain', 0, deflate)))), [text])
    const segments = await received(chunks(frame.encode(messageEncoding('segmented', size, deflate))))
    t.equal(joined(segments), text)
    t.ok(segments.every((segment) => segment.length <= Math.max(size, 2) + 1))
  }), { numRuns: 100 })
})

t.test('a long message comes in pieces', async (t) => {
  const text = JSON.stringify(Array.from({ length: 200_000 }, (_, i) => `device ${i} °C`))
  const frame = new EncodedMessage(text)
  for (const [encoding, largest] of [[plain, 270_000], [segmented, 200_000], [messageEncoding('segmented', 100, false), 100_000]] as const) {
    const buffers = frame.encode(encoding)
    t.ok(buffers.length > 10)
    t.ok(buffers.every((buffer) => buffer.length < largest))
    const texts = await received(buffers)
    t.equal(encoding === plain ? texts[0] : joined(texts), text)
  }
})

t.test('what is long even when deflated comes in pieces as well', async (t) => {
  const text = randomBytes(2_000_000).toString('base64')
  const frame = new EncodedMessage(text)
  await frame.prepare(deflated)
  const buffers = frame.encode(deflated)
  t.ok(buffers.length > 4)
  t.same(buffers.map((buffer) => buffer[0]), [0x41, ...buffers.slice(2).map(() => 0x00), 0x80])
  t.ok(Buffer.concat(buffers).length < text.length)
  const [whole] = await received(buffers)
  t.ok(whole === text)
})

t.test('a long message is deflated off the event loop, once', async (t) => {
  const text = JSON.stringify(Array.from({ length: 100_000 }, (_, i) => `device ${i} °C`))
  for (const encoding of [deflated, segmentedDeflated]) {
    const frame = new EncodedMessage(text)
    t.equal(frame.prepare(plain), undefined)
    t.notOk(frame.encode(encoding)[0]![0]! & 0x40, 'as it is before')
    const preparing = frame.prepare(encoding)
    t.equal(frame.prepare(encoding), preparing)
    await preparing
    t.equal(frame.prepare(encoding), undefined)
    const buffers = frame.encode(encoding)
    t.ok(buffers[0]![0]! & 0x40)
    t.equal(frame.encode(encoding), buffers)
    t.ok(Buffer.concat(buffers).length < text.length / 3)
    const texts = await received(buffers)
    t.equal(encoding === deflated ? texts[0] : joined(texts), text)
  }
  t.equal(new EncodedMessage('short').prepare(deflated), undefined)
})
