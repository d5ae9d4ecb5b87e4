/**
 * One state, three kinds of viewers: the operator sees the plant, a guest what is public of it, a tenant its own hall.
 * Run it: node --import=tsx examples/views/server.ts, and open /index.html?as=operator, ?as=guest or ?as=north.
 *
 * Who somebody is comes from the address here, so that it can be tried. An app asks its session or its login.
 */
import Fastify from 'fastify'
import juggler, { createState, derive, JugglerError } from 'fastify-juggler'

interface Pump { hall: string, speed: number, service: string }

const plant = createState({
  name: 'Plant 4',
  pumps: {
    p1: { hall: 'north', speed: 1450, service: 'seal worn, 12 May' },
    p2: { hall: 'north', speed: 0, service: 'fine' },
    p3: { hall: 'south', speed: 900, service: 'bearing hot' }
  } as Record<string, Pump>,
  halls: { north: { power: 12.5, tenant: 'Ann & Co' }, south: { power: 7.25, tenant: 'Ben Ltd' } },
  alarms: ['p3: bearing hot']
})

/** What patterns cannot say, since it is the value that counts: the pumps of a hall. Computed once for all who see it. */
const pumpsOf = (hall: string) => derive(plant, (pump) => pump.hall === hall ? pump : undefined, { each: '/pumps' })
const tenants = { north: pumpsOf('north'), south: pumpsOf('south') }

const app = Fastify({ logger: true })

await app.register(juggler, {
  staticDir: new URL('public/', import.meta.url),
  state: plant,
  view: ({ query }) => (query as { as?: string }).as ?? 'guest',
  views: {
    operator: { allow: ['/**'] },
    // everything of the pumps but what their service says, and no tenants
    guest: { allow: ['/name', '/pumps', '/halls/*/power'], deny: ['/pumps/*/service'] },
    north: { allow: ['/name', '/halls/north'] },
    south: { allow: ['/name', '/halls/south'] }
  }
})

app.juggler.handle('speed', ({ view }, data) => {
  const { pump, speed } = data as { pump: string, speed: number }
  // Who does not see all of a pump does not move it.
  if (!view.allows(['pumps', pump])) throw new JugglerError({ code: 'FORBIDDEN' }, 'this pump is not yours')
  plant.set(['pumps', pump, 'speed'], Number(speed))
})

// The same rules hold for a route beside the WebSocket.
app.get('/api/plant', async (request, reply) => reply.type('application/json').send((await app.juggler.viewOf(request)).stringify()))

// A second WebSocket, of the pumps of one hall alone.
await app.register(juggler, {
  name: 'tenant',
  wsPath: '/tenant',
  state: ({ query }) => {
    const { as } = query as { as?: string }
    if (as !== 'north' && as !== 'south') throw Object.assign(new Error('tenants only'), { statusCode: 403 })
    return tenants[as]
  }
})

await app.listen({ port: Number(process.env['PORT'] ?? 8080) })
