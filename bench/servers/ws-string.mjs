/** Baseline: bare `ws` broadcasting a string that is ready beforehand. No state, no diff, no serialisation. */
import { WebSocket, WebSocketServer } from 'ws'
import { once } from 'node:events'
import { patchOf, patchOfWhole } from '../fixtures.ts'

/** @type {import('./contract.ts').Start} */
export default async function start ({ plant, ticks, ready, compression }) {
  const whole = JSON.stringify({ type: 'state', diff: patchOfWhole(plant) })
  const messageOf = (changes) => JSON.stringify({ type: 'state', diff: patchOf(changes) })
  const messages = ready ? ticks.map(messageOf) : []
  const server = new WebSocketServer({
    host: '127.0.0.1',
    port: 0,
    // With context takeover each connection holds its own compressor, several times slower to set up.
    perMessageDeflate: compression !== false && { serverNoContextTakeover: compression === true, clientNoContextTakeover: true }
  })
  server.on('connection', (socket) => {
    socket.send(whole)
    socket.on('message', (message) => {
      const { id, data } = JSON.parse(message)
      socket.send(JSON.stringify({ type: 'response', id, success: true, data }))
    })
  })
  await once(server, 'listening')

  return {
    port: server.address().port,
    tick (index) {
      const message = messages[index] ?? messageOf(ticks[index])
      for (const client of server.clients) {
        if (client.readyState === WebSocket.OPEN) client.send(message)
      }
    }
  }
}
