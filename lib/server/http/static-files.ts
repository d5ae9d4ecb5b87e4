/** Serves the files of a folder, in the plugin's own scope and under its prefix. */
import { realpath, stat } from 'node:fs/promises'
import { join } from 'node:path'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { isInside } from './folders.ts'
import { sendPage, wantsPage } from './spa-fallback.ts'
import { joinPath, urlSegments } from './url-path.ts'

export interface FolderOptions {
  /** Absolute path of the folder. It may be a link, or lie behind one: where that leads is looked up at each request. */
  readonly staticDir: string
  /** Absolute path of a file that is never served, wherever links lead to by now. */
  readonly secret: string | undefined
  /** The page for page loads of what is no file; `undefined`: they get a 404. */
  readonly page: string | undefined
}

/**
 * Serves the files of a folder for GET and HEAD, with ETag, ranges and conditional requests. No listings, no index
 * files, no dotfiles; and, which @fastify/static leaves to others, no link that leads out of the folder.
 */
export async function serveFolder (scope: FastifyInstance, options: FolderOptions): Promise<void> {
  const { staticDir, page } = options
  const depth = joinPath(scope.prefix, '/').split('/').length - 1
  await scope.register(async (inner) => {
    inner.addHook('preHandler', async (request: FastifyRequest, reply: FastifyReply) => {
      // what is served is the file that was checked, unless somebody who may write to the folder swaps it meanwhile
      if (await isServable(options, request, depth)) return
      if (page !== undefined && wantsPage(request)) return await sendPage(request, reply, staticDir, page)
      reply.callNotFound()
      return reply
    })
    // `cacheControl` stays off: what it sends would override the header that the scope has set
    await inner.register(fastifyStatic, {
      root: staticDir, index: false, dotfiles: 'ignore', decorateReply: false, cacheControl: false
    })
  })
}

/**
 * Whether a request names a file that is inside the folder once every link is followed.
 *
 * @param depth - slashes up to the name of the file; the prefix may have parameters, hence any length
 */
async function isServable ({ staticDir, secret }: FolderOptions, request: FastifyRequest, depth: number): Promise<boolean> {
  const url = request.raw.url as string
  let start = 0
  for (let i = 0; i < depth; i++) start = url.indexOf('/', start) + 1
  const segments = urlSegments(url, start)
  // what was checked must be what is served: a router may have tidied the URL up
  if (segments === undefined || segments.join('/') !== (request.params as { '*': string })['*']) return false
  try {
    const root = await realpath(staticDir)
    const path = await realpath(join(root, ...segments))
    if (secret !== undefined && path === await realpath(secret).catch(() => secret)) return false
    return isInside(root, path) && (await stat(path)).isFile()
  } catch {
    return false
  }
}
