/**
 * Compiles test files, each with what it imports of the repository, into one module that plain Node loads. No process
 * then needs a loader, and each file has the library's modules for itself, also where files share a process.
 */
import { mkdtempSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { extname, join, relative, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import { root } from '../run.mjs'

/** What a file gets for tap: the test that worker.mjs has made for it, or else the root, in a process of its own. */
const tapOfFile = `
import root from 'tap'
const t = globalThis[Symbol.for('juggler.test-of-file')] ?? root
export { t, t as default }`

/**
 * @typedef {object} Bundle
 * @property {string} [url] - of the module that was made
 * @property {Set<string>} imports - the packages and the modules of Node that it imports
 * @property {string} [problem] - why no module could be made
 */

/**
 * @param {string[]} files - paths from the root
 * @returns {Promise<Map<string, Bundle>>} of each file
 */
export async function bundleTests (files) {
  // Below the root, so that packages are found. A folder of its own, so that two runs do not meet.
  mkdirSync(join(root, '.tap'), { recursive: true })
  const folder = mkdtempSync(join(root, '.tap/suite-'))
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
  try {
    return await bundle(files, folder)
  } catch {
    // One file that cannot be compiled must not take the others along.
    const single = files.map((file) => bundle([file], folder).catch(({ message }) => new Map([[file, { imports: new Set(), problem: message }]])))
    return new Map((await Promise.all(single)).flatMap((one) => [...one]))
  }
}

async function bundle (files, folder) {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: files,
    outdir: folder,
    outbase: root,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    packages: 'external',
    format: 'esm',
    platform: 'node',
    target: `node${process.versions.node}`,
    define: { 'import.meta.url': 'urlOfThisModule' },
    sourcemap: true,
    sourcesContent: false,
    metafile: true,
    logLevel: 'silent',
    plugins: [{ name: 'juggler-tests', setup }]
  })
  return new Map(Object.entries(metafile.outputs).filter(([, { entryPoint }]) => entryPoint !== undefined).map(([path, { entryPoint, imports }]) =>
    [entryPoint, { url: pathToFileURL(resolve(root, path)).href, imports: new Set(imports.map((one) => one.path)) }]))
}

function setup ({ onResolve, onLoad }) {
  onResolve({ filter: /^tap$/ }, ({ importer, namespace }) => namespace === 'file' && importer !== ''
    ? { path: 'tap', namespace: 'tap-of-file' }
    : { path: 'tap', external: true })
  onLoad({ filter: /^/, namespace: 'tap-of-file' }, () => ({ contents: tapOfFile, resolveDir: root }))
  // In a bundle, a module still finds the files that stand beside it.
  onLoad({ filter: /\.[cm]?[jt]s$/, namespace: 'file' }, ({ path }) => {
    const text = readFileSync(path, 'utf8')
    if (!text.includes('import.meta.url')) return
    const url = JSON.stringify(pathToFileURL(placeOf(path)).href)
    return { contents: `const urlOfThisModule = ${url}; ${text}`, loader: extname(path).slice(-2) }
  })
}

/** The library's modules start threads from files beside them: those of the build, which need no loader. */
function placeOf (path) {
  const file = relative(root, path)
  return /^lib[/\\].*\.ts$/.test(file) ? join(root, 'dist', file.replace(/\.ts$/, '.js')) : path
}
