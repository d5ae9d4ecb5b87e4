/** A page that is loaded again shows what it showed last, before its server has said anything. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { Test } from 'tap'
import { createState, listen } from '../../lib/index.ts'
import type { Server } from '../../types/listen.ts'
import { launch, openPage } from '../helpers/browser/chromium.ts'
import { otherBrowsers } from '../helpers/browser/other-browsers.ts'
import { site } from '../helpers/browser/site.ts'

/** The page comes from another server than its state, so that it can be loaded while that one is away. */
const pageOf = (address: string, store: string) => `<!doctype html><title>panel</title><link rel="icon" href="data:,">
<style>body { font: 24px sans-serif } .stale { opacity: 0.4 }</style>
<h1>Line 1</h1><output></output>
<script type="module">
  import { connect } from '${address}/ws/client.js'
  import { indexedDb, stateStorage } from '${address}/ws/storage.js'
  const output = document.querySelector('output')
  const began = performance.now()
  window.client = await connect('${address.replace('http', 'ws')}/ws', {
    storage: stateStorage(${store}, { interval: 50 }), reconnect: { minDelay: 20, maxDelay: 50 }
  })
  const show = () => {
    output.className = client.stale ? 'stale' : ''
    output.textContent = client.state.get('/speed') + ' rpm' + (client.stale ? ', as of the last visit' : '')
  }
  client.state.onChange(show)
  client.onStatus(show)
  show()
  // Whether what is shown has been written. The item is the only one.
  window.kept = async () => {
    const store = ${store}
    const [key] = 'getItem' in store ? Object.keys(store) : await new Promise((resolve) => {
      indexedDB.open('fastify-juggler').onsuccess = ({ target }) => {
        target.result.transaction('states').objectStore('states').getAllKeys().onsuccess = (event) => resolve(event.target.result)
        target.result.close()
      }
    })
    return String(key && await ('getItem' in store ? store.getItem(key) : store.get(key))).includes('"speed":' + client.state.get('/speed') + ',')
  }
  window.after = performance.now() - began
</script>`

interface Shown { goto (url: string): Promise<unknown>, evaluate (expression: string): Promise<unknown>, screenshot? (): Promise<Buffer> }

async function becomes (page: Shown, expression: string, expected: unknown): Promise<void> {
  for (;;) {
    const value = await page.evaluate(expression).catch(() => undefined)
    if (value === expected) return
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

const text = "document.querySelector('output')?.textContent"
/** A folder for what a page shows while its server is away. */
const pictures = process.env['JUGGLER_PICTURES']

async function reload (t: Test, page: Shown, store: string): Promise<void> {
  const plant = createState({ speed: 1480, rest: 'x'.repeat(100_000) })
  const start = (port: number): Promise<Server> => listen({ state: plant, autoflushDelay: 0, host: '127.0.0.1', port, allowedOrigins: () => true })
  let server = await start(0)
  const { port } = server.app.server.address() as { port: number }
  // The modules must be there while the server of the state is not: they come from the page's own.
  const modules: Record<string, string> = {}
  for (const name of ['client', 'storage']) modules[`/ws/${name}.js`] = (await server.app.inject(`/ws/${name}.js`)).body
  const texts: Record<string, string> = { ...modules }
  const origin = await site(t, texts)
  texts['/index.html'] = pageOf(server.address, store).replaceAll(`'${server.address}/ws/`, "'/ws/")
  await page.goto(`${origin}/index.html`)
  await becomes(page, text, '1480 rpm')
  plant.set('/speed', 1500)
  await becomes(page, text, '1500 rpm')
  await becomes(page, 'kept()', true)
  plant.set('/speed', 1510)
  await becomes(page, text, '1510 rpm')
  // Where a write takes no time, a page that is left before it was due writes in the last moment.
  if (store !== 'localStorage') await becomes(page, 'kept()', true)

  await page.goto(`${origin}/none`)
  await server.close()
  await page.goto(`${origin}/index.html`)
  await becomes(page, text, '1510 rpm, as of the last visit')
  t.equal(await page.evaluate('client.status'), 'connecting')
  t.ok(await page.evaluate('after') as number < 2000)
  if (pictures !== undefined) {
    mkdirSync(pictures, { recursive: true })
    writeFileSync(join(pictures, `${t.name.replace(/\W+/g, '-')}.png`), await page.screenshot!())
  }

  server = await start(port)
  t.teardown(() => server.close())
  await becomes(page, text, '1510 rpm')
  plant.set('/speed', 9)
  await becomes(page, text, '9 rpm')
  t.equal(await page.evaluate('client.status'), 'open')
}

for (const store of ['localStorage', 'indexedDb()']) {
  t.test(`Chromium: ${store}`, async (t) => {
    const browser = await launch(t)
    const { page } = await openPage(browser)
    await reload(t, page, store)
  })
}

t.test('Firefox: localStorage', async (t) => {
  const browser = await otherBrowsers['firefox']!(t)
  await reload(t, browser, 'localStorage')
})

t.test('three tabs with one store: nobody puts an older state over a newer one', async (t) => {
  const browser = await launch(t)
  const context = await browser.newContext()
  const plant = createState({ speed: 0 })
  const dir = t.testdir({ public: {} })
  const server = await listen({ state: plant, autoflushDelay: 0, host: '127.0.0.1', staticDir: join(dir, 'public') })
  t.teardown(() => server.close())
  writeFileSync(join(dir, 'public/index.html'), pageOf(server.address, 'localStorage'))
  const pages = await Promise.all([1, 2, 3].map(async () => {
    const page = await context.newPage()
    await page.goto(`${server.address}/index.html`)
    return page
  }))
  const kept = async (): Promise<number> => await pages[0]!.evaluate("Number(/speed\":(\\d+)/.exec(Object.values(localStorage)[0] ?? '')?.[1] ?? 0)") as number
  let last = 0
  for (let speed = 1; speed <= 20; speed++) {
    plant.set('/speed', speed)
    await Promise.all(pages.map((page) => becomes(page, text, `${speed} rpm`)))
    const now = await kept()
    t.ok(now >= last, `${now} after ${last}`)
    last = now
  }
  while (await kept() !== 20) await new Promise((resolve) => setTimeout(resolve, 20))
})
