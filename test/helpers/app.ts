/** An app with the plugin, listening on a free port of the loopback interface, closed when the test ends. */
import type { AddressInfo } from 'node:net'
import Fastify from 'fastify'
import type { FastifyInstance, FastifyServerOptions } from 'fastify'
import type { Test } from 'tap'
import juggler from '../../lib/index.ts'
import type { FastifyJugglerOptions } from '../../types/options.ts'

export interface TestApp {
  app: FastifyInstance
  /** `ws://127.0.0.1:…`, without a path. */
  origin: string
}

export interface AppOptions {
  /** Options of the plugin; `false`: it is not registered. */
  juggler?: FastifyJugglerOptions | false
  fastify?: FastifyServerOptions
  /** Called before the plugin is registered. */
  before?: (app: FastifyInstance) => unknown
  /** Called after it, before listening. */
  after?: (app: FastifyInstance) => unknown
}

export async function startApp (t: Test, { juggler: options = {}, fastify = {}, before, after }: AppOptions = {}): Promise<TestApp> {
  const app = Fastify(fastify as object) as FastifyInstance
  t.teardown(() => app.close())
  await before?.(app)
  // Handlers of tests that never end would hold up each close.
  if (options !== false) await app.register(juggler, { handlerTimeout: 0, ...options })
  await after?.(app)
  await app.listen({ port: 0, host: '127.0.0.1' })
  return { app, origin: `ws://127.0.0.1:${(app.server.address() as AddressInfo).port}` }
}
