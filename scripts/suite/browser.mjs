/** One Chromium for all tests: each connects to it and has contexts of its own there, which end with its connection. */
import { chromium } from 'playwright-core'

/**
 * How tests launch a Chromium.
 *
 * @param {object} [options]
 * @param {string[]} [options.flags] - beside the usual ones
 * @param {boolean} [options.windows] - the browser as people have it, for what the one without windows lacks
 */
export const launchOptions = ({ flags = [], windows = false } = {}) => ({
  executablePath: (windows ? undefined : process.env.CHROMIUM_SHELL_PATH) ?? process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-dev-shm-usage', '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync', ...flags],
  // As people have it: a page that is left is kept for a while.
  ignoreDefaultArgs: ['--disable-back-forward-cache']
})

/** @returns {Promise<{ endpoint: string, end (): Promise<void> }>} */
export async function serveBrowser () {
  const server = await chromium.launchServer({ ...launchOptions(), host: '127.0.0.1' })
  return { endpoint: server.wsEndpoint(), end: () => server.kill() }
}
