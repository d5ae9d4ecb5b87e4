/** The client as pages get it: the plugin's own file without a build step, and bundles made with esbuild and Vite. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build as bundle } from 'esbuild'
import Fastify from 'fastify'
import t from 'tap'
import type { Test } from 'tap'
import { build as viteBuild } from 'vite'
import juggler, { createState } from '../../lib/index.ts'
import type { FastifyJugglerOptions } from '../../types/options.ts'
import { launch, openPage } from '../helpers/browser/chromium.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const browser = await launch(t)

const html = (script: string) => `<!doctype html><link rel="icon" href="data:,"><title>client</title><output></output><script type="module">${script}</script>`

/** What a page does with a client: shows a value of the state, what an echo brings back, and what went wrong. */
const use = (connect: string) => `
  const client = await ${connect}
  const show = () => { document.querySelector('output').textContent = JSON.stringify(client.state.data) }
  client.state.onChange(show)
  show()
  window.echo = (data) => client.send('', data)
`

async function serve (t: Test, files: Readonly<Record<string, string>>, options: FastifyJugglerOptions = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'juggler-page-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(folder, name, '..'), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  const state = createState({ speed: 1450 })
  const app = Fastify({ forceCloseConnections: true })
  await app.register(juggler, { state, staticDir: folder, autoflushDelay: 5, ...options })
  await app.listen({ port: 0, host: '127.0.0.1' })
  t.teardown(() => app.close())
  return { state, origin: `http://127.0.0.1:${(app.server.address() as { port: number }).port}` }
}

/** The page shows the state, follows it, and its requests are answered. */
async function works (t: Test, url: string, state: { set (path: string, value: unknown): void }) {
  const { page, errors } = await openPage(browser)
  await page.goto(url)
  await page.waitForFunction(() => document.querySelector('output')!.textContent === '{"speed":1450}')
  state.set('/speed', 7)
  await page.waitForFunction(() => document.querySelector('output')!.textContent === '{"speed":7}')
  t.same(await page.evaluate(() => (window as never as { echo (data: unknown): Promise<unknown> }).echo({ a: ['ü'] })), { a: ['ü'] })
  t.same(errors, [])
  return page
}

t.test('the file that the plugin serves knows its server', async (t) => {
  const { state, origin } = await serve(t, { 'index.html': html(`import { connect } from '/ws/client.js'; ${use('connect()')}`) })
  await works(t, `${origin}/index.html`, state)
})

t.test('also under a prefix, with a path of its own', async (t) => {
  const { state, origin } = await serve(t, { 'index.html': html(`import { connect } from './live/socket/client.js?v=1'; ${use('connect(undefined, {})')}`) },
    { prefix: '/plant', wsPath: '/live/socket' })
  await works(t, `${origin}/plant/index.html`, state)
})

t.test('kept elsewhere it takes an address', async (t) => {
  const { state, origin } = await serve(t, {
    'index.html': html(`import { connect } from './vendor/juggler.js'; ${use('connect()')}`),
    'named.html': html(`import { connect } from './vendor/juggler.js'; ${use("connect('ws')")}`),
    'vendor/juggler.js': 'export * from "/ws/client.js"'
  })
  await works(t, `${origin}/index.html`, state)
  state.set('/speed', 1450)
  await works(t, `${origin}/named.html`, state)
})

t.test('in a worker, which has no document', async (t) => {
  const { state, origin } = await serve(t, {
    'index.html': html(`
      const worker = new Worker('./worker.js', { type: 'module' })
      let answered
      worker.onmessage = ({ data: { state, answer } }) => {
        if (state === undefined) answered(answer)
        else document.querySelector('output').textContent = JSON.stringify(state)
      }
      window.echo = (data) => new Promise((resolve) => {
        answered = resolve
        worker.postMessage(data)
      })`),
    'worker.js': `
      import { connect } from '/ws/client.js'
      const client = await connect()
      const show = () => postMessage({ state: client.state.data })
      client.state.onChange(show)
      show()
      onmessage = async ({ data }) => postMessage({ answer: await client.send('', data) })`
  })
  await works(t, `${origin}/index.html`, state)
})

t.test('a bundle made with esbuild', async (t) => {
  const { outputFiles } = await bundle({
    stdin: { contents: `import { connect } from 'fastify-juggler/client'; ${use('connect()')}`, resolveDir: root },
    bundle: true,
    minify: true,
    format: 'esm',
    write: false
  })
  const code = outputFiles[0]!.text
  t.notMatch(code, /\bBuffer\b/, 'the build for browsers was taken')
  const { state, origin } = await serve(t, { 'index.html': html("import '/bundle.js'"), 'bundle.js': code })
  await works(t, `${origin}/index.html`, state)
})

t.test('a bundle made with Vite', async (t) => {
  // Below the repository, so that the name of the package leads to it.
  mkdirSync(join(root, '.tap'), { recursive: true })
  const source = mkdtempSync(join(root, '.tap/page-'))
  t.teardown(() => rmSync(source, { recursive: true, force: true }))
  writeFileSync(join(source, 'index.html'), html("import './page.js'"))
  writeFileSync(join(source, 'page.js'), `import { connect } from 'fastify-juggler/client'; ${use('connect()')}`)
  const built = await viteBuild({
    root: source,
    configFile: false,
    logLevel: 'error',
    build: { write: false, target: 'es2022' }
  }) as { output: Array<{ fileName: string, code?: string, source?: string | Uint8Array }> }
  const files = Object.fromEntries(built.output.map(({ fileName, code, source }) => [fileName, code ?? String(source)]))
  const { state, origin } = await serve(t, files)
  await works(t, `${origin}/index.html`, state)
})

t.test('a page cannot give credentials, and reads why', async (t) => {
  const { origin } = await serve(t, {
    'index.html': html(`import { connect } from '/ws/client.js'
      connect('ws', { auth: { username: 'a', password: 'b' } }).catch((error) => { document.querySelector('output').textContent = error.code })`)
  })
  const { page } = await openPage(browser)
  await page.goto(`${origin}/index.html`)
  await page.waitForFunction(() => document.querySelector('output')!.textContent === 'JUGGLER_AUTH_BROWSER')
  t.pass('it is a coded error')
})
