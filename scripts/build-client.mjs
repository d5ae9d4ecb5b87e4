/** Builds the files for browsers, each one minified ES module, `dist/client.browser.js` and `dist/storage.browser.js`, with source maps, all of them compressed. */
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
  'levels', 'tell', 'report', 'members', 'base', 'fail', 'heard', 'tree', 'sent', 'refusals', 'settings', 'answer', 'ahead', 'pong', 'agrees', 'persist',
  'info', 'plain', 'ended', 'session', 'pause', 'write', 'request', 'root', 'share', 'listeners', 'stop', 'onMessage', 'levels', 'events', 'open'
]

/** The client's text and that of its source map. */
export const bundleClient = () => bundle('client', 'lib/client/file.browser.ts', internal)

/** The same of what keeps the state of a client beyond its page. */
export const bundleStorage = () => bundle('storage', 'lib/storage/index.ts', [])

async function bundle (name, entry, shortened) {
  const outfile = `${name}.browser.js`
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: [entry],
    outfile: `dist/${outfile}`,
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
  const [map, text] = outputFiles.map(({ text }) => text)
  // Terser takes another 5 % off what esbuild made: it inlines what is called once.
  const file = await minify({ [outfile]: text }, {
    module: true,
    ecma: 2022,
    compress: { passes: 6, hoist_funs: true, unsafe_arrows: true, pure_getters: true },
    mangle: shortened.length === 0 || { properties: { builtins: true, regex: new RegExp(`^(?:${shortened.join('|')})$`) } },
    sourceMap: { content: map, filename: outfile, url: `${outfile}.map`, includeSources: true }
  })
  return { code: `${file.code}\n`, map: file.map }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  mkdirSync(join(root, 'dist'), { recursive: true })
  for (const [name, { code, map }] of [['client', await bundleClient()], ['storage', await bundleStorage()]]) {
    // What is compressed is what the plugin serves, where the script has a shorter name.
    const served = code.replace(`${name}.browser.js.map`, `${name}.js.map`)
    for (const [suffix, text, compressible] of [['', code, served], ['.map', map, map]]) {
      const path = join(root, `dist/${name}.browser.js${suffix}`)
      writeFileSync(path, text)
      writeFileSync(`${path}.br`, brotliCompressSync(compressible))
      writeFileSync(`${path}.gz`, gzipSync(compressible, { level: 9 }))
    }
  }
}
