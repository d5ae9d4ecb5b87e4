/**
 * One state, two ways in: REST for scripts, with a schema and status codes, and live on every screen. Run it:
 * node --import=tsx examples/rest-and-ws/server.ts, then
 * curl -X PUT localhost:8080/api/lamps/hall -H 'content-type: application/json' -d '{"on":true}'
 */
import Fastify from 'fastify'
import juggler, { createState, JugglerError } from 'fastify-juggler'

type Lamps = Record<string, { on: boolean, level: number }>

const lamps = createState<{ lamps: Lamps }>({ lamps: { hall: { on: false, level: 80 }, stairs: { on: true, level: 40 } } })
const app = Fastify({ logger: true })

// Below a prefix, so that / and the rest of the app are left alone
await app.register(juggler, { state: lamps, prefix: '/live', staticDir: new URL('public/', import.meta.url) })

/** What both ways do. */
function change (name: string, lamp: Partial<Lamps[string]>): boolean {
  if (lamps.get(['lamps', name]) === null) return false
  lamps.update((draft) => { Object.assign(draft.lamps[name]!, lamp) })
  return true
}

app.get('/', (_request, reply) => reply.redirect('/live/'))
app.get('/api/lamps', () => lamps.get('/lamps'))

app.put<{ Params: { name: string }, Body: Partial<Lamps[string]> }>('/api/lamps/:name', {
  schema: {
    body: {
      type: 'object',
      properties: { on: { type: 'boolean' }, level: { type: 'integer', minimum: 0, maximum: 100 } },
      minProperties: 1,
      additionalProperties: false
    }
  }
}, async (request, reply) => {
  const { name } = request.params
  return change(name, request.body) ? lamps.get(['lamps', name]) : reply.code(404).send({ error: `no lamp called ${name}` })
})

app.juggler.handle('lamp/toggle', (_connection, name) => {
  if (typeof name !== 'string') throw new JugglerError({ code: 'NAME' })
  const lamp = lamps.get(['lamps', name]) as Lamps[string] | null
  if (lamp === null) throw new JugglerError({ code: 'UNKNOWN', name })
  change(name, { on: !lamp.on })
})

await app.listen({ port: Number(process.env['PORT'] ?? 8080) })
