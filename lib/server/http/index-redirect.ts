/** The redirect of `/` to the index page, in the plugin's own scope and under its prefix. */
import type { FastifyInstance, FastifySchema } from 'fastify'
import type { PublicPath } from './public-path.ts'
import { joinPath, pathOfUrl, queryOfUrl, toAscii } from './url-path.ts'

/**
 * Redirects `/` to the index page (302). The query goes along.
 *
 * Where nobody has said where browsers find the plugin, `Location` is relative to what was asked for: a proxy may have
 * stripped a prefix, and neither that nor a host can be got wrong.
 */
export function redirectToIndex (scope: FastifyInstance, indexPath: string, publicPath: PublicPath): void {
  scope.get('/', { schema: { hide: true } as FastifySchema }, async (request, reply) => {
    const url = request.raw.url as string
    const base = publicPath(request)
    const target = base === undefined ? relativeTo(pathOfUrl(url), indexPath) : joinPath(base, indexPath)
    return reply.redirect(toAscii(withQuery(target, queryOfUrl(url))), 302)
  })
}

/**
 * What leads from a path to one below it: from `/panel/` to `index.html`, from `/panel` to `panel/index.html`.
 *
 * @param path - as the browser sees it, or with a prefix stripped: its last segment is the same
 */
export function relativeTo (path: string, below: string): string {
  // a backslash is a slash for browsers
  const last = path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1)
  const reference = last === '' ? below.slice(1) : last + below
  // what stands before a colon in the first segment would be a scheme (RFC 3986, section 4.2)
  return /^[^/?#]*:/.test(reference) ? `./${reference}` : reference
}

function withQuery (target: string, query: string): string {
  return target.includes('?') ? target + query.replace(/^\?/, '&') : target + query
}
