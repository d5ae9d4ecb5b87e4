/** The stock clients' `Application` with their renderer, in Chromium, against this server. */
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import fc from '../helpers/fast-check.ts'
import type { FastifyInstance } from 'fastify'
import type { Page } from 'playwright-core'
import t from 'tap'
import type { Test } from 'tap'
import type { JsonValue } from '../../types/json.ts'
import { launch } from '../helpers/browser/chromium.ts'
import { edit, make } from '../helpers/edits.ts'
import { servePlant } from '../helpers/interop/plant.ts'
import type { Plant, PlantOptions } from '../helpers/interop/plant.ts'

const packages = {
  plain: { name: 'juggler-plain', title: '@hat-open/juggler 0.6.18' },
  segmented: { name: 'juggler-segmented', title: '@hat-open/juggler 0.7.0' }
}
const retryDelay = 100
const pingDelay = 10

/** What the page offers to the tests. */
interface Stock {
  send (name: string, data: JsonValue): Promise<JsonValue>
  /** The remote state as the renderer holds it, as JSON text. */
  state (): string
  /** A member of it. */
  member (name: string): JsonValue
  /** Resolves when it is the value of a JSON text, after whatever the server sent before it was called. */
  holds (text: string): Promise<void>
  connected: number
  disconnected: number
  notifications: JsonValue[]
}

const bundles = Object.fromEntries(await Promise.all(Object.values(packages).map(async ({ name }) => {
  const contents = `
    import { Application } from '${name}'
    import renderer from '@hat-open/renderer'
    const query = new URLSearchParams(location.search)
    const address = 'ws://' + location.host + '/ws' + (query.get('query') ?? '')
    const application = new Application(['remote'], renderer, [address], ${retryDelay}, ${pingDelay}, 5000)
    const stock = window.stock = {
      connected: 0,
      disconnected: 0,
      notifications: [],
      send: (name, data) => application.send(name, data),
      state: () => JSON.stringify(renderer.get('remote')),
      member: (name) => renderer.get('remote', name),
      async holds (text) {
        const value = JSON.parse(text)
        await application.send('', null)
        while (!equal(renderer.get('remote'), value)) await new Promise((resolve) => { setTimeout(resolve) })
      }
    }
    function equal (a, b) {
      if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b
      const names = Object.keys(a)
      return Array.isArray(a) === Array.isArray(b) && names.length === Object.keys(b).length &&
        names.every((name) => Object.hasOwn(b, name) && equal(a[name], b[name]))
    }
    application.addEventListener('connected', () => { stock.connected++ })
    application.addEventListener('disconnected', () => { stock.disconnected++ })
    application.addEventListener('notify', ({ detail }) => { stock.notifications.push(detail) })
  `
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: fileURLToPath(new URL('.', import.meta.url)) },
    bundle: true,
    format: 'esm',
    write: false
  })
  return [name, outputFiles[0]?.text]
})))

const browser = await launch(t)

/** Adds the page and its scripts to the plant's own app. */
function withPages (app: FastifyInstance): void {
  for (const { name } of Object.values(packages)) {
    app.get(`/${name}`, (_request, reply) => reply.type('text/html').send(`<!doctype html><body><script type="module" src="/${name}.js"></script>`))
    app.get(`/${name}.js`, (_request, reply) => reply.type('text/javascript').send(bundles[name]))
  }
}

async function open (t: Test, plant: Plant, name: string, query = ''): Promise<Page> {
  const page = await browser.newPage()
  t.teardown(() => page.close())
  page.on('pageerror', (error) => { t.fail('an error in the page', { error }) })
  await page.goto(`http://127.0.0.1:${plant.port}/${name}?query=${encodeURIComponent(query)}`)
  await page.waitForFunction(() => stock.connected === 1)
  return page
}

declare const stock: Stock

async function send (page: Page, name: string, data: JsonValue): Promise<JsonValue> {
  const result = await page.evaluate(async ([name, data]) => {
    const result = await stock.send(name!, JSON.parse(data!)).catch((failed) => ({ failed }))
    return JSON.stringify(result)
  }, [name, JSON.stringify(data)])
  return JSON.parse(result)
}

