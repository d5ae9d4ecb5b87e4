import fc from '../helpers/fast-check.ts'
import t from 'tap'
import { segmentedDecoder, encodeSegments } from '../../lib/protocol/segmented.ts'
import type { Inbound } from '../../lib/protocol/framing.ts'

const more = {}
const message = (text: string) => ({ text })

const isWellFormed = (text: string) => !/\p{Surrogate}/u.test(text)

const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 80 }),
  fc.string({ unit: fc.constantFrom('a', 'é', '€', '😀', '\ud83d', '\ude00', '{', '0', '\u2028'), maxLength: 80 })
)

t.test('literal frames of messages', async (t) => {
  const cases: Array<[string, number, string[]]> = [
    ['', 4, ['0']],
    ['a', 4, ['0a']],
    ['abcd', 4, ['0abcd']],
    ['abcde', 4, ['1abcd', '0e']],
    ['abcdefgh', 4, ['1abcd', '0efgh']],
    ['abc', 1, ['1a', '1b', '0c']],
    ['😀', 2, ['0😀']],
    ['a😀', 2, ['1a', '0😀']],
    ['😀😀', 3, ['1😀', '0😀']],
    ['abc😀', 4, ['1abc', '0😀']],
    ['ab😀c', 4, ['1ab😀', '0c']],
    // a pair where one character is allowed goes whole
    ['😀', 1, ['0😀']],
    ['a😀b', 1, ['1a', '1😀', '0b']],
    // lone halves are nobody's pair
    ['\ud83d\ud83d', 1, ['1\ud83d', '0\ud83d']],
    ['\ude00\ud83d\ude00', 2, ['1\ude00', '0\ud83d\ude00']]
  ]
  for (const [text, size, frames] of cases) t.same(encodeSegments(text, size), frames, `${JSON.stringify(text)} by ${size}`)
})

t.test('frames that come in', async (t) => {
  const decode = segmentedDecoder(100)
  const cases: Array<[string, object]> = [
    ['0', message('')],
    ['0{}', message('{}')],
    ['1a', more],
    ['1', more],
    ['2', { ping: '' }],
    ['2p€', { ping: 'p€' }],
    ['1b', more],
    ['3', { pong: '' }],
    ['3stray', { pong: 'stray' }],
    ['0c', message('abc')],
    ['00', message('0')],
    ['11', more],
    ['0', message('1')]
  ]
  for (const [frame, inbound] of cases) t.same(decode(frame), inbound, frame)
})

t.test('frames that end the connection', async (t) => {
  const cases: Array<[string, number, string]> = [
    ['', 4400, 'unknown segment header'],
    ['4', 4400, 'unknown segment header'],
    ['x0{}', 4400, 'unknown segment header'],
    ['\ufeff0{}', 4400, 'unknown segment header'],
    ['{"type":"request"}', 4406, 'this connection is segmented; connect with ?framing=plain'],
    [' {}', 4406, 'this connection is segmented; connect with ?framing=plain']
  ]
  for (const [frame, code, reason] of cases) t.throws(() => segmentedDecoder(100)(frame), { name: 'ProtocolFault', close: { code, reason } }, JSON.stringify(frame))
})

t.test('the limit counts the bytes of the whole message', async (t) => {
  const decode = segmentedDecoder(6)
  const tooLarge = { name: 'ProtocolFault', close: { code: 1009 } }
  t.same(decode('1€'), more)
  t.same(decode('0abc'), message('€abc'))
  t.same(decode('0abcdef'), message('abcdef'), 'the count starts anew')
  t.throws(() => segmentedDecoder(6)('0abcdefg'), tooLarge)
  t.throws(() => segmentedDecoder(6)('2abcdefg'), tooLarge)
  t.throws(() => { decode('1€'); decode('1€'); decode('0a') }, tooLarge)
  t.same(segmentedDecoder(6)('0a', 8), message('a'), 'what it may be at most is looked at')
})

t.test('the same limit whether the caller counts or not, in however many segments', async () => {
  fc.assert(fc.property(anyText, fc.integer({ min: 1, max: 20 }), fc.integer({ min: 0, max: 100 }), (text, size, limit) => {
    const frames = encodeSegments(text, size)
    const takes = (bytes: (frame: string) => number | undefined) => {
      const decode = segmentedDecoder(limit)
      try {
        for (const frame of frames) decode(frame, bytes(frame))
        return true
      } catch {
        return false
      }
    }
    const expected = frames.reduce((sum, frame) => sum + Buffer.byteLength(frame) - 1, 0) <= limit
    // a lone half at a segment's edge counts with its neighbour once they are put together
    return takes((frame) => Buffer.byteLength(frame)) === expected && (takes(() => undefined) === expected || !isWellFormed(text))
  }), { numRuns: 500 })
})

t.test('a sequence that never ends costs about its text, or nothing', async (t) => {
  const decode = segmentedDecoder(5000)
  for (let i = 0; i < 100_000; i++) decode('1')
  for (let i = 0; i < 5000; i++) t.same(decode('1x'), more)
  t.same(decode('0'), message('x'.repeat(5000)))
  t.throws(() => { for (;;) decode('1x') }, { name: 'ProtocolFault', close: { code: 1009 } })
})

t.test('halves of a pair that a peer cut are taken as they arrive', async (t) => {
  // the stock JavaScript client cuts anywhere; over UTF-8 each half becomes a replacement character
  const decode = segmentedDecoder(100)
  const overTheWire = (frame: string) => Buffer.from(frame).toString()
  t.same(decode(overTheWire('1"\ud83d')), more)
  t.same(decode(overTheWire('0\ude00"')), message('"\ufffd\ufffd"'))
})

t.test('any text in any size comes out as it went in', async (t) => {
  fc.assert(fc.property(fc.array(anyText, { maxLength: 5 }), fc.integer({ min: 1, max: 90 }), (texts, size) => {
    const decode = segmentedDecoder(1000)
    for (const text of texts) {
      const frames = encodeSegments(text, size)
      const received: Inbound[] = frames.map((frame) => decode(frame))
      t.same(received.pop(), message(text))
      t.ok(received.every((inbound) => inbound.text === undefined && inbound.ping === undefined))
      for (const frame of frames) {
        t.ok(frame.length - 1 <= Math.max(size, 2), 'no longer than allowed')
        t.ok(frame.length > 1 || frames.length === 1, 'no empty segment')
      }
      // no pair is cut: what is well-formed stays so in every frame
      if (isWellFormed(text)) t.ok(frames.every(isWellFormed))
    }
  }), { numRuns: 300 })
})

t.test('whatever arrives is a message, a control frame or a fault', async () => {
  const frame = fc.tuple(fc.constantFrom('0', '1', '1', '2', '3', '', '4', '{', '\0'), anyText).map(([header, text]) => header + text)
  fc.assert(fc.property(fc.array(frame, { maxLength: 30 }), (frames) => {
    const decode = segmentedDecoder(300)
    let expected = ''
    for (const frame of frames) {
      let inbound: Inbound
      try {
        inbound = decode(frame)
      } catch (error) {
        const { name, close } = error as { name: string, close: { code: number } }
        return name === 'ProtocolFault' && [4400, 4406, 1009].includes(close.code)
      }
      if (frame[0] === '0' || frame[0] === '1') expected += frame.slice(1)
      if (inbound.text !== undefined) {
        if (inbound.text !== expected || Buffer.byteLength(expected) > 300) return false
        expected = ''
      }
    }
    return true
  }), { numRuns: 500 })
})
