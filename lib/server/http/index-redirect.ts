/** The redirect of `/` to the index page, in the plugin's own scope and under its prefix. */
import type { FastifyInstance, FastifySchema } from 'fastify'
import { joinPath } from './url-path.ts'

/** Redirects `/` to the index page (302), both under the prefix; the query goes along. */
export function redirectToIndex (scope: FastifyInstance, indexPath: string): void {
  const { prefix } = scope
  const target = joinPath(prefix, indexPath)
  const hasParameters = /[:*]/.test(prefix)
  scope.get('/', { schema: { hide: true } as FastifySchema }, async (request, reply) => {
    const [path, query] = splitQuery(request.raw.url as string)
    // with two slashes in front, or what browsers take for such, it would be another host
    return reply.redirect((hasParameters ? joinPath(path.replace(/^[/\\]+/, '/'), indexPath) : target) + query, 302)
  })
}

function splitQuery (url: string): [path: string, query: string] {
  const at = url.indexOf('?')
  return at === -1 ? [url, ''] : [url.slice(0, at), url.slice(at)]
}
