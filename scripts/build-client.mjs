/** Builds the browser file: the client as one minified ES module, `dist/client.browser.js`, its source map, and both compressed. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { minify } from 'terser'
import { root } from './run.mjs'

/**
 * Names of members that only the client's own parts use with each other, and nothing of the platform: they are shortened.
 * No name of the public face, of a message or of an option may be among them.
 */
const internal = [
  'conclude', 'guarded', 'onFault', 'onGivenUp', 'onLeave', 'onLost', 'onObstacle', 'onOpen', 'onReturn', 'onWake', 'openedAt',
  'patience', 'postpone', 'prove', 'renewLogin', 'stateCame', 'tooEarly', 'trouble', 'unanswered', 'watchPage', 'environment', 'wake', 'soon',
  'told', 'again', 'deadline', 'renew', 'rest', 'where', 'auto', 'follow', 'lost', 'opened', 'edit', 'atomically', 'emit', 'place', 'run',
  'levels', 'tell', 'report', 'members', 'base', 'fail', 'heard', 'tree', 'sent', 'refusals', 'settings', 'answer', 'ahead', 'pong', 'agrees'
]

/** The file's text and that of its source map. */
export async function bundleClient () {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: ['lib/client/file.browser.ts'],
    outfile: 'dist/client.browser.js',
    bundle: true,
    minify: true,
    // A page has no process to warn: what listeners throw goes to reportError.
    define: { 'globalThis.process': 'undefined' },
    format: 'esm',
    platform: 'browser',
    // Panels on walls are not young.
    target: 'es2022',
    sourcemap: 'external',
    charset: 'utf8',
    legalComments: 'none',
    write: false
  })
  const [map, bundle] = outputFiles.map(({ text }) => text)
  // Terser takes another 5 % off what esbuild made: it inlines what is called once.
  const file = await minify({ 'client.browser.js': bundle }, {
    module: true,
    ecma: 2022,
    compress: { passes: 6, hoist_funs: true, unsafe_arrows: true },
    mangle: { properties: { regex: new RegExp(`^(?:${internal.join('|')})$`) } },
    sourceMap: { content: map, filename: 'client.browser.js', url: 'client.browser.js.map', includeSources: true }
  })
  return { code: `${file.code}\n`, map: file.map }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { code, map } = await bundleClient()
  mkdirSync(join(root, 'dist'), { recursive: true })
  // What is compressed is what the plugin serves, where the script is called client.js.
  const served = code.replace('client.browser.js.map', 'client.js.map')
  for (const [name, text, compressible] of [['client.browser.js', code, served], ['client.browser.js.map', map, map]]) {
    const path = join(root, 'dist', name)
    writeFileSync(path, text)
    writeFileSync(`${path}.br`, brotliCompressSync(compressible))
    writeFileSync(`${path}.gz`, gzipSync(compressible, { level: 9 }))
  }
}
