/** Builds the browser file: the client as one minified ES module with its source map, `dist/client.browser.js`. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { minify } from 'terser'
import { root } from './run.mjs'

/**
 * Names that only this package's own objects use, and that may be shortened: a caller never sees them, and neither
 * JSON nor the platform has them. A test compares them with the public types.
 */
export const internalNames = [
  'announce', 'answer', 'atomically', 'auto', 'base', 'check', 'edit', 'emit', 'end', 'ended', 'expect', 'follow', 'heard', 'info', 'listeners',
  'onLost', 'onMessage', 'onOpen', 'openedAt', 'patience', 'ping', 'plain', 'rejectAll', 'renew', 'report', 'rest', 'root', 'share', 'stop', 'tell', 'text',
  'tree', 'trouble', 'wake', 'watchWake', 'where'
]

/** The characters of short names, most frequent first; from the 55th on they cannot start one. */
const alphabet = 'etrnoiaslcufdgphmywEvbAO$LSTN_DJRxGICUPkFzVMWHqQBKXYZj0123456789'
const reversed = [...alphabet.slice(0, 54)].reverse().join('') + alphabet.slice(54)

/**
 * Names for terser. Those of the file's top level come from the other end of the alphabet, so that all functions can
 * call their parameters alike (`e`, `t`, …), whatever they use of the top level: gzip likes what repeats.
 */
function shortNames () {
  let letters = reversed
  let last = -1
  return {
    // Terser names scope by scope, the top level first, and asks for the names of each from 0 upwards.
    get (n) {
      if (n < last) letters = alphabet
      last = n
      let name = letters[n % 54]
      for (n = Math.floor(n / 54); n > 0; n = Math.floor(n / 64)) name += letters[--n % 64]
      return name
    }
  }
}

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
    mangleProps: new RegExp(`^(?:${internalNames.join('|')})$`),
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
  // Another 5 % less: it inlines what is called once.
  const file = await minify({ 'client.browser.js': bundle }, {
    module: true,
    ecma: 2022,
    compress: { passes: 6, conditionals: false, hoist_funs: true, keep_fargs: false, unsafe_arrows: true },
    mangle: { nth_identifier: shortNames() },
    sourceMap: { content: map, filename: 'client.browser.js', url: 'client.browser.js.map', includeSources: true }
  })
  return { code: `${file.code}\n`, map: file.map }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { code, map } = await bundleClient()
  mkdirSync(join(root, 'dist'), { recursive: true })
  writeFileSync(join(root, 'dist/client.browser.js'), code)
  writeFileSync(join(root, 'dist/client.browser.js.map'), map)
}
