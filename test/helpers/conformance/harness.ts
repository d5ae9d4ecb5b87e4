/**
 * Starts servers and clients for the cases of one test and ends them with it.
 *
 * The suites run on the implementation that the module named by `JUGGLER_IMPLEMENTATION` exports (a path relative to
 * the working directory, or a package); without it on this package.
 */
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { JsonValue } from '../../../types/json.ts'
import type { Application, Implementation, Peer, Server } from './implementation.ts'
import { RawClient } from './raw-client.ts'

const module = process.env['JUGGLER_IMPLEMENTATION']

export const { implementation }: { implementation: Implementation } = module === undefined
  ? await import('./fastify-juggler.ts')
  : await import(/^\.{0,2}\//.test(module) ? pathToFileURL(resolve(module)).href : module)

/** The code of a close that says: this is not the protocol. */
export const protocolError = 4400

interface Test { teardown (handler: () => unknown): unknown }

export interface Served extends Server {
  /** A new client, when it is open and the server's connection handler was called. */
  connect (): Promise<RawClient>
  /** The server's side of the newest connection. */
  readonly peer: Peer
}

/** Serves an application until the test ends. */
export async function serve (t: Test, application: Application = {}): Promise<Served> {
  let peer: Peer | undefined
  let connected = () => {}
  const clients: RawClient[] = []
  const server = await implementation.start({
    ...application,
    onConnection (connection) {
      peer = connection
      connected()
      return application.onConnection?.(connection)
    }
  })
  t.teardown(async () => {
    for (const client of clients) client.ws.terminate()
    await server.stop()
  })
  return {
    url: server.url,
    log: server.log,
    stop: () => server.stop(),
    async connect () {
      const accepted = new Promise<void>((resolve) => { connected = resolve })
      const client = new RawClient(server.url)
      clients.push(client)
      await client.open()
      await accepted
      return client
    },
    get peer () {
      if (peer === undefined) throw new Error('no client has connected yet')
      return peer
    }
  }
}

/** A promise with its ends outside. */
export function gate<T = void> (): { promise: Promise<T>, open: (value: T) => void } {
  let open!: (value: T) => void
  const promise = new Promise<T>((resolve) => { open = resolve })
  return { promise, open }
}

export function response (id: JsonValue, data: JsonValue, success = true) {
  return { type: 'response', id, success, data }
}

export function whole (value: JsonValue) {
  return { type: 'state', diff: [{ op: 'replace', path: '', value }] }
}

export function replaced (path: string, value: JsonValue) {
  return { type: 'state', diff: [{ op: 'replace', path, value }] }
}

export function added (path: string, value: JsonValue) {
  return { type: 'state', diff: [{ op: 'add', path, value }] }
}
