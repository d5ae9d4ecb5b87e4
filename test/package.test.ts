/** The package as its users meet it: what is packed, that each entry resolves, and that it installs and runs outside. */
import { execFile } from 'node:child_process'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { mkdir, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import t from 'tap'

const root = fileURLToPath(new URL('..', import.meta.url))
const run = promisify(execFile)
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const npmCli = process.env['npm_execpath']

/** npm without what it left in the environment of its own script. */
async function npm (args: readonly string[], cwd: string): Promise<string> {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_(?!config_(registry|cache|nodedir))/i.test(name)))
  const [command, ...first] = npmCli ? [process.execPath, npmCli] : ['npm']
  return (await run(command!, [...first, ...args], { cwd, env, maxBuffer: 1 << 26 })).stdout
}

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
  for (const name of ['README.md', 'LICENSE', 'CHANGELOG.md', 'SECURITY.md', 'dist/lib/index.js', 'dist/lib/index.d.ts', 'dist/types/index.d.ts', 'dist/client.browser.js', 'lib/index.ts']) {
    t.ok(names.includes(name), name)
  }
  t.same(names.filter((name) => name.includes('.test')), [], 'no tests')
  const stray = names.filter((name) => !/^(dist\/(lib|types)\/.*\.(js|js\.map|d\.ts|d\.ts\.map)|dist\/client\.browser\.js(\.map)?(\.br|\.gz)?|(lib|types)\/.*\.ts|docs\/.*|README\.md|LICENSE|CHANGELOG\.md|SECURITY\.md|package\.json)$/.test(name))
  t.same(stray, [])
  t.ok(packed.unpackedSize < 3e6, `${packed.unpackedSize} bytes unpacked`)
})

t.test('source maps lead to sources that are in the package', async (t) => {
  const lost: string[] = []
  for (const file of readdirSync(join(root, 'dist/lib'), { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.js.map'))) {
    const { sources } = JSON.parse(readFileSync(join(root, 'dist/lib', file), 'utf8'))
    lost.push(...sources.filter((source: string) => !existsSync(join(root, 'dist/lib', file, '..', source))))
  }
  t.same(lost, [])
})

t.test('installed elsewhere', { timeout: 180_000 }, async (t) => {
  const folder = t.testdir({
    'package.json': JSON.stringify({ name: 'user', private: true, type: 'module' }),
    'esm.mjs': `
      import Fastify from 'fastify'
      import juggler, { createState } from 'fastify-juggler'
      import { connect } from 'fastify-juggler/client'
      const state = createState({ n: 1 })
      const app = Fastify()
      await app.register(juggler, { state })
      app.juggler.handle('twice', (connection, data) => data * 2)
      const client = await connect((await app.listen({ port: 0 })).replace('http', 'ws') + '/ws')
      console.log(await client.send('twice', 21))
      if (client.state.data === null) await new Promise((resolve) => client.state.onChange(resolve))
      console.log(JSON.stringify(client.state.data))
      await client.close()
      await app.close()`,
    'cjs.cjs': `
      const app = require('fastify')()
      app.register(require('fastify-juggler'))
      app.ready().then(() => { console.log(typeof app.juggler.handle); return app.close() })`,
    'user.ts': `
      import Fastify from 'fastify'
      import juggler, { createState } from 'fastify-juggler'
      import type { Connection, FastifyJugglerOptions } from 'fastify-juggler'
      import { connect } from 'fastify-juggler/client'
      import { connect as inPage } from 'fastify-juggler/client.browser.js'
      const app = Fastify()
      const options: FastifyJugglerOptions = { state: createState({ n: 1 }), autoflushDelay: 50 }
      await app.register(juggler, options)
      app.juggler.handle('name', (connection: Connection, data) => [connection.id, data])
      // @ts-expect-error a wrong type of option is an error, so the types are there and not any
      await app.register(juggler, { autoflushDelay: 'soon' })
      const client = await connect<{ n: number }>('ws://127.0.0.1/ws')
      const n: number = (await client.ready).n
      // @ts-expect-error nothing has come yet, perhaps
      client.state.data.n.toFixed()
      const signal = [AbortSignal.timeout(1)].find((signal) => signal.aborted)
      await inPage('/ws', { signal, framing: undefined, reconnect: undefined })
      await client.send('name', 1, { signal, timeout: undefined })
      // @ts-expect-error a snapshot is read-only
      client.state.data!.n = n + 1
      const state = createState({ list: [1] })
      state.update((draft) => { draft.list.push(2) })
      // @ts-expect-error the draft has the state's type
      state.update((draft) => { draft.list.push('x') })`,
    'tsconfig.json': JSON.stringify({
      compilerOptions: { target: 'es2023', module: 'nodenext', strict: true, noEmit: true, exactOptionalPropertyTypes: true, types: ['node'] },
      files: ['user.ts']
    })
  })
  const [packed] = JSON.parse(await npm(['pack', '--json', '--ignore-scripts', '--pack-destination', folder], root))
  await npm(['install', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline', '--legacy-peer-deps', join(folder, packed.filename)], folder)
  // The versions under test, and not whatever is newest: the peer and the compiler are those of the repository.
  await mkdir(join(folder, 'node_modules/@types'), { recursive: true })
  for (const name of ['fastify', '@types/node']) {
    if (!existsSync(join(folder, 'node_modules', name))) await symlink(join(root, 'node_modules', name), join(folder, 'node_modules', name))
  }

  t.equal((await run(process.execPath, ['esm.mjs'], { cwd: folder })).stdout, '42\n{"n":1}\n')
  t.match((await run(process.execPath, ['cjs.cjs'], { cwd: folder })).stdout, 'function')
  const tsc = join(root, 'node_modules/typescript/bin/tsc')
  t.equal(await run(process.execPath, [tsc], { cwd: folder }).then(({ stdout }) => stdout, ({ stdout }) => stdout), '', 'TypeScript sees every type')
})
