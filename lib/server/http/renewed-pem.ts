/** A PEM file that is read again when it is renewed, so that a new certificate needs no restart. */
import { createSecureContext } from 'node:tls'
import type { SecureContext, SecureContextOptions, Server, TlsOptions } from 'node:tls'
import type { FastifyBaseLogger } from 'fastify'
import { watchFile } from './file-watch.ts'
import { assertNotServed, staticRoot } from './folders.ts'
import { readPem } from './pem.ts'

/** How often in ms the file is looked at. */
const pemInterval = 1000

export interface PemOptions {
  /** Absolute path. */
  readonly path: string
  /** Everything else that the server is made with. */
  readonly tls: TlsOptions
  /** The folder that is served, which the file must not be in. */
  readonly staticDir: string | URL | undefined
  readonly interval?: number
}

/**
 * A Node server takes a new certificate by `setSecureContext`. Fastify listens on `localhost` with a server for each of
 * its addresses, and hands out the first one. The other has the `SNICallback` of the first, which is asked about each
 * connection that names a host.
 */
export class RenewedPem {
  readonly #options: PemOptions
  /** For the server. */
  readonly tls: TlsOptions
  #context: SecureContext
  #stop: (() => void) | undefined
  #closed = false

  private constructor (options: PemOptions, tls: SecureContextOptions) {
    this.#options = options
    this.#context = createSecureContext(tls)
    this.tls = { SNICallback: (_name, done) => { done(null, this.#context) }, ...tls }
  }

  /** @throws FST_JUGGLER_PEM_INVALID, FST_JUGGLER_SECRET_EXPOSED, FST_JUGGLER_STATIC_DIR */
  static async open (options: PemOptions): Promise<RenewedPem> {
    return new RenewedPem(options, await load(options))
  }

  /** Begins to look at the file. What cannot be used is logged, and changes nothing. */
  async watch (server: Server, log: FastifyBaseLogger): Promise<void> {
    const stop = await watchFile(this.#options.path, this.#options.interval ?? pemInterval, async () => {
      try {
        const tls = await load(this.#options)
        this.#context = createSecureContext(tls)
        server.setSecureContext(tls)
        log.info('the PEM file has been read again: new connections get its certificate')
      } catch (err) {
        log.error({ err }, 'the PEM file has changed but cannot be used; the certificate from before stays')
      }
    })
    if (this.#closed) stop()
    else this.#stop = stop
  }

  /** Idempotent. */
  close (): void {
    this.#closed = true
    this.#stop?.()
  }
}

async function load ({ path, tls, staticDir }: PemOptions): Promise<SecureContextOptions> {
  if (staticDir !== undefined) assertNotServed('pemFile', path, staticRoot(staticDir))
  return { ...tls as SecureContextOptions, ...await readPem(path, tls.passphrase) }
}
