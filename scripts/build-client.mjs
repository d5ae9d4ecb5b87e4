/** Builds the browser file: the client as one minified ES module with its source map, `dist/client.browser.js`. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { root } from './run.mjs'

/** The file's text and that of its source map. */
export async function bundleClient () {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: ['lib/client/file.browser.ts'],
    outfile: 'dist/client.browser.js',
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    // Panels on walls are not young. Before ES2022, #private needs helpers that cost more than they are worth.
    target: 'es2022',
    sourcemap: 'linked',
    charset: 'utf8',
    legalComments: 'none',
    write: false
  })
  const [map, code] = outputFiles.map(({ text }) => text)
  return { code, map }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { code, map } = await bundleClient()
  mkdirSync(join(root, 'dist'), { recursive: true })
  writeFileSync(join(root, 'dist/client.browser.js'), code)
  writeFileSync(join(root, 'dist/client.browser.js.map'), map)
}
