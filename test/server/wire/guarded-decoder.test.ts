import t from 'tap'
import { guardedDecoder, isTooSlow } from '../../../lib/server/wire/guarded-decoder.ts'

/** A decoder of segments that are ASCII, which does not say what they weigh. */
function segmented (maxPayload: number, maxSegments: number, now?: () => number) {
  const decode = guardedDecoder('segmented', { maxPayload, maxSegments }, now)
  return (segment: string) => {
    const { heap, ...inbound } = decode(segment, segment.length)
    return inbound
  }
}

t.test('a message has so many segments and no more, empty ones included', async (t) => {
  const decode = segmented(100, 3)
  for (const segments of [['1a', '1', '0b'], ['1', '1', '0'], ['0x']]) {
    for (const segment of segments.slice(0, -1)) t.same(decode(segment), {})
    t.match(decode(segments.at(-1)!), { text: String })
  }
  for (let i = 0; i < 3; i++) decode('1')
  t.same(decode('2between'), { ping: 'between' })
  t.throws(() => decode('0'), { name: 'ProtocolFault', close: { code: 4429, reason: 'a message has more than 3 segments' } })
})

t.test('a message in segments has a minute, and longer by what of it has come; pings in between win no time', async (t) => {
  let now = 5
  const decode = segmented(1_000_000, 100, () => now)
  const slow = { name: 'ProtocolFault', close: { code: 4429, reason: 'a message in segments comes too slowly' } }
  decode('1a')
  now += 60_000
  t.same(decode('0b'), { text: 'ab' }, 'in time')
  for (const late of ['1b', '0b', '2ping', '3']) {
    const decode = segmented(1_000_000, 100, () => now)
    decode('1a')
    now += 30_000
    decode('2')
    now += 30_010
    t.throws(() => decode(late), slow, late)
  }
  const large = segmented(1_000_000, 100, () => now)
  large(`1${'x'.repeat(400_000)}`)
  now += 60_000 + 100_000
  t.same(large('1y'), {}, 'the slowest line brings 4 bytes a millisecond')
  now += 1000
  t.throws(() => large('0z'), slow)
  const idle = segmented(100, 100, () => now)
  idle('0a')
  now += 1e9
  t.same(idle('0b'), { text: 'b' }, 'time between messages is nobody\'s')
})

t.test('a message has a minute, and as long as it takes on the slowest line', async (t) => {
  t.equal(isTooSlow(0, 60_000), false)
  t.equal(isTooSlow(0, 60_001), true)
  t.equal(isTooSlow(4_000_000, 1_060_000), false)
  t.equal(isTooSlow(4_000_000, 1_060_001), true)
})

t.test('it says how much heap a text takes, whole or in part', async (t) => {
  const limits = { maxPayload: 1000, maxSegments: 100 }
  const decode = guardedDecoder('segmented', limits)
  t.same(decode('1abc', 4), { heap: 3 })
  t.same(decode('1\u20ac', 4), { heap: 8 }, 'what is not ASCII may take two bytes a character')
  t.same(decode('0d', 2), { text: 'abc\u20acd', heap: 10 })
  t.same(decode('0d', 2), { text: 'd', heap: 1 })
  const plain = guardedDecoder('plain', limits)
  t.same(plain('{}', 2), { text: '{}', heap: 2 })
  t.same(plain('{"\u20ac":1}', 9), { text: '{"\u20ac":1}', heap: 14 })
})
