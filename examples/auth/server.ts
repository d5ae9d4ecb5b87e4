/**
 * Users and passwords: everybody in the file sees the valve, the operator alone moves it. Run it:
 * node --import=tsx examples/auth/server.ts, and log in as operator/operate or viewer/view.
 *
 * Change the file while it runs: new users get in, and who was removed is shown out.
 */
import { fileURLToPath } from 'node:url'
import Fastify from 'fastify'
import juggler, { createState, JugglerError } from 'fastify-juggler'

const here = (path: string): URL => new URL(path, import.meta.url)

const valve = createState({ open: 0, movedBy: null as string | null })
const app = Fastify({ logger: true })

await app.register(juggler, {
  state: valve,
  staticDir: here('public/'),
  // beside the folder that is served, never in it
  htpasswdFile: fileURLToPath(here('htpasswd')),
  // the defence against other names for this machine (DNS rebinding)
  allowedHosts: ['localhost', '127.0.0.1', '[::1]']
})

app.juggler.onConnection(async (connection) => {
  await connection.notify('welcome', connection.request.jugglerUser)
})

app.juggler.handle('valve/move', (connection, data) => {
  const user = connection.request.jugglerUser ?? null
  if (user !== 'operator') throw new JugglerError({ code: 'FORBIDDEN' }, 'only the operator moves the valve')
  if (typeof data !== 'number' || !(data >= 0 && data <= 100)) throw new JugglerError({ code: 'RANGE' }, 'not a percentage')
  valve.set('', { open: data, movedBy: user })
})

// Routes of the app are behind the same login …
app.get('/api/valve', () => valve.data)
// … unless they say that they are not
app.get('/health', { config: { juggler: { auth: false } } }, () => ({ up: true }))

await app.listen({ port: Number(process.env['PORT'] ?? 8080) })
