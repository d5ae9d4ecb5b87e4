/** The documents keep up with the code: what the README shows runs, links lead somewhere, every public name is described. */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import Fastify from 'fastify'
import * as main from 'fastify-juggler'
import * as client from 'fastify-juggler/client'
import * as contract from 'fastify-juggler/contract'
import * as check from 'fastify-juggler/contract/check'
import t from 'tap'
import type { Test } from 'tap'
import { launch, openPage } from './helpers/browser/chromium.ts'
import { freePort } from './helpers/free-port.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const read = (file: string) => readFileSync(join(root, file), 'utf8')
const documents = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.md'], { cwd: root, encoding: 'utf8' })
  .split('\n').filter((file) => file !== '' && existsSync(join(root, file)))

/** The code blocks of a document in one language, in order. */
const blocks = (file: string, language: string) =>
  [...read(file).matchAll(new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\`$`, 'gm'))].map((match) => match[1]!)

/** Runs a script and gives its output line by line; it is ended with the test. */
function start (t: Test, cwd: string, file: string) {
  const child = spawn(process.execPath, [file], { cwd, env: { ...process.env, NODE_OPTIONS: '' }, stdio: ['ignore', 'pipe', 'inherit'] })
  t.teardown(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  })
  return createInterface({ input: child.stdout })[Symbol.asyncIterator]()
}

async function until (lines: AsyncIterableIterator<string>, pattern: RegExp): Promise<string> {
  let text = ''
  for (let line = await lines.next(); !line.done; line = await lines.next()) {
    text += `${line.value}\n`
    if (pattern.test(text)) return text
  }
  throw new Error(`${pattern} did not come, but:\n${text}`)
}

t.test('the server and the client of the README run', async (t) => {
  const [server, program, ...others] = blocks('README.md', 'js')
  t.same(others, [], 'what is shown is what is run')
  t.ok(server!.trim().split('\n').length <= 15)
  t.ok(program!.trim().split('\n').length <= 10)
  const port = String(await freePort())
  const folder = t.testdir({ 'server.mjs': server!.replace('8080', port), 'client.mjs': program!.replace('8080', port), node_modules: {} })
  symlinkSync(root, join(folder, 'node_modules/fastify-juggler'), 'junction')
  symlinkSync(join(root, 'node_modules/fastify'), join(folder, 'node_modules/fastify'), 'junction')
  await until(start(t, folder, 'server.mjs'), /Server listening/)
  const text = await until(start(t, folder, 'client.mjs'), /alarm[^]*3100[^]*3100|3100[^]*alarm/)
  t.match(text, 'alarm { id: 7, speed: 3100 }')
  t.same(await (await fetch(`http://127.0.0.1:${port}/api/pumps`)).json(), { 7: { speed: 3100, running: true } })
})

t.test('the page of the README runs', async (t) => {
  const [script, ...others] = blocks('README.md', 'html')
  t.same(others, [])
  const state = main.createState({ pumps: { 7: { speed: 1450 } } })
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(main.default, { state })
  app.get('/', (_request, reply) => reply.type('text/html').send(`<!doctype html><link rel="icon" href="data:,">${script}`))
  const { page, errors } = await openPage(await launch(t))
  await page.goto(await app.listen({ host: '127.0.0.1', port: 0 }))
  await page.waitForFunction(() => document.title === '1450')
  state.set('/pumps/7/speed', 900)
  await page.waitForFunction(() => document.title === '900')
  t.same(errors, [])
})

t.test('links between documents lead somewhere', async (t) => {
  const broken = documents.flatMap((file) => [...read(file).matchAll(/\]\((?!https?:)([^)#\s]+)[^)]*\)/g)]
    .filter((match) => !existsSync(join(root, dirname(file), match[1]!)))
    .map((match) => `${file}: ${match[1]}`))
  t.same(broken, [])
})

t.test('docs/api.md describes every public name', async (t) => {
  const text = read('docs/api.md')
  const declared = (file: string) => [...read(file).matchAll(/^export (?:interface|type) (\w+)/gm)].map((match) => match[1]!)
  const members = (file: string, name: string) => {
    const body = new RegExp(`^export interface ${name}\\b[^]*?^}`, 'm').exec(read(file))![0]
    return [...body.matchAll(/^ {2}(?:readonly )?(\w+)\??(?: ?<[^>]*>)?(?::| \()/gm)].map((match) => match[1]!)
  }
  const names = new Set([
    ...Object.keys(main).filter((name) => name !== 'default'),
    ...Object.keys(client),
    ...Object.keys(contract),
    ...Object.keys(check),
    ...declared('lib/contract/check.ts'),
    ...['contract', 'contract-definition', 'contract-client', 'json', 'state', 'protocol', 'options', 'server', 'stats', 'client', 'listen'].flatMap((file) => declared(`types/${file}.ts`)),
    ...members('types/options.ts', 'FastifyJugglerOptions'),
    ...members('types/server.ts', 'Connection'),
    ...members('types/server.ts', 'Juggler'),
    ...members('types/state.ts', 'ReadableState'),
    ...members('types/state.ts', 'State'),
    ...members('types/client.ts', 'Client'),
    ...members('types/client.ts', 'ConnectOptions'),
    ...members('types/listen.ts', 'ListenOptions'),
    ...members('types/listen.ts', 'Server')
  ])
  t.ok(names.size > 90, `${names.size} names`)
  t.same([...names].filter((name) => !new RegExp(`\`[^\`]*\\b${name}\\b[^\`]*\``).test(text)), [])
})

t.test('docs/protocol.md lists every close code', async (t) => {
  const text = read('docs/protocol.md')
  t.same(Object.values(main.closeCodes).filter(({ code }) => !new RegExp(`\\b${code}\\b`).test(text)), [])
})
