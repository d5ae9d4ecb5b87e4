/** The examples for React, Svelte and Vue, built with Vite, in a real Chromium on a real server. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import Fastify from 'fastify'
import t from 'tap'
import type { Test } from 'tap'
import { build } from 'vite'
import juggler, { createState } from '../../lib/index.ts'
import { launch, openPage } from '../helpers/browser/chromium.ts'

const examples = fileURLToPath(new URL('../../examples/frameworks/', import.meta.url))
const browser = await launch(t)

/** Builds an example and serves it, with its state. */
async function serve (t: Test, name: string) {
  const folder = mkdtempSync(join(tmpdir(), `juggler-${name}-`))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  await build({ root: join(examples, name), configFile: join(examples, 'vite.config.js'), logLevel: 'error', build: { outDir: folder, emptyOutDir: true, minify: false, reportCompressedSize: false } })
  const start = async (port: number) => {
    const plant = createState({ pumps: { 7: { speed: 1450 }, 8: { speed: 0 } } })
    const app = Fastify({ forceCloseConnections: true })
    await app.register(juggler, { state: plant, staticDir: folder, autoflushDelay: 5 })
    app.juggler.handle('pump/set', (_connection, data) => {
      const { id, speed } = data as { id: string, speed: number }
      plant.set(`/pumps/${id}/speed`, speed)
    })
    await app.listen({ port, host: '127.0.0.1' })
    return { app, plant, port: (app.server.address() as { port: number }).port }
  }
  return { ...await start(0), restart: start }
}

for (const name of ['react', 'svelte', 'vue']) {
  t.test(name, async (t) => {
    const { app, plant, port, restart } = await serve(t, name)
    const { page, errors } = await openPage(browser)
    await page.goto(`http://127.0.0.1:${port}/index.html`)
    const speeds = (...expected: string[]) => page.waitForFunction((expected) =>
      [...document.querySelectorAll('td:nth-child(2)')].map((cell) => cell.textContent).join() === expected, expected.join())
    const busy = (expected: boolean) => page.waitForSelector(`table[aria-busy="${expected}"]`)
    await speeds('1450', '0')
    await busy(false)

    // The row that does not change is not touched: what the test leaves in it stays.
    await page.evaluate(() => { document.querySelectorAll('td:nth-child(2)')[1]!.setAttribute('data-mark', 'mine') })
    plant.set('/pumps/7/speed', 1500)
    await speeds('1500', '0')
    await page.click('tr:nth-child(1) button')
    await speeds('1510', '0')
    t.equal(plant.get('/pumps/7/speed'), 1510)
    plant.set('/pumps/9', { speed: 3 })
    await speeds('1510', '0', '3')
    t.equal(await page.locator('[data-mark=mine]').count(), 1)

    await app.close()
    await busy(true)
    await speeds('1510', '0', '3')
    const again = await restart(port)
    t.teardown(() => again.app.close())
    await busy(false)
    await speeds('1450', '0')
    // While the server was away: the socket, and after some attempts the login.
    t.same(errors.filter((text) => !/WebSocket connection to|ERR_CONNECTION_REFUSED/.test(text)), [])
  })
}
