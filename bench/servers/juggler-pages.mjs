/** fastify-juggler with a state of 50 devices for each page, `?page=N`: what parts of one large state are compared with. */
import Fastify from 'fastify'
import juggler, { createState } from '../../dist/lib/index.js'

const size = 50

/** @type {import('./contract.ts').Start} */
export default async function start ({ plant, ticks }) {
  const names = Object.keys(plant.devices)
  const pageOf = new Map(names.map((name, i) => [name, Math.floor(i / size)]))
  const pages = Array.from({ length: Math.ceil(names.length / size) }, (_, page) => createState({
    devices: Object.fromEntries(names.slice(page * size, (page + 1) * size).map((name) => [name, plant.devices[name]]))
  }))
  const app = Fastify()
  await app.register(juggler, { autoflushDelay: 1, state: ({ query }) => pages[Number(query.page)] })
  await app.listen({ host: '127.0.0.1', port: 0 })
  return {
    port: app.server.address().port,
    tick (index) {
      for (const { device, temp } of ticks[index]) pages[pageOf.get(device)].set(['devices', device, 'temp'], temp)
    }
  }
}
