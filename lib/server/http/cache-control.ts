/** `Cache-Control` of what the plugin serves over HTTP: files, redirects and errors alike. */
import type { FastifyInstance } from 'fastify'

/**
 * Sets the header on every response of the scope that does not set its own: `no-cache`, so that a browser asks (and
 * gets a short 304) before it shows anything old; else `max-age=0`, which shared caches may keep unless it is behind
 * a login.
 */
export function addCacheControl (scope: FastifyInstance, noCache: boolean, authenticated: boolean): void {
  const value = noCache ? 'no-cache' : `${authenticated ? 'private' : 'public'}, max-age=0`
  scope.addHook('onRequest', (_request, reply, done) => {
    reply.header('cache-control', value)
    done()
  })
}
