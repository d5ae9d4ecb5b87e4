/** The two members of a Fastify instance that we read although they are not public; a test names what is relied on. */
import type { IncomingMessage } from 'node:http'
import type { Server } from 'node:net'
import type { FastifyInstance } from 'fastify'

type RewriteUrl = (this: FastifyInstance, request: IncomingMessage) => unknown

/** The app's option `rewriteUrl`, which `initialConfig` leaves out. */
export function rewriteUrlOf (fastify: FastifyInstance): RewriteUrl | undefined {
  const { rewriteUrl } = Object(member(fastify, 'fastify.options')) as { rewriteUrl?: unknown }
  return typeof rewriteUrl === 'function' ? rewriteUrl as RewriteUrl : undefined
}

/** The servers beside `fastify.server`: one for each further address of `localhost`, once the app listens. */
export function bindingsOf (fastify: FastifyInstance): readonly Server[] {
  const bindings = member(fastify, 'fastify.serverBindings')
  return Array.isArray(bindings) ? bindings : []
}

/** Members stand under symbols, on the instance that others were made from by encapsulation. */
function member (fastify: FastifyInstance, description: string): unknown {
  for (let at: object | null = fastify; at !== null; at = Object.getPrototypeOf(at)) {
    const symbol = Object.getOwnPropertySymbols(at).find((symbol) => symbol.description === description)
    if (symbol !== undefined) return (at as Record<symbol, unknown>)[symbol]
  }
  return undefined
}
