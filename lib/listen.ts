/** The stand-alone server: a Fastify app with the plugin and nothing else, listening. */
import Fastify from 'fastify'
import type { FastifyInstance } from 'fastify'
import type { AddressInfo, Socket } from 'node:net'
import type { Server as TlsServer, TlsOptions } from 'node:tls'
import type { ListenOptions, Server } from '../types/listen.ts'
import { fastifyJuggler } from './plugin.ts'
import { describe } from './server/describe.ts'
import { FST_JUGGLER_OPTION_CONFLICT, FST_JUGGLER_OPTION_INVALID } from './server/errors.ts'
import { toPath } from './server/http/folders.ts'
import { RenewedPem } from './server/http/renewed-pem.ts'
import { defaultOptions } from './server/options.ts'

/** Longest time in ms for a TLS handshake unless `tls` says otherwise. Node's own is 120 s, and closing would wait for it. */
const handshakeTimeout = 10_000

/**
 * Starts a server.
 *
 * @example
 * const server = await listen({ state, staticDir: 'public', port: 8080 })
 * server.app.juggler.handle('stop', () => plant.stop())
 * @throws FST_JUGGLER_PEM_INVALID, FST_JUGGLER_SECRET_EXPOSED, what registering the plugin throws, and what
 * listening does (`EADDRINUSE`)
 */
export async function listen (options: ListenOptions = {}): Promise<Server> {
  const { host = 'localhost', port = 0, pemFile, tls, fastify, ...plugin } = options
  checkOptions(host, port, pemFile)
  // the second listener of `localhost` is out of our reach: there this is the bound
  const base = { handshakeTimeout, ...tls }
  const pem = pemFile === undefined ? undefined : await openPem(pemFile, base, plugin.staticDir)
  const https = pem?.tls ?? (tls && base)
  // `forceCloseConnections` cuts what is left when the preClose hooks are done; see waitForRequests
  const app = Fastify({ forceCloseConnections: true, ...fastify, ...(https && { https }) } as object) as FastifyInstance
  let ended = (): void => {}
  const closed = new Promise<void>((resolve) => { ended = resolve })
  try {
    await app.register(fastifyJuggler, plugin)
    waitForRequests(app, plugin.shutdownTimeout ?? defaultOptions.shutdownTimeout)
    if (https !== undefined) cutHandshakes(app)
    if (pem !== undefined) {
      app.addHook('onClose', async () => { pem.close() })
      await pem.watch(app.server as unknown as TlsServer, app.log)
    }
    await app.listen({ host, port })
  } catch (error) {
    await app.close()
    throw error
  }
  app.server.once('close', () => { ended() })
  return {
    app,
    address: url(app.server.address() as AddressInfo, host, https !== undefined),
    closed,
    close: async () => {
      await app.close()
      await closed
    }
  }
}

/** Checks what is `listen`'s alone; the plugin checks its own options. */
function checkOptions (host: unknown, port: unknown, pemFile: unknown): void {
  if (typeof host !== 'string' || host === '') {
    throw new FST_JUGGLER_OPTION_INVALID('host', describe(host), 'a name or an address')
  }
  if (!Number.isInteger(port) || (port as number) < 0 || (port as number) > 65535) {
    throw new FST_JUGGLER_OPTION_INVALID('port', describe(port), 'an integer from 0 to 65535')
  }
  if (pemFile !== undefined && typeof pemFile !== 'string' && !(pemFile instanceof URL)) {
    throw new FST_JUGGLER_OPTION_INVALID('pemFile', describe(pemFile), 'a path or a file URL')
  }
}

async function openPem (
  pemFile: string | URL, tls: TlsOptions, staticDir: string | URL | undefined
): Promise<RenewedPem> {
  if (tls.key !== undefined || tls.cert !== undefined || tls.pfx !== undefined) {
    throw new FST_JUGGLER_OPTION_CONFLICT('pemFile', "'key', 'cert' or 'pfx' in the option 'tls'")
  }
  return await RenewedPem.open({ path: toPath(pemFile), tls, staticDir })
}

/** Holds closing up while HTTP requests are being answered, at most for `timeout` ms. */
function waitForRequests (app: FastifyInstance, timeout: number): void {
  let count = 0
  let idle: (() => void) | undefined
  app.addHook('onRequest', async (request, reply) => {
    if (request.ws) return
    count++
    reply.raw.once('close', () => {
      if (--count === 0) idle?.()
    })
  })
  app.addHook('preClose', async () => {
    if (count === 0) return
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, timeout)
      idle = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  })
}

/**
 * A connection whose TLS handshake has not ended belongs to no HTTP server yet, so that nobody closes it when the
 * app closes, which would wait for it.
 */
function cutHandshakes (app: FastifyInstance): void {
  const pending = new Map<string, Socket>()
  const key = ({ remoteAddress, remotePort }: Socket): string => `${remoteAddress} ${remotePort}`
  app.server.on('connection', (socket: Socket) => {
    const id = key(socket)
    pending.set(id, socket)
    socket.once('close', () => { if (pending.get(id) === socket) pending.delete(id) })
  })
  app.server.on('secureConnection', (socket: Socket) => { pending.delete(key(socket)) })
  app.addHook('preClose', async () => {
    for (const socket of pending.values()) socket.destroy()
  })
}

/** For `localhost` its name, which certificates are made for; for the whole network a name that works here. */
function url (address: AddressInfo, host: string, encrypted: boolean): string {
  const scheme = encrypted ? 'https' : 'http'
  const name = host === '0.0.0.0' || host === '::' ? 'localhost' : host
  return `${scheme}://${name.includes(':') ? `[${name}]` : name}:${address.port}`
}
