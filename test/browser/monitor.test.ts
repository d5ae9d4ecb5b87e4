/** The demo in a real browser: live figures, a request, a notification, a second screen, and the server going away. */
import type { AddressInfo } from 'node:net'
import type { Page } from 'playwright-core'
import t from 'tap'
import type { Test } from 'tap'
import { buildApp } from '../../examples/monitor/app.ts'
import { launch, openPage } from '../helpers/browser/chromium.ts'

async function serve (t: Test) {
  const app = await buildApp({ interval: 250 })
  t.teardown(() => app.close())
  await app.listen({ host: '127.0.0.1', port: 0 })
  return { app, url: `http://127.0.0.1:${(app.server.address() as AddressInfo).port}/` }
}

const isLive = async (page: Page) => page.locator('body[data-link="live"]').waitFor()
const text = async (page: Page, selector: string) => (await page.locator(selector).textContent())?.trim()
/** Waits until an element's text has changed twice: it moves by itself. */
const moves = async (page: Page, selector: string) => page.waitForFunction((selector) => {
  const seen = ((window as unknown as { seen?: Record<string, Set<string>> }).seen ??= {})
  const texts = (seen[selector] ??= new Set())
  texts.add(document.querySelector(selector)?.textContent ?? '')
  return texts.size >= 3
}, selector)

t.test('the page shows what the machine does, and every screen shows the same', async (t) => {
  const { app, url } = await serve(t)
  const browser = await launch(t)
  const { page, errors } = await openPage(browser)

  await page.goto(url)
  t.match(page.url(), /\/index\.html$/, 'the root leads to the page')
  await isLive(page)
  await moves(page, '#wire-count')
  t.match(await text(page, '#cpu-total'), /^\d+$/)
  t.match(await text(page, '#memory-used'), /^[\d.]+ [MGT]B of [\d.]+ [GT]B$/)
  t.ok(Number(await page.locator('#processes tr').count()) > 0)
  t.equal(await page.locator('#cores li').count(), (await app.inject('/api/state/cpu/cores')).json().length)
  t.equal(await page.locator('.plot canvas').count(), 5)

  t.test('a request changes the interval, here, on a second screen and over REST', async (t) => {
    const second = await openPage(browser)
    await second.page.goto(url)
    await isLive(second.page)
    t.equal(await text(second.page, '#screens-count'), '2')
    t.equal(await second.page.locator('#screens [data-own]').count(), 1)

    await page.locator('#interval label', { hasText: '½ s' }).click()
    await second.page.locator('#interval input[value="500"]:checked').waitFor({ state: 'attached' })
    t.equal((await app.inject('/api/state/sampling/interval')).json(), 500)

    await second.page.context().close()
    await page.waitForFunction(() => document.getElementById('screens-count')?.textContent === '1')
    t.same(second.errors, [])
  })

  t.test('a threshold that is crossed sends a notification, and the state keeps saying so', async (t) => {
    await page.locator('[data-metric=memory] .alarm input').fill('0')
    await page.keyboard.press('Enter')
    const toast = page.locator('.toast.alarm', { hasText: 'Memory at' })
    await toast.waitFor()
    // The notification overtakes the state, which waits for the end of its window.
    await page.locator('[data-metric=memory][data-alarm]').waitFor()
    await toast.getByRole('button', { name: 'Dismiss' }).click()
    t.equal(await toast.count(), 0)
  })

  t.test('what the server refuses is told, and the control goes back', async (t) => {
    const input = page.locator('[data-metric=cpu] .alarm input')
    await input.fill('400')
    await input.blur()
    await page.locator('.toast', { hasText: 'threshold must be a number from 0 to 1' }).waitFor()
    t.equal(await input.inputValue(), '85')
  })

  t.test('nothing went wrong in the page', async (t) => {
    t.same(errors, [])
  })
})

t.test('away from the server, old figures do not look like new ones', async (t) => {
  const { app, url } = await serve(t)
  const { page } = await openPage(await launch(t))
  await page.goto(url)
  await isLive(page)
  const figure = await text(page, '#host-name')

  await app.close()
  await page.locator('body[data-link="away"]').waitFor()
  t.match(await text(page, '#link'), /^Reconnecting\. Last heard /)
  t.equal(await text(page, '#host-name'), figure, 'the last state stays readable')
  await page.waitForFunction(() => getComputedStyle(document.querySelector('main')!).filter === 'grayscale(1)')
})

t.test('it fits a telephone', async (t) => {
  const { url } = await serve(t)
  const { page, errors } = await openPage(await launch(t), { viewport: { width: 360, height: 740 } })
  await page.goto(url)
  await isLive(page)
  t.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'nothing to scroll sideways')
  t.same(errors, [])
})

t.test('a browser without a language draws the plots as well', async (t) => {
  const { url } = await serve(t)
  const browser = await launch(t)
  const { page, errors } = await openPage(browser)
  // What WebKit says under a C locale, and Intl refuses.
  await page.addInitScript({ content: "Object.defineProperty(Navigator.prototype, 'language', { get: () => 'C', configurable: true })" })
  await page.goto(url)
  await isLive(page)
  await page.locator('.plot canvas').nth(4).waitFor()
  t.same(errors, [])
})
