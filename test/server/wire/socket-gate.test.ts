import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { connect as connectTls, createServer as createTlsServer } from 'node:tls'
import t from 'tap'
import { SocketGate } from '../../../lib/server/wire/socket-gate.ts'
import { makeCertificate } from '../../helpers/certificate.ts'
import { HeldSocket, turn } from '../../helpers/server/held-socket.ts'

class Gate extends SocketGate {
  openings = 0
  grown = 0
  protected override opened (): void {
    this.openings++
  }

  protected override grew (bytes: number): void {
    this.grown += bytes
  }

  send (length: number): void {
    this.write(Buffer.alloc(length), 1)
  }

  control (length: number): void {
    this.writeControl(Buffer.alloc(length))
  }

  get state (): string {
    return this.isJammed ? 'jammed' : this.isShut ? 'shut' : 'open'
  }
}

t.test('it shuts at the limit, and opens when the write that crossed it has left', async (t) => {
  const socket = new HeldSocket()
  const gate = new Gate(socket, 100)
  t.equal(gate.untouched, true)
  gate.send(99)
  t.same([gate.state, gate.untouched], ['open', false])
  gate.send(1)
  t.equal(gate.state, 'shut')
  await socket.leave()
  t.same([gate.state, gate.openings], ['shut', 0])
  await socket.leave()
  t.same([gate.state, gate.openings], ['open', 1])
})

t.test('of several writes that crossed, the last decides unless there is room before', async (t) => {
  const socket = new HeldSocket()
  const gate = new Gate(socket, 100)
  gate.send(150)
  gate.send(60)
  gate.send(60)
  await socket.leave()
  t.equal(gate.state, 'shut', '120 left')
  await socket.leave()
  t.equal(gate.state, 'open', '60 left')
  await socket.leave()
  t.same([gate.state, gate.openings], ['open', 1])
})

t.test('what the kernel takes at once never shuts it', async (t) => {
  const gate = new Gate(new HeldSocket(true), 100)
  gate.send(1000)
  t.equal(gate.state, 'open')
  await turn()
  t.equal(gate.openings, 0)
})

t.test('control frames neither shut it nor keep it shut, and have their own bound', async (t) => {
  const socket = new HeldSocket()
  const gate = new Gate(socket, 100)
  gate.control(1000)
  t.same([gate.state, gate.untouched], ['open', true])
  gate.send(1)
  t.equal(gate.state, 'shut')
  gate.control(20_000)
  t.equal(gate.state, 'jammed')
  await socket.leave()
  await socket.leave()
  t.equal(gate.state, 'open')
})

t.test('a write that fails does not open it', async (t) => {
  const socket = new HeldSocket()
  const gate = new Gate(socket, 100)
  gate.send(50)
  gate.send(100)
  await socket.fail()
  t.same([gate.state, gate.openings], ['shut', 0])
})

t.test('progress: some of what is held has left since the last look, and some is still there', async (t) => {
  const socket = new HeldSocket()
  const gate = new Gate(socket, 1000)
  t.equal(gate.progressed(), false, 'nothing is held')
  gate.send(10)
  gate.send(10)
  gate.send(10)
  t.equal(gate.progressed(), false, 'nothing has left')
  await socket.leave()
  t.equal(gate.progressed(), true)
  t.equal(gate.progressed(), false, 'not since the last look')
  await socket.leave()
  await socket.leave()
  t.equal(gate.progressed(), false, 'all has left')
})

for (const kind of ['TCP', 'TLS']) {
  t.test(`progress within one write that is larger than the system takes at once: ${kind}`, async (t) => {
    const server = kind === 'TCP' ? createServer() : createTlsServer(await makeCertificate())
    t.teardown(() => server.close())
    const accepted = once(server, kind === 'TCP' ? 'connection' : 'secureConnection')
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const { port } = server.address() as AddressInfo
    const client = kind === 'TCP' ? connect(port) : connectTls({ port, rejectUnauthorized: false })
    t.teardown(() => client.destroy())
    const [socket] = await accepted as [Socket]
    t.teardown(() => socket.destroy())
    const gate = new Gate(socket, 1000)
    const length = 64 * 1048576
    gate.send(length)
    // Node 26 hands to TLS what it writes in a turn of its own.
    await once(client, 'readable')
    while (gate.progressed()) await turn()
    t.equal(gate.progressed(), false, 'nobody reads')
    let taken = 0
    for await (const chunk of client) {
      taken += (chunk as Buffer).length
      if (taken > length / 2) break
    }
    t.equal(socket.writableLength, length, 'for the stream all of it is still there')
    t.equal(gate.progressed(), true)
  })
}

t.test('control frames beyond their own bound shut it, and it opens when they have left', async (t) => {
  const socket = new HeldSocket()
  const gate = new Gate(socket, 100)
  gate.control(100 + 16 * 1024)
  t.equal(gate.state, 'open')
  gate.control(1)
  t.equal(gate.state, 'jammed')
  await socket.leave()
  await socket.leave()
  t.same([gate.state, gate.openings], ['open', 1])
})

t.test('what the system does not take is known by its buffers until it has left', async (t) => {
  const socket = new HeldSocket()
  const gate = new Gate(socket, 1000)
  gate.send(10)
  gate.send(20)
  t.same(gate.unsentBuffers.map(({ length }) => length), [10, 20])
  t.equal(gate.grown, 30)
  await socket.leave()
  t.same(gate.unsentBuffers.map(({ length }) => length), [20])
  await socket.leave(true)
  t.same(gate.unsentBuffers, [])
  gate.send(30)
  t.same(gate.unsentBuffers, [], 'it was taken at once')
  t.equal(gate.grown, 30)
})
