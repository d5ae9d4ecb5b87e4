/** The HTTP side in two calls: `guard` puts a scope under the access options, `serve` adds what is served there. */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { FastifyJugglerOptions } from '../../../types/options.ts'
import { FST_JUGGLER_STATIC_DIR } from '../errors.ts'
import { restrictAccess, warnWhenOpen } from './access.ts'
import { authenticate } from './authentication.ts'
import type { Authentication } from './authentication.ts'
import { serveClientFile } from './client-file.ts'
import { assertNotServed, staticRoot } from './folders.ts'
import { addCacheControl } from './cache-control.ts'
import { redirectToIndex } from './index-redirect.ts'
import { publicPathOf } from './public-path.ts'
import { refuseTaken, reserveRoutes } from './reserved-routes.ts'
import { readPage, servePageAtRoot } from './spa-fallback.ts'
import { serveFolder } from './static-files.ts'
import { joinPath, pathOfUrl } from './url-path.ts'

type Options = Required<FastifyJugglerOptions>

/** The plugin's options that concern HTTP, checked and with their defaults. */
export interface HttpSettings extends
  Readonly<Pick<Options,
    'name' | 'wsPath' | 'route' | 'additionalRoutes' | 'serveClient' | 'noCache' | 'htpasswdReload' | 'spaFallback'>>,
  Readonly<{ [K in 'allowedOrigins' | 'allowedHosts' | 'ticketSecret' | 'publicPath']: FastifyJugglerOptions[K] }> {
  /** Absolute path. */
  readonly staticDir: string | undefined
  /** Absolute path. */
  readonly htpasswdFile: string | undefined
  readonly indexPath: string | null
}

export interface Guard {
  /** Who is in, where there is authentication. */
  readonly authentication: Authentication | undefined
}

/**
 * Checks hosts, origins and credentials on every route and 404 of a scope: the instance that the plugin is registered
 * on, or, registered with a prefix, the plugin's own scope. Call it after @fastify/websocket is there and before routes
 * are made.
 *
 * @param prefix - the full prefix of the plugin's routes
 * @param isSocketRoute - whether a request is on the WebSocket route, upgrade or not
 * @throws FST_JUGGLER_HTPASSWD_UNREADABLE, FST_JUGGLER_HTPASSWD_INVALID, FST_JUGGLER_SECRET_EXPOSED, FST_JUGGLER_STATIC_DIR
 */
export async function guard (
  scope: FastifyInstance, settings: HttpSettings, prefix: string, isSocketRoute: (request: FastifyRequest) => boolean
): Promise<Guard> {
  const { staticDir, htpasswdFile, allowedHosts, allowedOrigins, noCache, route } = settings
  if (staticDir !== undefined) {
    const root = staticRoot(staticDir)
    if (htpasswdFile !== undefined) assertNotServed('htpasswdFile', htpasswdFile, root)
  }
  restrictAccess(scope, { allowedHosts, allowedOrigins, noCache, isSocketRoute })
  if (htpasswdFile !== undefined) {
    const publicPath = publicPathOf(settings.publicPath, prefix)
    const authentication = await authenticate(scope, {
      htpasswdFile,
      htpasswdReload: settings.htpasswdReload,
      ticketSecret: settings.ticketSecret,
      realm: settings.name,
      socketPath: joinPath(prefix, settings.wsPath),
      publicSocketPath: (request) => {
        const path = publicPath(request)
        return path === undefined ? undefined : joinPath(path, settings.wsPath)
      },
      isSocketRoute,
      noCache
    })
    return { authentication }
  }
  // hooks of the route may be authentication of another kind
  const hasHooks = route.onRequest !== undefined || route.preValidation !== undefined || route.preHandler !== undefined
  if (allowedHosts === undefined && !hasHooks) warnWhenOpen(scope)
  return { authentication: undefined }
}

/**
 * Adds the index redirect, `additionalRoutes`, the client's file, the folder, and under a prefix a 404 of its own, which
 * `guard` covers. Call it in the scope that the WebSocket route is in.
 *
 * @param instance - where the plugin is registered
 * @param prefixed - whether the plugin is registered with a prefix
 * @throws FST_JUGGLER_ROUTE_TAKEN, FST_JUGGLER_STATIC_DIR
 */
export async function serve (
  instance: FastifyInstance, scope: FastifyInstance, settings: HttpSettings, prefixed: boolean
): Promise<void> {
  const { staticDir, indexPath, additionalRoutes, wsPath, serveClient } = settings
  addCacheControl(scope, settings.noCache, settings.htpasswdFile !== undefined)
  if (prefixed) {
    scope.setNotFoundHandler((request, reply) => {
      reply.code(404).send({ statusCode: 404, error: 'Not Found', message: `Route ${request.method}:${request.url} not found` })
    })
  }
  const page = settings.spaFallback && staticDir !== undefined && indexPath !== null ? pathOfUrl(indexPath) : undefined
  if (page !== undefined && await readPage(staticDir as string, page) === undefined) {
    throw new FST_JUGGLER_STATIC_DIR(`it has no file '${page}', which the option 'spaFallback' serves`)
  }
  const routes = new Map<string, string>()
  if (indexPath !== null) {
    routes.set(joinPath(scope.prefix, '/'), 'indexPath')
    if (scope.prefix !== '') routes.set(scope.prefix, 'indexPath')
  }
  if (staticDir !== undefined) routes.set(joinPath(scope.prefix, '/*'), 'staticDir')
  const reserved = reserveRoutes(instance, routes)
  if (indexPath !== null && page === undefined) {
    redirectToIndex(scope, indexPath, publicPathOf(settings.publicPath, scope.prefix))
  }
  for (const route of additionalRoutes) {
    refuseTaken(route, joinPath(scope.prefix, route.url), routes)
    scope.route(route)
  }
  if (serveClient) serveClientFile(scope, wsPath)
  if (staticDir !== undefined) {
    if (page !== undefined) servePageAtRoot(scope, staticDir, page)
    await serveFolder(scope, { staticDir, secret: settings.htpasswdFile, page })
  }
  reserved()
}
