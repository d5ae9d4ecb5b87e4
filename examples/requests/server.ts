/**
 * Requests: a long one that reports progress, stops when its client is gone, and answers with an error of its own.
 * Run it: node --import=tsx examples/requests/server.ts, and client.ts beside it.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import Fastify from 'fastify'
import juggler, { JugglerError } from 'fastify-juggler'

const app = Fastify({ logger: true })
// At once, so that a short request need not wait for the long one before it.
await app.register(juggler, { parallelRequests: true })

app.juggler.handle('job/run', async (connection, data) => {
  const steps = typeof data === 'object' && data !== null && 'steps' in data ? data.steps : undefined
  if (typeof steps !== 'number' || !(steps >= 1 && steps <= 100)) {
    // What is thrown as JugglerError reaches the client as it is; any other error only its message.
    throw new JugglerError({ code: 'STEPS', message: 'steps must be a number from 1 to 100' })
  }
  for (let step = 1; step <= steps; step++) {
    // Aborted when the connection closes: nobody waits for the rest.
    await sleep(50, undefined, { signal: connection.signal })
    // Not awaited: where the client is slow, the job does not wait for it.
    connection.notify('job/progress', { step, steps })
  }
  return { done: steps }
})

app.juggler.handle('time', () => new Date().toISOString())

// Whatever has no handler of its own.
app.juggler.onRequest((_connection, name) => {
  throw new JugglerError({ code: 'UNKNOWN', message: `there is no request called ${name}` })
})

await app.listen({ port: Number(process.env['PORT'] ?? 8080) })
