/** Baseline: `ws` for the handshake, then frames that are ready beforehand, written as they are to each socket. */
import { Sender, WebSocketServer } from 'ws'
import { once } from 'node:events'
import { patchOf, patchOfWhole } from '../fixtures.ts'

const frameOf = (text) => Buffer.concat(Sender.frame(Buffer.from(text), {
  fin: true, opcode: 1, mask: false, readOnly: true, rsv1: false
}))

/** @type {import('./contract.ts').Start} */
export default async function start ({ plant, ticks }) {
  const whole = frameOf(JSON.stringify({ type: 'state', diff: patchOfWhole(plant) }))
  const frames = ticks.map((changes) => frameOf(JSON.stringify({ type: 'state', diff: patchOf(changes) })))
  const sockets = new Set()
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false })
  server.on('connection', (client, request) => {
    sockets.add(request.socket)
    client.on('close', () => sockets.delete(request.socket))
    request.socket.write(whole)
  })
  await once(server, 'listening')

  return {
    port: server.address().port,
    tick (index) {
      for (const socket of sockets) socket.write(frames[index])
    }
  }
}
