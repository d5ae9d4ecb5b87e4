/** A server that ends on SIGTERM as docs/operations.md has it: by itself, or with close-with-grace. */
import closeWithGrace from 'close-with-grace'
import Fastify from 'fastify'
import juggler from 'fastify-juggler'

const app = Fastify()
await app.register(juggler)
app.juggler.handle('slow', async (_connection, ms) => {
  process.send({ running: true })
  await new Promise((resolve) => setTimeout(resolve, ms))
  return 'done'
})
if (process.argv[2] === 'grace') {
  closeWithGrace({ delay: 7000 }, () => app.close())
} else {
  for (const signal of ['SIGTERM', 'SIGINT']) {
    process.once(signal, () => { app.close().then(() => process.exit(0)) })
  }
}
await app.listen({ port: 0, host: '127.0.0.1' })
process.send({ port: app.server.address().port })
