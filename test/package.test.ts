/** The package as its users meet it: what is packed, and that each entry resolves. */
import { execFile } from 'node:child_process'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import t from 'tap'
import { npm } from './helpers/npm.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const run = promisify(execFile)
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

/** Every file that an `exports` entry points to, whatever its conditions. */
function targets (entry: unknown): string[] {
  return typeof entry === 'string' ? [entry] : Object.values(entry as object).flatMap(targets)
}

t.test('every entry of exports is there, with its types', async (t) => {
  for (const [name, entry] of Object.entries(manifest.exports)) {
    for (const target of targets(entry)) t.ok(existsSync(join(root, target)), `${name} -> ${target}`)
    if (typeof entry === 'object') t.equal(Object.keys(entry as object)[0], 'types', `${name}: types come first, or TypeScript does not see them`)
  }
  t.ok(existsSync(join(root, manifest.main)))
  t.ok(existsSync(join(root, manifest.types)))
})

t.test('nothing built waits at its top level, so that require() can load it', async (t) => {
  // In a process of its own: the loader of these tests would turn every module into one that can be required.
  const script = `
    const { readdirSync } = require('node:fs')
    const { join } = require('node:path')
    const main = require('fastify-juggler')
    const loaded = [typeof main.default, main.default === main.fastifyJuggler, typeof require('fastify-juggler/client').connect]
    const files = readdirSync('dist/lib', { recursive: true }).filter((name) => name.endsWith('.js') && !name.endsWith('-worker.js'))
    for (const file of files) require(join(process.cwd(), 'dist/lib', file))
    console.log(JSON.stringify([...loaded, files.length > 50]))`
  const { stdout } = await run(process.execPath, ['-e', script], { cwd: root, env: { ...process.env, NODE_OPTIONS: '' } })
  t.same(JSON.parse(stdout), ['function', true, 'function', true])
})

t.test('the tarball holds what it should and nothing else', async (t) => {
  const [packed] = JSON.parse(await npm(['pack', '--dry-run', '--json', '--ignore-scripts'], root))
  const names: string[] = packed.files.map(({ path }: { path: string }) => path)
  for (const name of ['README.md', 'LICENSE', 'CHANGELOG.md', 'SECURITY.md', 'dist/lib/index.js', 'dist/lib/index.d.ts', 'dist/types/index.d.ts', 'dist/client.browser.js', 'dist/storage.browser.js', 'lib/index.ts']) {
    t.ok(names.includes(name), name)
  }
  t.same(names.filter((name) => name.includes('.test')), [], 'no tests')
  const stray = names.filter((name) => !/^(dist\/(lib|types)\/.*\.(js|js\.map|d\.ts|d\.ts\.map)|dist\/(client|storage)\.browser\.js(\.map)?(\.br|\.gz)?|(lib|types)\/.*\.ts|docs\/.*|README\.md|LICENSE|CHANGELOG\.md|SECURITY\.md|package\.json)$/.test(name))
  t.same(stray, [])
  t.ok(packed.unpackedSize < 3.5e6, `${packed.unpackedSize} bytes unpacked`)
})

t.test('source maps lead to sources that are in the package', async (t) => {
  const lost: string[] = []
  for (const file of readdirSync(join(root, 'dist/lib'), { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.js.map'))) {
    const { sources } = JSON.parse(readFileSync(join(root, 'dist/lib', file), 'utf8'))
    lost.push(...sources.filter((source: string) => !existsSync(join(root, 'dist/lib', file, '..', source))))
  }
  t.same(lost, [])
})
