import t from 'tap'
import { EncodedMessage } from '../../../lib/server/wire/encoded-message.ts'
import { MessageQueue } from '../../../lib/server/wire/message-queue.ts'

t.test('messages leave in the order in which they came', async (t) => {
  const queue = new MessageQueue()
  t.equal(queue.head, undefined)
  const frames = ['a', 'b', 'c'].map((text) => new EncodedMessage(text))
  queue.push(frames[0]!, 1, undefined)
  queue.push(frames[1]!, 1, undefined)
  t.equal(queue.head?.encoded, frames[0])
  queue.shift()
  queue.push(frames[2]!, 1, undefined)
  t.equal(queue.head?.encoded, frames[1])
  queue.shift()
  t.equal(queue.head?.encoded, frames[2])
  queue.shift()
  t.equal(queue.head, undefined)
  queue.push(frames[0]!, 1, undefined)
  t.equal(queue.head?.encoded, frames[0], 'an emptied queue can be used again')
})

t.test('what is on its way does not count', async (t) => {
  const queue = new MessageQueue()
  queue.push(new EncodedMessage('a'), 10, undefined)
  queue.push(new EncodedMessage('b'), 0, undefined)
  queue.push(new EncodedMessage('c'), 7, undefined)
  t.equal(queue.bytes, 17)
  queue.start([Buffer.from('x')])
  t.equal(queue.bytes, 7)
  queue.shift()
  queue.start([])
  t.equal(queue.bytes, 7)
})
