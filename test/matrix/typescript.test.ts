/** What compiles for users: plugin, contract and client, under old and new compilers and each kind of module. */
import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { mkdir, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import t from 'tap'
import { npm } from '../helpers/npm.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const run = promisify(execFile)
const compilers = ['5.6', '5.9', '6.0', '7.0']

const contract = `
import { defineContract, typed } from 'fastify-juggler/contract'

export interface Plant { pumps: Record<string, { speed: number }> }
export const contract = defineContract({
  state: typed<Plant>(),
  requests: {
    'pump/set': {
      data: { type: 'object', properties: { id: { type: 'number' }, speed: { type: 'number' } }, required: ['id', 'speed'] },
      result: { enum: ['done', 'queued'] }
    }
  },
  notifications: { alarm: { type: 'object', properties: { id: { type: 'number' } }, required: ['id'] } }
})
`
const server = `
import Fastify from 'fastify'
import juggler, { createState } from 'fastify-juggler'
import type { Juggler } from 'fastify-juggler'
import { contract } from './contract'

export async function serve (): Promise<string> {
  const app = Fastify()
  const plant = createState({ pumps: { 7: { speed: 1450 } } })
  await app.register(juggler, { state: plant })
  plant.set('/pumps/7/speed', 1500)
  // @ts-expect-error no such member
  plant.set('/pumps/7/speeed', 1500)
  // @ts-expect-error of another type
  plant.set('/pumps/7/speed', 'x')
  const speed: number | null = plant.get('/pumps/7/speed')
  app.juggler.handle<{ id: number }>('pump/start', (_connection, { id }) => id + (speed ?? 0))
  const panel = app.getDecorator<Juggler>('juggler')
  panel.handle('pump/stop', { schema: { data: { type: 'object', properties: { id: { type: 'number' } }, required: ['id'] } } }, (_connection, { id }) => id.toFixed())

  const typed = contract.on(app)
  typed.handle('pump/set', ({ state }, { id, speed }) => {
    state.set(\`/pumps/\${id}/speed\`, speed)
    return speed > 0 ? 'done' : 'queued'
  })
  typed.broadcast('alarm', { id: 7 })
  // @ts-expect-error no such request
  typed.handle('pump/sett', () => 'done')
  // @ts-expect-error no such notification
  typed.broadcast('alarms')
  return app.listen()
}
`
const client = `
import { connect } from 'fastify-juggler/client'
import type { contract, Plant } from './contract'

export async function follow (): Promise<number | undefined> {
  const client = await connect<typeof contract>('ws://127.0.0.1/ws', {
    onNotify (name, data) { if (name === 'alarm') console.log(data.id) }
  })
  const answer: 'done' | 'queued' = await client.send('pump/set', { id: 7, speed: 1500 })
  // @ts-expect-error a member is missing
  await client.send('pump/set', { id: 7 })
  // @ts-expect-error the state is the server's
  client.state.set('/pumps', {})
  const plain = await connect<Plant>()
  // @ts-expect-error no such member
  plain.state.get('/pump')
  const count = await plain.send<number>('count')
  return answer === 'done' ? client.state.data?.pumps['7']?.speed : count
}
`

/** The three files, with the extension that their kind of module asks of imports. */
const files = (extension: string): Record<string, string> => ({
  'contract.ts': contract, 'server.ts': server.replaceAll('./contract', `./contract${extension}`), 'client.ts': client.replaceAll('./contract', `./contract${extension}`)
})
const config = (compilerOptions: object): string => JSON.stringify({
  compilerOptions: { target: 'es2022', strict: true, noEmit: true, noUncheckedIndexedAccess: true, types: ['node'], ...compilerOptions },
  files: ['contract.ts', 'server.ts', 'client.ts']
})

t.test('TypeScript from 5.6 on', { timeout: 240_000 }, async (t) => {
  const folder = t.testdir({
    'package.json': JSON.stringify({ name: 'user', private: true }),
    nodenext: { ...files('.js'), 'package.json': '{ "type": "module" }', 'tsconfig.json': config({ module: 'nodenext' }) },
    bundler: { ...files(''), 'package.json': '{ "type": "module" }', 'tsconfig.json': config({ module: 'esnext', moduleResolution: 'bundler' }) },
    commonjs: { ...files(''), 'package.json': '{ "type": "commonjs" }', 'tsconfig.json': config({ module: 'nodenext' }) }
  })
  const [packed] = JSON.parse(await npm(['pack', '--json', '--ignore-scripts', '--pack-destination', folder], root))
  const install = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline', '--legacy-peer-deps', join(folder, packed.filename)]
  await npm([...install, ...compilers.map((version) => `typescript-${version}@npm:typescript@~${version}.0`)], folder)
  await mkdir(join(folder, 'node_modules/@types'), { recursive: true })
  for (const name of ['fastify', '@types/node']) {
    if (!existsSync(join(folder, 'node_modules', name))) await symlink(join(root, 'node_modules', name), join(folder, 'node_modules', name))
  }
  for (const version of compilers) {
    const home = join(folder, 'node_modules', `typescript-${version}`)
    const { bin, version: installed } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8'))
    const compile = (kind: string): Promise<string> => run(process.execPath, [join(home, bin.tsc), '--project', kind, '--pretty', 'false'], { cwd: folder })
      .then(({ stdout }) => stdout, ({ stdout, stderr }) => `${stdout}${stderr}`)
    const [nodenext, bundler, commonjs] = await Promise.all(['nodenext', 'bundler', 'commonjs'].map(compile))
    t.equal(nodenext, '', `${installed}, ES modules in Node`)
    t.equal(bundler, '', `${installed}, ES modules for a bundler`)
    // Before 5.8 the compiler takes no ES module for one that can be required.
    if (version === '5.6') t.match(commonjs, /TS1479/, `${installed}, CommonJS`)
    else t.equal(commonjs, '', `${installed}, CommonJS`)
  }
})
