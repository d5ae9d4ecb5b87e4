import t from 'tap'
import type { WebSocket } from 'ws'
import { messageEncoding } from '../../../lib/server/wire/encoded-message.ts'
import type { MessageEncoding } from '../../../lib/server/wire/encoded-message.ts'
import { PingGate } from '../../../lib/server/wire/ping-gate.ts'
import { HeldSocket, turn } from '../../helpers/server/held-socket.ts'
import { received } from '../../helpers/server/received.ts'

class Gate extends PingGate {
  encoding: MessageEncoding | undefined
  isOpen = true
  roundTrips: number[] = []

  constructor (socket: HeldSocket, framing: 'plain' | 'segmented') {
    super({ ping () { socket.write(Buffer.from([0x89, 0])) } } as unknown as WebSocket, socket, 1000, 30_000)
    this.encoding = messageEncoding(framing, 100, false)
  }

  opened () { this.flushPong() }
  unanswered () {}
  grew () {}
  roundTrip (ms: number) { this.roundTrips.push(ms) }
  send (bytes: number) { this.write(Buffer.concat([Buffer.from([0x81, 126, bytes >> 8, bytes & 255]), Buffer.alloc(bytes, 'x')]), 1) }
  probe () { this.sendProbe() }
}

const setUp = (framing: 'plain' | 'segmented', isOpen = true) => {
  const socket = new HeldSocket(isOpen)
  return { gate: new Gate(socket, framing), socket, texts: () => received(socket.writes) }
}

t.test('a ping is that of the framing, and its answer tells how long it took', async (t) => {
  const plain = setUp('plain')
  plain.gate.ping()
  t.same(plain.socket.writes, [Buffer.from([0x89, 0])])
  plain.gate.answered('')
  t.match(plain.gate.roundTrips, [Number])
  plain.gate.answered('')
  t.equal(plain.gate.roundTrips.length, 1, 'an answer to nothing tells nothing')
  const segmented = setUp('segmented')
  segmented.gate.ping()
  t.same(await segmented.texts(), ['2'])
  segmented.gate.probe()
  segmented.gate.answered('')
  t.same(segmented.gate.roundTrips, [], 'it is an older ping that was answered')
  const [, probe] = await segmented.texts()
  segmented.gate.answered(probe!.slice(1))
  t.match(segmented.gate.roundTrips, [Number])
})

t.test('pings and pongs pass the gate, pongs to a peer that reads none are bounded', async (t) => {
  const { gate, socket, texts } = setUp('segmented', false)
  gate.send(1000)
  gate.ping()
  for (let i = 0; i < 10_000; i++) gate.pong(`${i}`.padStart(100))
  t.ok(socket.writableLength < 20_000)
  await socket.leave(true)
  const frames = await texts()
  t.equal(frames[1], '2')
  t.equal(frames.at(-1), '3' + '9999'.padStart(100), 'the newest is answered in the end')
})

t.test('a flood of pings is not answered one by one', async (t) => {
  const { gate, socket, texts } = setUp('segmented')
  for (let i = 0; i < 1000; i++) gate.pong(`${i}`)
  await turn()
  t.equal(socket.writes.length, 17)
  t.equal((await texts()).at(-1), '3999', 'the newest is')
  gate.pong('next')
  await turn()
  t.equal((await texts()).at(-1), '3next')
  gate.isOpen = false
  gate.pong('late')
  gate.ping()
  t.equal(socket.writes.length, 18, 'nothing where nothing may be sent any more')
})
