/** Serves the browser file of the client at `<wsPath>/client.js`, and its source map. */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'

/** Where the build puts it: this file is lib/server/http/ in the sources and dist/lib/server/http/ in the package. */
const places = ['../../../client.browser.js', '../../../dist/client.browser.js'].map((place) => new URL(place, import.meta.url))

interface Asset { readonly body: Buffer, readonly etag: string, readonly type: string }

/** Adds the two routes. The files are read on the first request, and kept. */
export function serveClientFile (scope: FastifyInstance, wsPath: string): void {
  const script = `${wsPath.replace(/\/$/, '')}/client.js`
  addAsset(scope, script, once(() => readFirst('', 'text/javascript; charset=utf-8', (text) => {
    // the map is beside the script under the name that the script has here
    return text.replace(/^\/\/# sourceMappingURL=.*$/m, '//# sourceMappingURL=client.js.map')
  })))
  addAsset(scope, `${script}.map`, once(() => readFirst('.map', 'application/json; charset=utf-8')))
}

function addAsset (scope: FastifyInstance, url: string, load: () => Promise<Asset | undefined>): void {
  scope.get(url, async (request: FastifyRequest, reply: FastifyReply) => {
    const asset = await load()
    if (asset === undefined) {
      request.log.warn({ places: places.map((place) => fileURLToPath(place)) }, "the client's browser file has not been built: run 'npm run build'")
      return reply.callNotFound()
    }
    reply.header('etag', asset.etag).type(asset.type)
    const known = request.headers['if-none-match']?.split(',').map((tag) => tag.trim().replace(/^W\//, ''))
    if (known?.includes(asset.etag) || known?.includes('*')) return reply.code(304).send()
    return reply.send(asset.body)
  })
}

async function readFirst (suffix: string, type: string, edit = (text: string) => text): Promise<Asset | undefined> {
  for (const place of places) {
    const text = await readFile(new URL(place.href + suffix), 'utf8').catch(() => undefined)
    if (text === undefined) continue
    const body = Buffer.from(edit(text))
    return { body, type, etag: `"${createHash('sha256').update(body).digest('base64url').slice(0, 27)}"` }
  }
  return undefined
}

/** A missing file is looked for again: it may be built while the server runs. */
function once (load: () => Promise<Asset | undefined>): () => Promise<Asset | undefined> {
  let asset: Asset | undefined
  return async () => (asset ??= await load())
}
