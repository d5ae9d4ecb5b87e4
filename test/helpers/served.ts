/** An app with request handlers, and a peer that asks them. */
import type { FastifyInstance } from 'fastify'
import type { Test } from 'tap'
import type { FastifyJugglerOptions } from '../../types/options.ts'
import { startApp } from './app.ts'
import { Logs } from './logs.ts'
import { connectPeer } from './peer.ts'
import type { Peer } from './peer.ts'

export interface ServedApp { app: FastifyInstance, peer: Peer, logs: Logs, origin: string }

export async function serveApp (t: Test, setup: (app: FastifyInstance) => unknown, options: FastifyJugglerOptions = {}, query = ''): Promise<ServedApp> {
  const logs = new Logs()
  const { app, origin } = await startApp(t, { juggler: options, fastify: { logger: logs.logger }, after: setup })
  return { app, peer: await connectPeer(t, `${origin}/ws${query}`), logs, origin }
}

/** Sends a request with further members, and takes the next message for its answer. */
export async function command (peer: Peer, name: string, data: unknown, members: object): Promise<Record<string, unknown>> {
  peer.send(JSON.stringify({ type: 'request', id: 1, name, data, ...members }))
  return await peer.next() as unknown as Record<string, unknown>
}
