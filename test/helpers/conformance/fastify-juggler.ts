/** This package as an implementation that the conformance suites run on. */
import Fastify from 'fastify'
import juggler, { ConnectionClosedError, JugglerError, createState } from '../../../lib/index.ts'
import type { JsonValue } from '../../../types/json.ts'
import type { FastifyJugglerOptions } from '../../../types/options.ts'
import type { Application, Implementation, LogLine, Server } from './implementation.ts'

/** What Fastify says of every HTTP request is no word about the protocol. */
const everyLine = ['incoming request', 'request completed', 'connection opened', 'connection ended']

async function start (application: Application): Promise<Server> {
  const { onConnection, onRequest, ...options } = application
  const log: LogLine[] = []
  const stream = {
    write (text: string) {
      const { level, msg } = JSON.parse(text)
      if (!everyLine.includes(msg)) log.push({ level, text })
    }
  }
  const app = Fastify({ logger: { level: 'info', stream } })
  await app.register(juggler, options satisfies FastifyJugglerOptions)
  if (onConnection) app.juggler.onConnection(onConnection)
  if (onRequest) app.juggler.onRequest(onRequest)
  const address = await app.listen({ port: 0, host: '127.0.0.1' })
  return {
    url: `${address.replace('http', 'ws')}/ws`,
    log,
    stop: () => app.close()
  }
}

export const implementation: Implementation = {
  start,
  createState: (initial, options) => createState(initial as JsonValue, options),
  requestError: (data) => new JugglerError(data),
  isConnectionClosed: (error) => error instanceof ConnectionClosedError
}
