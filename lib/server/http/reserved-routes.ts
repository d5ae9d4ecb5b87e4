/** Routes that options of the plugin make: an app that has one of them gets an error that names the option. */
import type { FastifyInstance, RouteOptions } from 'fastify'
import { FST_JUGGLER_ROUTE_TAKEN } from '../errors.ts'

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
