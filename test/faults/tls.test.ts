/** What can go wrong with TLS: handshakes that stall, records that are cut or wrong, ends without a word. */
import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect as connectSecure } from 'node:tls'
import t from 'tap'
import type { Test } from 'tap'
import { makeCertificate } from '../helpers/certificate.ts'
import { Link } from '../helpers/faults/link.ts'
import { Plant, noticed } from '../helpers/faults/plant.ts'

const { key, cert } = await makeCertificate()
const handshakeTimeout = 1000
const plant = await Plant.start(t, { scheme: 'wss', https: { key, cert, handshakeTimeout }, client: { tls: { ca: cert } } })
const link = await Link.start(t, plant.port)
const url = `wss://127.0.0.1:${link.port}/ws?`
/** Both versions; each side may have its own idea of how it ends. */
const versions = ['TLSv1.2', 'TLSv1.3'] as const

/** A connection by TCP alone, which ends with the test. */
async function dial (t: Test) {
  const socket = connect({ port: plant.port, host: '127.0.0.1', allowHalfOpen: true })
  t.teardown(() => { socket.destroy() })
  socket.on('error', () => {}).resume()
  await once(socket, 'connect')
  return socket
}

for (const version of versions) {
  const tls = { ca: cert, minVersion: version, maxVersion: version }
  t.test(`${version}: the stream ends without close_notify, on the way to the server`, async (t) => {
    const victim = await plant.victim(url, { tls })
    link.endUpwards()
    t.equal(await victim.ask('lost'), 1006)
    await plant.rests(t, [victim])
  })

  t.test(`${version}: cut in the middle of a record`, async (t) => {
    const victim = await plant.victim(url, { tls })
    // within the handshake, within the answer to the upgrade, within the first state
    link.resets.push(3, 500, 1500)
    link.reset()
    t.equal(await victim.ask('lost'), 1006)
    await plant.rests(t, [victim])
    t.same(link.resets, [], 'all of them happened')
  })

  t.test(`${version}: bytes that are no record, in both directions`, async (t) => {
    for (const direction of ['up', 'down'] as const) {
      const victim = await plant.victim(url, { tls })
      link.inject(direction, Buffer.from('GET / HTTP/1.1\r\n\r\n'))
      t.equal(await victim.ask('lost'), 1006, direction)
      await plant.rests(t, [victim])
    }
  })
}

t.test('TLS 1.2: a client asks for a new handshake, again and again', async (t) => {
  const socket = connectSecure({ port: plant.port, host: '127.0.0.1', ca: cert, maxVersion: 'TLSv1.2' })
  t.teardown(() => { socket.destroy() })
  socket.on('error', () => {}).resume()
  await once(socket, 'secureConnect')
  let refused = 0
  for (let i = 0; i < 10 && !socket.destroyed; i++) {
    await Promise.race([
      new Promise<void>((resolve) => {
        socket.renegotiate({}, (error) => {
          if (error !== null) refused++
          resolve()
        })
      }),
      once(socket, 'close')
    ]).catch(() => { refused++ })
  }
  t.ok(refused > 0 || socket.destroyed, 'it is not given ten of them')
  socket.destroy()
  await plant.rests(t)
})

t.test('handshakes that stall: without a byte, within the first record', async (t) => {
  const sockets = [await dial(t), await dial(t), await dial(t)]
  sockets[1]!.write(Buffer.from('160301', 'hex'))
  sockets[2]!.write(Buffer.from('16030100c8010000c40303', 'hex'))
  const start = performance.now()
  await Promise.all(sockets.map((socket) => once(socket, 'end').catch(() => {})))
  const took = performance.now() - start
  t.ok(took < handshakeTimeout + noticed, `they were ended after ${Math.round(took)} ms`)
  for (const socket of sockets) socket.destroy()
  await plant.rests(t)
})

t.test('what is no TLS at all', async (t) => {
  for (const bytes of ['GET /ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n', 'SSH-2.0-x\r\n', '\0'.repeat(1000), '\x16\x03\x01\xff\xff' + 'x'.repeat(70_000)]) {
    const socket = await dial(t)
    const ended = Promise.race([once(socket, 'end'), once(socket, 'close')]).catch(() => {})
    socket.write(bytes, 'latin1')
    await Promise.race([ended, sleep(handshakeTimeout + noticed)])
    t.ok(socket.readableEnded || socket.destroyed, JSON.stringify(bytes.slice(0, 8)))
    socket.destroy()
  }
  await plant.rests(t)
})
