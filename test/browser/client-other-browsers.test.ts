/** What becomes of the client when its page is left, or its login has run out, in Firefox and in WebKit. */
import type { IncomingMessage } from 'node:http'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import t from 'tap'
import { createState, listen } from '../../lib/index.ts'
import { otherBrowsers } from '../helpers/browser/other-browsers.ts'
import type { OtherBrowser } from '../helpers/browser/other-browsers.ts'
import { htpasswdFile } from '../helpers/htpasswd.ts'

const index = `<!doctype html><title>panel</title><link rel="icon" href="data:,"><output></output>
<script type="module">
  import { connect } from './ws/client.js'
  window.errors = []
  window.client = await connect(undefined, { reconnect: { minDelay: 20, maxDelay: 50 }, onError: ({ code }) => errors.push(code) })
  window.shown = () => client.status + ' ' + client.stale + ' ' + client.state.get('/speed')
</script>`
const files = { 'index.html': index, 'other.html': '<!doctype html><title>other</title><link rel="icon" href="data:,">' }

/** Asks until the answer is this one; the page may be a new one meanwhile. */
async function becomes (browser: OtherBrowser, expression: string, expected: unknown): Promise<void> {
  for (;;) {
    const value = await browser.evaluate(expression).catch(() => undefined)
    if (value === expected) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

for (const [name, launch] of Object.entries(otherBrowsers)) {
  t.test(name, async (t) => {
    const dir = t.testdir({ public: files })
    const plant = createState({ speed: 1 })
    const server = await listen({
      state: plant,
      autoflushDelay: 0,
      staticDir: join(dir, 'public'),
      host: '127.0.0.1',
      htpasswdFile: htpasswdFile(dir, { ann: 'secret' })
    })
    t.teardown(() => server.close())
    const { server: http, juggler: { connections } } = server.app
    const browser = await launch(t)
    const page = server.address.replace('://', '://ann:secret@')
    await browser.goto(`${page}/index.html`)
    await becomes(browser, 'window.shown?.()', 'open false 1')

    t.test('a page whose upgrade is refused gets a new ticket, and comes back', async (t) => {
      const renewals: Array<string | undefined> = []
      const upgrades: Array<string | undefined> = []
      http.prependListener('request', ({ headers }: IncomingMessage) => {
        if (headers['x-juggler-renew'] !== undefined) renewals.push(headers.authorization)
      })
      const listeners = http.listeners('upgrade') as Array<(request: IncomingMessage, socket: Duplex) => void>
      http.removeAllListeners('upgrade')
      http.once('upgrade', (request: IncomingMessage, socket: Duplex) => {
        upgrades.push(request.headers.authorization)
        if (name === 'webkit') {
          // As with a ticket that has run out: WebKit sends no credentials with an upgrade, and is refused.
          delete request.headers.cookie
          for (const listener of listeners) listener.call(http, request, socket)
        } else {
          // A refusal that makes nobody forget the credentials, as a 401 does where they were sent.
          socket.end('HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n')
        }
        for (const listener of listeners) http.on('upgrade', listener)
      })
      for (const connection of connections) connection.close(4000)
      while (renewals.length === 0) await new Promise((resolve) => setTimeout(resolve, 20))
      await becomes(browser, 'shown()', 'open false 1')
      t.equal(renewals.length, 1)
      t.ok(renewals[0], 'with the credentials of the page')
      t.equal(upgrades[0] === undefined, name === 'webkit', 'who sends credentials with an upgrade')
      t.same(await browser.evaluate('errors'), [])
    })

    t.test('a page that is left is no viewer any more, and fresh when somebody goes back to it', async (t) => {
      await browser.evaluate("void (location.href = 'other.html')")
      while (connections.size > 0) await new Promise((resolve) => setTimeout(resolve, 20))
      await becomes(browser, 'document.title', 'other')
      plant.set('/speed', 2)
      await browser.evaluate('void history.back()')
      await becomes(browser, 'window.shown?.()', 'open false 2')
      t.equal(connections.size, 1)
      plant.set('/speed', 3)
      await becomes(browser, 'window.shown?.()', 'open false 3')
    })
  })
}