/** Resolves when the renderer holds the plant's state. */
async function agree (page: Page, plant: Plant): Promise<void> {
  await plant.flush()
  await page.evaluate((text) => stock.holds(text), plant.state.stringify())
}

for (const framing of ['plain', 'segmented'] as const) {
  const { name, title } = packages[framing]
  const serve = (t: Test, options: PlantOptions = {}) => servePlant(t, { framing, extend: withPages, ...options })

  t.test(title, async (t) => {
    t.test('state null and not, requests, errors, notifications, pings at 10 ms', async (t) => {
      const plant = await serve(t, { pingDelay, pingTimeout: 10_000 })
      const page = await open(t, plant, name)
      t.equal(await page.evaluate(() => stock.state()), 'null')
      plant.state.set('', { pumps: { 7: { speed: 1450 } }, '😀': ['\u2028'] })
      await agree(page, plant)
      t.strictSame(await send(page, 'echo', { a: [1, '😀'] }), { a: [1, '😀'] })
      t.strictSame(await send(page, 'fail', null), { failed: 'the pump is stuck' })
      t.strictSame(await send(page, 'reject', { code: 7 }), { failed: { code: 7 } })
      t.equal(await send(page, 'length', 'x'.repeat(300_000)), 300_000)
      await send(page, 'notify', 'data')
      t.strictSame(await page.evaluate(() => stock.notifications), [0, 1, 2].map((i) => ({ name: `note ${i}`, data: 'data' })))
      await page.waitForTimeout(20 * pingDelay)
      t.equal(await send(page, 'echo', 'alive'), 'alive')
      t.strictSame(await page.evaluate(() => [stock.connected, stock.disconnected]), [1, 0])
    })

    t.test('a large state', async (t) => {
      const text = 'žmigavac 😀 '.repeat(8 * 1024 * 1024 / 11)
      const plant = await serve(t, { initial: { text, n: 0 } })
      const page = await open(t, plant, name)
      await plant.flush()
      await page.waitForFunction(() => stock.member('n') === 0)
      t.equal(await page.evaluate(() => (stock.member('text') as string).length), text.length)
      plant.state.set('/n', 1)
      await plant.flush()
      await page.waitForFunction(() => stock.member('n') === 1)
      t.strictSame(await page.evaluate(() => [stock.connected, stock.disconnected]), [1, 0])
    })

    t.test('100 random edits of the state, each ending equal', async (t) => {
      const plant = await serve(t, { initial: { a: [1, 2, 3], b: { c: 'x' } } })
      const page = await open(t, plant, name)
      for (const one of fc.sample(edit, 100)) {
        make(plant.state, one)
        await agree(page, plant)
      }
      t.strictSame(await page.evaluate(() => [stock.connected, stock.disconnected]), [1, 0])
    })

    t.test('reconnection after a server restart', async (t) => {
      const before = await serve(t, { autoflushDelay: 0, initial: { run: 1 } })
      const page = await open(t, before, name)
      await page.waitForFunction(() => stock.state() === '{"run":1}')
      await before.app.close()
      await page.waitForFunction(() => stock.disconnected > 0 && stock.state() === 'null')
      const after = await serve(t, { port: before.port, autoflushDelay: 0, initial: { run: 2 } })
      await page.waitForFunction(() => stock.connected === 2 && stock.state() === '{"run":2}')
      after.state.set('/run', 3)
      await page.waitForFunction(() => stock.state() === '{"run":3}')
      t.equal(await send(page, 'echo', 'again'), 'again')
    })
  })
}

t.test('both kinds on one server, one of them with ?framing= in its URL', async (t) => {
  const plant = await servePlant(t, { extend: withPages, autoflushDelay: 0, initial: { n: 0 } })
  const plain = await open(t, plant, packages.plain.name)
  const segmented = await open(t, plant, packages.segmented.name, '?framing=segmented')
  plant.state.set('/n', 1)
  for (const page of [plain, segmented]) {
    await agree(page, plant)
    t.equal(await send(page, 'echo', 'x'), 'x')
  }
})
