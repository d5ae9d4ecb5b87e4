/** fastify-juggler as it is published, with its defaults but for the window: 50 sets a tick, sent 1 ms later as one diff. */
import Fastify from 'fastify'
import juggler, { createState } from '../../dist/lib/index.js'
import { Places } from '../../dist/lib/server/sync/places.js'

const epochOf = (state) => Places.of(state).epoch

/**
 * @param {import('../../dist/types/options.js').FastifyJugglerOptions} timing
 * @returns {import('./contract.ts').Start}
 */
export const serve = (timing) => async ({ plant, ticks, compression }) => {
  const state = createState(plant)
  const app = Fastify()
  await app.register(juggler, { state, compression: compression !== false, ...timing })
  app.juggler.handle('echo', (connection, data) => data)
  const pump = { type: 'object', properties: { id: { type: 'integer' }, on: { type: 'boolean' } }, required: ['id', 'on'], additionalProperties: false }
  app.juggler.handle('checked', { schema: { data: pump, result: pump } }, (connection, data) => data)
  app.juggler.handle('once', { once: true }, (connection, data) => data)
  await app.listen({ host: '127.0.0.1', port: 0 })

  return {
    port: app.server.address().port,
    tick (index) {
      for (const { device, temp } of ticks[index]) state.set(['devices', device, 'temp'], temp)
    },
    place: () => `epoch=${epochOf(state)}&revision=${state.revision}`,
    sent: () => app.juggler.stats().traffic.bytesSent
  }
}

export default serve({ autoflushDelay: 1 })
