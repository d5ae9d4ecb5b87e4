/** The page of a single-page app, for paths that the app in the browser knows and the server does not. */
import { createHash } from 'node:crypto'
import { readFile, realpath } from 'node:fs/promises'
import { join } from 'node:path'
import type { FastifyInstance, FastifyReply, FastifyRequest, FastifySchema } from 'fastify'
import { isInside } from './folders.ts'
import { relativeTo } from './index-redirect.ts'
import { isPageLoad } from './page-load.ts'
import { pathOfUrl, queryOfUrl, toAscii, urlSegments } from './url-path.ts'

/** Serves the page at `/`, where there would be a redirect: the app's router shall see the path that it knows. */
export function servePageAtRoot (scope: FastifyInstance, staticDir: string, indexPath: string): void {
  scope.get('/', { schema: { hide: true } as FastifySchema }, async (request, reply) => {
    const url = request.raw.url as string
    const path = pathOfUrl(url)
    // a backslash is a slash for browsers
    if (/(?:^|[/\\])$/.test(path)) return await sendPage(request, reply, staticDir, indexPath)
    // at the prefix without a slash every relative link in the page would lead out of it
    return reply.redirect(toAscii(relativeTo(path, '/') + queryOfUrl(url)), 302)
  })
}

/** Whether a request for what is no file gets the page: a browser loads a page, and no name in its path begins with a dot. */
export function wantsPage (request: FastifyRequest): boolean {
  const path = pathOfUrl(request.raw.url as string)
  return isPageLoad(request) && !path.split('/').some((segment) => /^(?:\.|%2e)/i.test(segment))
}

/** Sends the page as it is now, with an `ETag` of its content. */
export async function sendPage (
  request: FastifyRequest, reply: FastifyReply, staticDir: string, indexPath: string
): Promise<FastifyReply> {
  const page = await readPage(staticDir, indexPath)
  if (page === undefined) {
    reply.callNotFound()
    return reply
  }
  const etag = `"${createHash('sha256').update(page).digest('base64url').slice(0, 27)}"`
  reply.header('etag', etag).type('text/html; charset=utf-8')
  const known = request.headers['if-none-match']?.split(',').map((tag) => tag.trim().replace(/^W\//, ''))
  return known?.includes(etag) || known?.includes('*') ? reply.code(304).send() : reply.send(page)
}

/** @returns `undefined` where there is no such file in the folder */
export async function readPage (staticDir: string, indexPath: string): Promise<Buffer | undefined> {
  const segments = urlSegments(indexPath, 1)
  if (segments === undefined) return undefined
  try {
    const root = await realpath(staticDir)
    const path = await realpath(join(root, ...segments))
    return isInside(root, path) ? await readFile(path) : undefined
  } catch {
    return undefined
  }
}
