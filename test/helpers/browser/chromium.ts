/** A headless Chromium for tests. */
import type { Test } from 'tap'
import { chromium } from 'playwright-core'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
// @ts-expect-error: the scripts have no types
import { launchOptions } from '../../../scripts/suite/browser.mjs'

export interface LaunchOptions {
  /** Flags beside the usual ones. */
  flags?: string[]
  /** The browser as people have it: the one without windows keeps no page that is left. */
  windows?: boolean
}

/**
 * Ends with the test. Where the runner has one Chromium for all tests, this is a connection to it; options are for a
 * Chromium of one's own.
 */
export async function launch (t: Test, options?: LaunchOptions): Promise<Browser> {
  const shared = options === undefined ? process.env['CHROMIUM_SERVER'] : undefined
  const browser = await (shared ? chromium.connect(shared) : chromium.launch(launchOptions(options)))
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
