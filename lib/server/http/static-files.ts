/** Serves the files of a folder, in the plugin's own scope and under its prefix. */
import { realpath, stat } from 'node:fs/promises'
import { join } from 'node:path'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { isInside } from './folders.ts'
import { joinPath, urlSegments } from './url-path.ts'

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
