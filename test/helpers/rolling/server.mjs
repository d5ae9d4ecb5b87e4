/** One of two servers: its state changes ten times a second, and SIGTERM has it drain and close, as docs/operations.md has it. */
import Fastify from 'fastify'
import juggler, { createState } from 'fastify-juggler'

const app = Fastify()
const state = createState({ server: process.pid, tick: 0 })
await app.register(juggler, { state, autoflushDelay: 50 })
app.juggler.handle('start', { once: true }, async (_connection, id) => {
  process.send({ ran: id })
  await new Promise((resolve) => setTimeout(resolve, 30))
  return id
})
app.get('/ready', { config: { juggler: { auth: false } } }, async (_request, reply) => {
  if (!app.juggler.ready()) reply.code(503)
  return { ready: app.juggler.ready() }
})
const ticking = setInterval(() => state.update((draft) => { draft.tick++ }), 100)
process.once('SIGTERM', async () => {
  await app.juggler.drain({ over: 1000 })
  clearInterval(ticking)
  await app.close()
  process.disconnect()
})
await app.listen({ port: 0, host: '127.0.0.1' })
process.send({ port: app.server.address().port })
