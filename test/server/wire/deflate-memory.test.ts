import t from 'tap'
import { DeflateMemory } from '../../../lib/server/wire/deflate-memory.ts'
import { receivedRemembering } from '../../helpers/server/received.ts'

const text = (i: number): string => JSON.stringify({ type: 'state', diff: [{ op: 'replace', path: `/devices/${i * 37 % 1000}/value`, value: i * 1.37 }] })
const next = (memory: DeflateMemory, of: string, kind = '') => memory.next(kind, Buffer.from(of))

t.test('each refers to the one before it, for who has just that in its window', async (t) => {
  const memory = new DeflateMemory()
  const frames: Buffer[] = []
  let window = 0
  for (let i = 0; i < 50; i++) {
    const message = next(memory, text(i))
    frames.push(message.framesFor(window)[0]!)
    t.equal(message.framesFor(window)[0]!, frames.at(-1), 'the same for all of them')
    window = message.window!
  }
  t.same(await receivedRemembering(frames), Array.from({ length: 50 }, (_, i) => text(i)))
  t.ok(frames[20]!.length < 30, `${frames[20]!.length} bytes`)
})

t.test('who has something else in its window gets one message by itself, and is in step from there on', async (t) => {
  const memory = new DeflateMemory()
  const [a, b, c] = [next(memory, text(1)), next(memory, text(2)), next(memory, text(3))]
  const [late, inStep] = [c.framesFor(a.window!)[0]!, c.framesFor(b.window!)[0]!]
  t.not(late, inStep)
  t.equal(c.framesFor(0)[0]!, late)
  const d = next(memory, text(4))
  t.same(await receivedRemembering([a.framesFor(0)[0]!, late, d.framesFor(c.window!)[0]!]), [text(1), text(3), text(4)])
  t.same(await receivedRemembering([late, d.framesFor(c.window!)[0]!]), [text(3), text(4)], 'it needs nothing of what was before')
})

t.test('kinds of text have windows of their own', async (t) => {
  const memory = new DeflateMemory()
  const [a, other, b] = [next(memory, text(1)), next(memory, text(2), 'placed'), next(memory, text(3))]
  t.same(await receivedRemembering([a.framesFor(0)[0]!, b.framesFor(a.window!)[0]!]), [text(1), text(3)])
  t.same(await receivedRemembering([other.framesFor(0)[0]!]), [text(2)])
})

t.test('what does not get shorter goes as it is, and the next refers to what is before it', async (t) => {
  const memory = new DeflateMemory()
  const noise = Array.from({ length: 300 }, (_, i) => String.fromCharCode(33 + (i * i * 7919 + i * 104729) % 90)).join('')
  const [a, b] = [next(memory, text(1)), next(memory, noise)]
  const c = next(memory, text(2))
  const window = b.window ?? a.window!
  t.same(await receivedRemembering([a.framesFor(0)[0]!, b.framesFor(a.window!)[0]!, c.framesFor(window)[0]!]), [text(1), noise, text(2)])
  const random = next(memory, Buffer.from(Uint8Array.from({ length: 90 }, (_, i) => (i * 53 + 11) % 128)).toString('latin1'))
  t.ok(random.framesFor(c.window!)[0]!.length <= 2 + 90)
})

t.test('of a long message only the last 32 KB are referred to', async (t) => {
  const memory = new DeflateMemory()
  const head = 'only at the beginning, and nowhere else: 0123456789'.repeat(3)
  const long = head + Array.from({ length: 9000 }, (_, i) => `${i * 7919 % 10007}`).join()
  const [a, b, c] = [next(memory, long), next(memory, head), next(memory, head)]
  const frames = [a.framesFor(0)[0]!, b.framesFor(a.window!)[0]!, c.framesFor(b.window!)[0]!]
  t.same(await receivedRemembering(frames), [long, head, head])
  t.ok(frames[2]!.length < frames[1]!.length)
})
