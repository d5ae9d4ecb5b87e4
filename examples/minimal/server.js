/** The smallest app: a state, a request, a REST route and a page. Run it: node examples/minimal/server.js */
import Fastify from 'fastify'
import juggler, { createState } from 'fastify-juggler'

const plant = createState({ pumps: { 7: { speed: 1450 } } })
const app = Fastify({ logger: true })

await app.register(juggler, { state: plant, staticDir: new URL('public/', import.meta.url) })

app.juggler.handle('pump/set', (connection, { id, speed }) => {
  plant.set(`/pumps/${id}/speed`, speed)
  return { ok: true }
})
app.get('/api/pumps', () => plant.get('/pumps'))

await app.listen({ port: Number(process.env.PORT ?? 8080) })
