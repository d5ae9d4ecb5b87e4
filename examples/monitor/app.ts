/** The demo's app: one state on every screen, two requests that change it, REST routes beside it. */
import Fastify from 'fastify'
import type { FastifyServerOptions } from 'fastify'
import juggler, { JugglerError } from 'fastify-juggler'
import { alarmLimits, isMetric } from './alarms.ts'
import { assetRoutes } from './assets.ts'
import { Monitor, intervalLimits } from './monitor.ts'

export interface MonitorOptions {
  /** Milliseconds between samples. @defaultValue `1000` */
  interval?: number
  logger?: FastifyServerOptions['logger']
}

export async function buildApp ({ interval = 1000, logger = false }: MonitorOptions = {}) {
  const app = Fastify({ logger })
  const monitor = await Monitor.create(interval)
  const { state } = monitor
  app.addHook('onClose', async () => monitor.stop())
  // The page needs nothing from anywhere else, and nothing gets in that it did not bring.
  app.addHook('onSend', async (_request, reply) => {
    reply.header('content-security-policy', "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:")
  })

  await app.register(juggler, { state, staticDir: new URL('public/', import.meta.url), allowedHosts: ['localhost', '127.0.0.1', '[::1]'] })
  await app.register(assetRoutes)

  app.juggler.onConnection(async (connection) => {
    const { id, remote, request } = connection
    state.set(['connections', id], { remote, since: Date.now(), agent: browserName(request.headers['user-agent']) })
    connection.notify('welcome', { id })
    await connection.closed
    state.remove(['connections', id])
  })

  app.juggler.handle('sampling/set', (_connection, data) => {
    const wanted = numberIn(data, 'interval', intervalLimits.min, intervalLimits.max)
    monitor.interval = wanted
    return { interval: wanted }
  })

  app.juggler.handle('alarm/set', (_connection, data) => {
    const metric = member(data, 'metric')
    if (!isMetric(metric)) throw new JugglerError({ code: 'METRIC', message: `metric must be one of ${Object.keys(alarmLimits).join(', ')}` })
    const threshold = numberIn(data, 'threshold', 0, alarmLimits[metric].max)
    monitor.setThreshold(metric, threshold)
    return { metric, threshold }
  })

  // The text is what new screens get as well, made once for each revision: a poller costs next to nothing.
  app.get('/api/state', async (_request, reply) => reply.type('application/json').send(state.stringify()))
  app.get<{ Params: { '*': string } }>('/api/state/*', async (request, reply) =>
    reply.type('application/json').send(state.stringify(`/${request.params['*']}`)))

  monitor.start((crossing) => app.juggler.broadcast('alarm', crossing))
  return app
}

function member (data: unknown, name: string): unknown {
  return typeof data === 'object' && data !== null ? (data as Record<string, unknown>)[name] : undefined
}

/** What a page may ask for is checked here: the page is not the only one that can ask. */
function numberIn (data: unknown, name: string, min: number, max: number): number {
  const value = member(data, name)
  if (typeof value === 'number' && value >= min && value <= max) return value
  throw new JugglerError({ code: 'RANGE', message: `${name} must be a number from ${min} to ${max}`, min, max })
}

function browserName (agent = ''): string {
  return /(Edg|Firefox|Chrome|Safari)(?=\/)/.exec(agent)?.[1]?.replace('Edg', 'Edge') ?? 'other'
}
