/** @fastify/websocket with one `fast-json-patch` diff for each connection, against what that connection was last sent. */
import Fastify from 'fastify'
import websocket from '@fastify/websocket'
import fastJsonPatch from 'fast-json-patch'
import { patchOfWhole } from '../fixtures.ts'

/** @type {import('./contract.ts').Start} */
export default async function start ({ plant, ticks }) {
  let state = plant
  const connections = new Map()
  const app = Fastify()
  await app.register(websocket)
  app.get('/ws', { websocket: true }, (socket) => {
    connections.set(socket, state)
    socket.on('close', () => connections.delete(socket))
    socket.on('message', (message) => {
      const { id, data } = JSON.parse(message)
      socket.send(JSON.stringify({ type: 'response', id, success: true, data }))
    })
    socket.send(JSON.stringify({ type: 'state', diff: patchOfWhole(state) }))
  })
  await app.listen({ host: '127.0.0.1', port: 0 })

  return {
    port: app.server.address().port,
    tick (index) {
      const devices = { ...state.devices }
      for (const { device, temp } of ticks[index]) devices[device] = { ...devices[device], temp }
      state = { devices }
      for (const [socket, last] of connections) {
        socket.send(JSON.stringify({ type: 'state', diff: fastJsonPatch.compare(last, state) }))
        connections.set(socket, state)
      }
    }
  }
}
