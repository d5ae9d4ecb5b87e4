/** The client of fastify-juggler. */
import { connect as connectJuggler } from '../../dist/lib/client/index.js'

/** @type {import('./host.ts').Connect} */
export default async function connect (port) {
  const client = await connectJuggler(`ws://127.0.0.1:${port}/ws`)
  return Object.assign(() => client.state.data, { isStale: () => client.stale })
}
