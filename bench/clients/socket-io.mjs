/** socket.io-client, applying the patches that the application's events carry. */
import fastJsonPatch from 'fast-json-patch'
import { io } from 'socket.io-client'

/** @type {import('./host.ts').Connect} */
export default async function connect (port) {
  let state = null
  const socket = io(`http://127.0.0.1:${port}`, { transports: ['websocket'], forceNew: true })
  socket.on('state', (patch) => { state = fastJsonPatch.applyPatch(state, patch).newDocument })
  await new Promise((resolve) => socket.once('connect', resolve))
  return () => state
}
