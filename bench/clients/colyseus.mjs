/** The SDK of Colyseus, which reads the schema from the server. */
import { Client } from '@colyseus/sdk'

/** @type {import('./host.ts').Connect} */
export default async function connect (port) {
  const room = await new Client(`ws://127.0.0.1:${port}`).joinOrCreate('plant')
  return () => room.state
}
