/** The page's libraries, taken from node_modules: the demo loads nothing from elsewhere. */
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import type { FastifyInstance } from 'fastify'

const { resolve } = createRequire(import.meta.url)

const assets = [
  ['/assets/uplot.js', 'uplot/dist/uPlot.esm.js', 'text/javascript; charset=utf-8'],
  ['/assets/uplot.css', 'uplot/dist/uPlot.min.css', 'text/css; charset=utf-8'],
  ['/assets/archivo.woff2', '@fontsource-variable/archivo/files/archivo-latin-wdth-normal.woff2', 'font/woff2']
] as const

export async function assetRoutes (app: FastifyInstance) {
  for (const [path, file, type] of assets) {
    const content = await readFile(resolve(file))
    app.get(path, async (_request, reply) => reply.type(type).header('cache-control', 'max-age=3600').send(content))
  }
}
