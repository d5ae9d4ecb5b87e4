/** Contracts of `listen`: a server in one call, for those with no Fastify app of their own. */
import type { TlsOptions } from 'node:tls'
import type { FastifyInstance, FastifyServerOptions } from 'fastify'
import type { FastifyJugglerOptions } from './options.ts'

/** What the server listens on and speaks, and every option of the plugin. */
export interface ListenOptions extends FastifyJugglerOptions {
  /** Name or address to listen on; `'localhost'` is both of its addresses, `'0.0.0.0'` and `'::'` are the whole network. @defaultValue `'localhost'` */
  host?: string
  /** `0`: one that is free. @defaultValue `0` */
  port?: number
  /**
   * PEM file with a private key and its certificate, and the certificates between that and a known authority, if any:
   * the server speaks TLS. A path, or a file URL; not inside `staticDir`. It is read again when it is
   * renewed.
   */
  pemFile?: string | URL
  /** TLS as in `tls.createServer`, with `pemFile` or without it. */
  tls?: TlsOptions
  /** Options of the Fastify app, such as `logger` and `trustProxy`. */
  fastify?: FastifyServerOptions
}

/** A running server. */
export interface Server {
  /** The app; `server.app.juggler` is the plugin. Routes can no longer be added: see `additionalRoutes`. */
  readonly app: FastifyInstance
  /** Where it listens, such as `'http://localhost:43121'`: with `ws` for `http`, and `wsPath` behind it, the address for clients. */
  readonly address: string
  /** Resolves when the server has closed, by `close` or by the app; never rejects. */
  readonly closed: Promise<void>
  /**
   * Closes connections and server. Requests in flight and closing handshakes get `shutdownTimeout`, then their sockets
   * are cut. Idempotent.
   */
  close (): Promise<void>
}
