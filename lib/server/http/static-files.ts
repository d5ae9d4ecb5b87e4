/** Serves a folder, and the redirect of `/` to its index page, in the plugin's own scope and under its prefix. */
import { realpath, stat } from 'node:fs/promises'
import { join } from 'node:path'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance, FastifyReply, FastifyRequest, RouteOptions } from 'fastify'
import { FST_JUGGLER_ROUTE_TAKEN } from '../errors.ts'
import { isInside, urlSegments } from './folders.ts'

/** Without a prefix `/`, else what the prefix is without a slash at its end. */
export function joinPath (prefix: string, path: string): string {
  return `${prefix.replace(/\/+$/, '')}${path}` || '/'
}

/**
 * Serves the files below `root` for GET and HEAD, with ETag, ranges and conditional requests. No listings, no index
 * files, no dotfiles; and, which @fastify/static leaves to others, no link that leads out of the folder.
 *
 * @param root - the real path of the folder
 */
export async function serveFolder (scope: FastifyInstance, root: string): Promise<void> {
  const depth = joinPath(scope.prefix, '/').split('/').length - 1
  await scope.register(async (inner) => {
    inner.addHook('preHandler', async (request: FastifyRequest, reply: FastifyReply) => {
      // what is served is the file that was checked, unless somebody who may write to the folder swaps it meanwhile
      if (!await isServable(root, request, depth)) {
        reply.callNotFound()
        return reply
      }
    })
    // `cacheControl` stays off: what it sends would override the header that the scope has set
    await inner.register(fastifyStatic, { root, index: false, dotfiles: 'ignore', decorateReply: false, cacheControl: false })
  })
}

/**
 * Whether a request names a file that is inside the folder once every link is followed.
 *
 * @param depth - slashes up to the name of the file; the prefix may have parameters, hence any length
 */
async function isServable (root: string, request: FastifyRequest, depth: number): Promise<boolean> {
  const url = request.raw.url as string
  let start = 0
  for (let i = 0; i < depth; i++) start = url.indexOf('/', start) + 1
  const segments = urlSegments(url, start)
  // what was checked must be what is served: a router may have tidied the URL up
  if (segments === undefined || segments.join('/') !== (request.params as { '*': string })['*']) return false
  try {
    const path = await realpath(join(root, ...segments))
    return isInside(root, path) && (await stat(path)).isFile()
  } catch {
    return false
  }
}

/** Redirects `/` to the index page (302), both under the prefix; the query goes along. */
export function redirectToIndex (scope: FastifyInstance, indexPath: string): void {
  const { prefix } = scope
  const target = joinPath(prefix, indexPath)
  const hasParameters = /[:*]/.test(prefix)
  scope.get('/', async (request, reply) => {
    const [path, query] = splitQuery(request.raw.url as string)
    // with two slashes in front, or what browsers take for such, it would be another host
    return reply.redirect((hasParameters ? joinPath(path.replace(/^[/\\]+/, '/'), indexPath) : target) + query, 302)
  })
}

function splitQuery (url: string): [path: string, query: string] {
  const at = url.indexOf('?')
  return at === -1 ? [url, ''] : [url.slice(0, at), url.slice(at)]
}

/**
 * Tells an app that has a route which an option needs what to do about it, instead of Fastify's error for
 * duplicates. Call it before the plugin's own routes are made.
 *
 * @param instance - where the plugin is registered: its routes, and those of plugins loaded later
 * @param routes - the path of each route, with the option that makes it
 * @returns a function to call when the plugin's own routes stand
 * @throws FST_JUGGLER_ROUTE_TAKEN
 */
export function reserveRoutes (instance: FastifyInstance, routes: ReadonlyMap<string, string>): () => void {
  for (const [url, option] of routes) {
    if (instance.hasRoute({ method: 'GET', url })) throw taken(url, option)
  }
  let own = true
  instance.addHook('onRoute', (route: RouteOptions) => {
    if (!own) refuseTaken(route, route.url, routes)
  })
  return () => { own = false }
}

/**
 * @param url - the whole path of the route
 * @throws FST_JUGGLER_ROUTE_TAKEN
 */
export function refuseTaken ({ method, constraints }: RouteOptions, url: string, routes: ReadonlyMap<string, string>): void {
  const option = constraints === undefined ? routes.get(url) : undefined
  if (option !== undefined && [method].flat().includes('GET')) throw taken(url, option)
}

function taken (url: string, option: string): Error {
  const remedy = option === 'indexPath'
    ? "set 'indexPath: null', or give the plugin a 'prefix'"
    : "register one of the two with a 'prefix', or leave the option out"
  return new FST_JUGGLER_ROUTE_TAKEN(url, option, remedy)
}
