/**
 * A pump station under a contract. Run it: node --import=tsx examples/contract/server.ts, then open its address;
 * client.ts beside it does the same from Node. The contract as an AsyncAPI document is at /asyncapi.json.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import Fastify from 'fastify'
import juggler, { createState, JugglerError } from 'fastify-juggler'
import { contract } from './contract.ts'
import type { Station } from './contract.ts'

const here = (path: string): URL => new URL(path, import.meta.url)
const nominal = 1450

const station = createState<Station>({
  station: 'Riverside',
  pumps: {
    6: { name: 'Inlet', running: true, speed: nominal, mode: 'auto' },
    7: { name: 'Main', running: false, speed: 0, mode: 'auto' },
    8: { name: 'Reserve', running: false, speed: 0, mode: 'hand' }
  }
})
const app = Fastify({ logger: true })
// At once: a stop need not wait for the start before it.
await app.register(juggler, { state: station, staticDir: here('public/'), parallelRequests: true })

/** The decorator, with the contract's types: other names, data and results do not compile. */
const panel = contract.on(app)

/** What the schema cannot know: which pumps there are. */
function pumpOf (id: number): Station['pumps'][string] {
  const pump = station.data.pumps[id]
  if (pump === undefined) throw new JugglerError({ code: 'NO_PUMP', message: `there is no pump ${id}` })
  return { ...pump }
}

/** Whose speed the start decides. */
const starting = new Set<string>()

// A press of the button starts a pump once, also where the connection is lost and the client asks again.
panel.handle('pump/start', { once: true, timeout: 10_000 }, async (_connection, { id }, { signal }) => {
  if (pumpOf(id).running || starting.has(String(id))) throw new JugglerError({ code: 'RUNNING', message: `pump ${id} is running already` })
  const began = performance.now()
  station.set(['pumps', String(id), 'running'], true)
  starting.add(String(id))
  try {
    for (let speed = 0; speed <= nominal; speed += nominal / 5) {
      station.set(['pumps', String(id), 'speed'], speed)
      await sleep(300, undefined, { signal })
      if (!pumpOf(id).running) throw new JugglerError({ code: 'STOPPED', message: `pump ${id} was stopped while it started` })
    }
  } catch (error) {
    stop(id)
    throw error
  } finally {
    starting.delete(String(id))
  }
  return { speed: nominal, took: Math.round(performance.now() - began) }
})

function stop (id: number): void {
  station.set(`/pumps/${id}`, { ...pumpOf(id), running: false, speed: 0 })
}

panel.handle('pump/stop', (_connection, { id }) => { stop(id) })

panel.handle('pump/set-speed', (_connection, { id, speed }) => {
  const { running, speed: from, ...rest } = pumpOf(id)
  if (!running || starting.has(String(id))) throw new JugglerError({ code: 'NOT_RUNNING', message: `pump ${id} does not run yet` })
  station.set(`/pumps/${id}`, { ...rest, running, speed, mode: 'hand' })
  if (speed > 2500) {
    // Behind the speed that it speaks of.
    panel.broadcast('alarm', { id, level: speed > 2800 ? 'danger' : 'warning', text: `pump ${id} runs at ${speed} 1/min` }, { flush: true })
  }
  return { from, to: speed }
})

// `mode` may be left out: the contract has a default.
panel.handle('pump/set-mode', (_connection, { id, mode = 'auto' }) => {
  station.set(`/pumps/${id}`, { ...pumpOf(id), mode })
  return mode
})

// Who asked for what, and what came of it.
panel.addHook('onResponse', (connection, { name, data, log }, { success, duration, repeated }) => {
  log.info({ remote: connection.remote, data, success, repeated, ms: Math.round(duration) }, `request ${name}`)
})

// Pumps in auto go back to their nominal speed, never quite still.
setInterval(() => {
  station.update(({ pumps }) => {
    for (const [id, pump] of Object.entries(pumps)) {
      if (pump.running && pump.mode === 'auto' && !starting.has(id)) {
        pump.speed = Math.round(pump.speed + (nominal - pump.speed) / 2 + Math.random() * 20 - 10)
      }
    }
  })
}, 1000).unref()

const document = contract.asyncapi({ title: 'Pump station', version: '1.0.0' })
app.get('/asyncapi.json', () => document)

// The page's script with the contract and the client in it, as a bundler makes it.
const { outputFiles } = await build({
  entryPoints: [fileURLToPath(here('page.ts'))], bundle: true, format: 'esm', platform: 'browser', target: 'es2022', write: false
})
app.get('/page.js', (_request, reply) => reply.type('text/javascript; charset=utf-8').send(outputFiles[0]!.text))

await app.listen({ port: Number(process.env['PORT'] ?? 8080) })
