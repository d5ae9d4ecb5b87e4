/** The server that stock clients are tried against: a small plant with everything the protocol has. */
import Fastify from 'fastify'
import type { FastifyInstance } from 'fastify'
import juggler, { JugglerError, createState } from '../../../lib/index.ts'
import type { JsonValue } from '../../../types/json.ts'
import type { FastifyJugglerOptions } from '../../../types/options.ts'
import type { State } from '../../../types/state.ts'

interface Test { teardown (handler: () => unknown): unknown }

export interface Plant {
  readonly app: FastifyInstance
  readonly state: State
  readonly port: number
  /** Address for a client that connects with this query. */
  url (query?: string): string
  /** Sends every connection what it does not have yet. */
  flush (): Promise<void>
}

export interface PlantOptions extends FastifyJugglerOptions {
  /** What the state begins with. */
  initial?: JsonValue
  /** @defaultValue any free one */
  port?: number
  /** More of the application, before it listens. */
  extend? (app: FastifyInstance): void
}

export async function servePlant (t: Test, { initial = null, port = 0, extend, ...options }: PlantOptions = {}): Promise<Plant> {
  const state = createState(initial)
  const app = Fastify()
  await app.register(juggler, { state, autoflushDelay: null, ...options })
  app.juggler.handle('echo', (_connection, data) => data)
  app.juggler.handle('length', (_connection, data) => (data as string).length)
  app.juggler.handle('nothing', () => undefined)
  app.juggler.handle('fail', () => { throw new Error('the pump is stuck') })
  app.juggler.handle('reject', (_connection, data) => { throw new JugglerError(data) })
  app.juggler.handle('notify', async (connection, data) => {
    for (let i = 0; i < 3; i++) await connection.notify(`note ${i}`, data)
  })
  extend?.(app)
  const address = await app.listen({ port, host: '127.0.0.1' })
  t.teardown(() => app.close())
  return {
    app,
    state,
    port: Number(new URL(address).port),
    url: (query = '') => `${address.replace('http', 'ws')}/ws${query}`,
    async flush () {
      await Promise.all([...app.juggler.connections].map((connection) => connection.flush()))
    }
  }
}
