/** Serves the files for browsers, `<wsPath>/client.js` and `storage.js`, and their source maps, compressed where the build did so. */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import type { FastifyInstance, FastifyReply, FastifyRequest, FastifySchema } from 'fastify'

/** What is served: the client, and what keeps its state beyond the page. */
const files = ['client', 'storage']

/** Where the build puts a file: this one is lib/server/http/ in the sources and dist/lib/server/http/ in the package. */
const placesOf = (file: string): URL[] =>
  ['../../..', '../../../dist'].map((folder) => new URL(`${folder}/${file}.browser.js`, import.meta.url))

/** The encodings that the build makes, the smallest first, each with how the file is called and how it is read. */
const encodings = [
  ['br', '.br', brotliDecompressSync],
  ['gzip', '.gz', gunzipSync]
] as const

/** One way to send a file; without an encoding as it is. */
interface Variant { readonly encoding: string | undefined, readonly body: Buffer, readonly etag: string }

interface Asset {
  readonly type: string
  readonly plain: Variant
  readonly compressed: readonly Variant[]
}

/** Adds the routes. The files are read on the first request, and kept. */
export function serveClientFile (scope: FastifyInstance, wsPath: string): void {
  for (const file of files) {
    const script = `${wsPath.replace(/\/$/, '')}/${file}.js`
    const places = placesOf(file)
    addAsset(scope, script, places, once(() => readFirst(places, '', 'text/javascript; charset=utf-8', (text) => {
      // The map is beside the script under the name that the script has here.
      return text.replace(/^\/\/# sourceMappingURL=.*$/m, `//# sourceMappingURL=${file}.js.map`)
    })))
    addAsset(scope, `${script}.map`, places, once(() => readFirst(places, '.map', 'application/json; charset=utf-8')))
  }
}

function addAsset (scope: FastifyInstance, url: string, places: readonly URL[], load: () => Promise<Asset | undefined>): void {
  scope.get(url, { schema: { hide: true } as FastifySchema }, async (request: FastifyRequest, reply: FastifyReply) => {
    const asset = await load()
    if (asset === undefined) {
      request.log.warn({ places: places.map((place) => fileURLToPath(place)) }, "a file for browsers has not been built: run 'npm run build'")
      return reply.callNotFound()
    }
    const accepted = request.headers['accept-encoding'] ?? ''
    const variant = asset.compressed.find(({ encoding }) => accepts(accepted, encoding!)) ?? asset.plain
    reply.header('etag', variant.etag).header('vary', 'Accept-Encoding').type(asset.type)
    const known = request.headers['if-none-match']?.split(',').map((tag) => tag.trim().replace(/^W\//, ''))
    if (known?.includes(variant.etag) || known?.includes('*')) return reply.code(304).send()
    if (variant.encoding !== undefined) reply.header('content-encoding', variant.encoding)
    return reply.send(variant.body)
  })
}

/** Whether a client takes an encoding (RFC 9110, section 12.5.3): named, or meant by `*`, and not with a weight of 0. */
function accepts (header: string, encoding: string): boolean {
  const weights = new Map(header.toLowerCase().split(',').map((item) => {
    const [name = '', ...parameters] = item.split(';').map((part) => part.trim())
    const weight = parameters.find((parameter) => parameter.startsWith('q='))
    return [name, weight === undefined ? 1 : Number(weight.slice(2))]
  }))
  return (weights.get(encoding) ?? weights.get('*') ?? 0) > 0
}

async function readFirst (places: readonly URL[], suffix: string, type: string, edit = (text: string) => text): Promise<Asset | undefined> {
  for (const place of places) {
    const text = await readFile(new URL(place.href + suffix), 'utf8').catch(() => undefined)
    if (text === undefined) continue
    const body = Buffer.from(edit(text))
    const hash = createHash('sha256').update(body).digest('base64url').slice(0, 27)
    const compressed: Variant[] = []
    for (const [encoding, ending, decompress] of encodings) {
      const bytes = await readFile(new URL(place.href + suffix + ending)).catch(() => undefined)
      // What an earlier build left behind is not served.
      if (bytes === undefined || !isOf(bytes, body, decompress)) continue
      compressed.push({ encoding, body: bytes, etag: `"${hash}-${encoding}"` })
    }
    return { type, compressed, plain: { encoding: undefined, body, etag: `"${hash}"` } }
  }
  return undefined
}

function isOf (compressed: Buffer, body: Buffer, decompress: (bytes: Buffer) => Buffer): boolean {
  try {
    return decompress(compressed).equals(body)
  } catch {
    return false
  }
}

/** A missing file is looked for again: it may be built while the server runs. */
function once (load: () => Promise<Asset | undefined>): () => Promise<Asset | undefined> {
  let asset: Asset | undefined
  return async () => (asset ??= await load())
}
