/** A headless Chromium for tests. */
import type { Test } from 'tap'
import { chromium } from 'playwright-core'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'

const flags = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync']

/** Launched for the test, and closed at its end. */
export async function launch (t: Test, extraFlags: readonly string[] = []): Promise<Browser> {
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
    args: [...flags, ...extraFlags],
    // As people have it: a page that is left is kept for a while.
    ignoreDefaultArgs: ['--disable-back-forward-cache']
  })
  t.teardown(() => browser.close())
  return browser
}

/** A page of its own, and what goes wrong in it: uncaught errors and errors on the console. */
export async function openPage (browser: Browser, options?: BrowserContextOptions): Promise<{ page: Page, errors: string[] }> {
  const page = await (await browser.newContext(options)).newPage()
  const errors: string[] = []
  page.on('pageerror', (error) => errors.push(String(error)))
  page.on('console', (message) => { if (message.type() === 'error') errors.push(message.text()) })
  return { page, errors }
}
