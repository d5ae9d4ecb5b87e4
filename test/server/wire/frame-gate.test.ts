import t from 'tap'
import type { WebSocket } from 'ws'
import { newCost } from '../../../lib/server/operations/monitor.ts'
import { DeflateMemory } from '../../../lib/server/wire/deflate-memory.ts'
import { EncodedMessage, messageEncoding } from '../../../lib/server/wire/encoded-message.ts'
import type { MessageEncoding } from '../../../lib/server/wire/encoded-message.ts'
import { FrameGate } from '../../../lib/server/wire/frame-gate.ts'
import { HeldSocket } from '../../helpers/server/held-socket.ts'
import { receivedRemembering } from '../../helpers/server/received.ts'

const remembering = messageEncoding('plain', 0, true, true)
const forgetting = messageEncoding('plain', 0, true)

class Gate extends FrameGate {
  readonly isOpen = true
  readonly written: Buffer[] = []
  constructor (encoding: MessageEncoding) {
    super({} as WebSocket, new HeldSocket(true), 1e6, 0, encoding)
  }

  send (message: EncodedMessage, single?: boolean): boolean {
    const buffers = this.encode(message, single)
    this.written.push(...buffers ?? [])
    return buffers !== undefined
  }

  opened (): void {}
  unanswered (): void {}
  grew (): void {}
  roundTrip (): void {}
}

const memory = new DeflateMemory()
const text = (i: number): string => `{"type":"state","diff":[{"op":"replace","path":"/devices/${i}/value","value":${i}.5}]}`
function state (text: string, isOfStream = true): EncodedMessage {
  const message = new EncodedMessage(text, newCost(0), 1)
  if (isOfStream) message.memory = memory
  return message
}

t.test('in whatever order messages of the stream and others come, each refers to what the peer has', async (t) => {
  const [first, second] = [new Gate(remembering), new Gate(remembering)]
  const messages = Array.from({ length: 12 }, (_, i) => state(text(i)))
  const own = state(text(100).padEnd(600), false)
  const answer = new EncodedMessage(JSON.stringify({ type: 'response', id: 1, success: true, data: 'x'.repeat(500) }))
  for (const [i, message] of messages.entries()) {
    first.send(message)
    if (i % 3 !== 1) second.send(message)
    if (i % 4 === 2) second.send(own)
    if (i % 4 === 3) second.send(answer)
  }
  t.same(await receivedRemembering(first.written), messages.map(({ text }) => text))
  t.equal((await receivedRemembering(second.written)).length, 8 + 3 + 3)
  t.ok(first.written.slice(1).every(({ length }) => length < 35), String(first.written.map(({ length }) => length)))
})

t.test('only the state is deflated', async (t) => {
  const gate = new Gate(remembering)
  gate.send(new EncodedMessage('a'.repeat(1000)))
  t.equal(gate.written[0]!.length, 1004)
  gate.send(state('a'.repeat(1000), false))
  t.ok(gate.written[1]!.length < 50)
})

t.test('who forgets gets each by itself, as ever', async (t) => {
  const gate = new Gate(forgetting)
  gate.send(state(text(1)))
  gate.send(state(text(2).padEnd(400)))
  t.equal(gate.written[0]!.toString('latin1', 2), text(1), 'short ones are not deflated')
  t.ok(gate.written[1]!.length < 120)
})

t.test('what is more than one buffer is not taken as one, and leaves the window as it is', async (t) => {
  const gate = new Gate(messageEncoding('segmented', 1000, true, true))
  gate.send(state(text(1)))
  const large = new EncodedMessage(Array.from({ length: 70_000 }, (_, i) => i * 7919 % 100_003).join(), newCost(0), 1)
  t.equal(gate.send(large, true), false)
  gate.send(state(text(2)))
  gate.send(large)
  gate.send(state(text(3)))
  const received = await receivedRemembering(gate.written)
  t.same([received[0], received[1], received.at(-1)], [`0${text(1)}`, `0${text(2)}`, `0${text(3)}`])
})
