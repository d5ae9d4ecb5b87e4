/** `ws` and `fast-json-patch`: the client that an application would write for itself. */
import fastJsonPatch from 'fast-json-patch'
import { WebSocket } from 'ws'
import { once } from 'node:events'

/** @type {import('./host.ts').Connect} */
export default async function connect (port) {
  let state = null
  const socket = new WebSocket(`ws://127.0.0.1:${port}/ws`)
  socket.on('message', (message) => {
    state = fastJsonPatch.applyPatch(state, JSON.parse(message).diff).newDocument
  })
  await once(socket, 'open')
  return () => state
}
