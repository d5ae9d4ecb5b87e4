/** Knows which requests Fastify would route to a WebSocket route, before it does. */
import type { IncomingMessage } from 'node:http'
import type { FastifyInstance } from 'fastify'
import findMyWay from 'find-my-way'
import { rewriteUrlOf } from './fastify-internals.ts'

/**
 * Collects the WebSocket routes that are made in a scope from now on, in a router of the kind and with the options that
 * the app has. Constraints do not count here: who asks for the path of a WebSocket route is answered by Fastify.
 */
export class SocketRoutes {
  readonly #fastify: FastifyInstance
  readonly #router: findMyWay.Instance<findMyWay.HTTPVersion.V1>
  readonly #rewriteUrl: ReturnType<typeof rewriteUrlOf>

  constructor (fastify: FastifyInstance) {
    this.#fastify = fastify
    this.#router = findMyWay(routerOptions(fastify))
    fastify.addHook('onRoute', (route) => {
      const { websocket, wsHandler } = route as { websocket?: boolean, wsHandler?: unknown }
      if (websocket === true || wsHandler !== undefined) this.#add(route.url)
    })
    this.#rewriteUrl = rewriteUrlOf(fastify)
  }

  /** Whether Fastify would find a WebSocket route for this request. */
  has (request: IncomingMessage): boolean {
    const url = this.#rewriteUrl?.call(this.#fastify, request) ?? request.url
    return typeof url === 'string' && this.#router.find('GET', url) !== null
  }

  #add (url: string): void {
    // the same path may be there for several hosts or versions
    if (this.#router.findRoute('GET', url) === null) this.#router.on('GET', url, () => {})
  }
}

/** What decides whether a path fits. Fastify has these under `routerOptions` and, until its next major, beside it. */
function routerOptions ({ initialConfig }: FastifyInstance): findMyWay.Config<findMyWay.HTTPVersion.V1> {
  const config = { ...initialConfig, ...initialConfig.routerOptions }
  const { caseSensitive, ignoreTrailingSlash, ignoreDuplicateSlashes, maxParamLength } = config
  const { allowUnsafeRegex, useSemicolonDelimiter } = config
  return {
    caseSensitive, ignoreTrailingSlash, ignoreDuplicateSlashes, maxParamLength, allowUnsafeRegex, useSemicolonDelimiter
  } as findMyWay.Config<findMyWay.HTTPVersion.V1>
}
