/** Socket.IO over WebSocket alone; the application writes its patch by hand, `io.emit` encodes it once for all clients. */
import { createServer } from 'node:http'
import { once } from 'node:events'
import { Server } from 'socket.io'
import { patchOf, patchOfWhole } from '../fixtures.ts'

/** @type {import('./contract.ts').Start} */
export default async function start ({ plant, ticks, compression }) {
  const http = createServer()
  const io = new Server(http, {
    transports: ['websocket'],
    serveClient: false,
    perMessageDeflate: compression !== false && { serverNoContextTakeover: true, clientNoContextTakeover: true }
  })
  io.on('connection', (socket) => {
    socket.emit('state', patchOfWhole(plant))
    socket.on('echo', (data, reply) => reply(data))
  })
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')

  return {
    port: http.address().port,
    tick (index) {
      for (const { device, temp } of ticks[index]) plant.devices[device].temp = temp
      io.emit('state', patchOf(ticks[index]))
    }
  }
}
