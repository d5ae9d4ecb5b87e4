/** Login, origins and TLS in a real browser: the page is live for those who belong, and for nobody else. */
import { once } from 'node:events'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import t from 'tap'
import type { Test } from 'tap'
import { createState, listen } from '../../lib/index.ts'
import type { ListenOptions, Server } from '../../types/listen.ts'
import { makeCertificate } from '../helpers/certificate.ts'
import { htpasswdFile, replaceFile, shaLine } from '../helpers/htpasswd.ts'
import { Logs } from '../helpers/logs.ts'
import { launch, openPage } from '../helpers/browser/chromium.ts'
import { site } from '../helpers/browser/site.ts'

const index = `<!doctype html><title>panel</title><link rel="icon" href="data:,"><output></output><script type="module">
  import { connect } from './ws/client.js'
  const client = await connect()
  const show = () => { document.querySelector('output').textContent = client.state.get('/speed') }
  client.state.onChange(show)
  show()
  client.onStatus((status, info) => { document.title = status + ' ' + info?.code })
  window.ask = (data) => client.send('who', data)
</script>`

/** What a page of another site can do to a socket. */
const evil = `<!doctype html><title>evil</title><link rel="icon" href="data:,"><script>
  window.attack = (url) => new Promise((resolve) => {
    const socket = new WebSocket(url)
    socket.onopen = () => resolve('in')
    socket.onclose = () => resolve('out')
  })
</script>`

const ann = { username: 'ann', password: 'grüße: geheim' }

async function setUp (t: Test, { login = true, ...options }: ListenOptions & { login?: boolean } = {}) {
  const dir = t.testdir({ public: { 'index.html': index } })
  const users = htpasswdFile(dir, { ann: ann.password, bob: 'b' })
  const logs = new Logs()
  const plant = createState({ speed: 1 })
  const server = await listen({
    state: plant, autoflushDelay: 0, staticDir: join(dir, 'public'), host: '127.0.0.1', fastify: { logger: logs.logger }, ...(login && { htpasswdFile: users }), ...options
  })
  t.teardown(() => server.close())
  server.app.juggler.handle('who', (connection) => connection.request.jugglerUser)
  return { server, plant, users, logs, dir }
}

const shows = (page: Page, text: string) => page.locator('output', { hasText: new RegExp(`^${text}$`) }).waitFor()

// One for all tests: launching takes longer than most of them
const browser = await launch(t, { flags: ['--host-resolver-rules=MAP rebound.example 127.0.0.1'] })

/** An upgrade's headers as the server saw them. */
function nextUpgrade (server: Server): Promise<Record<string, unknown>> {
  return once(server.app.server, 'upgrade').then(([request]) => request.headers)
}

t.test('the dialog is answered, the page is live, its WebSocket is authenticated', async (t) => {
  const { server, plant, users } = await setUp(t)
  const { page, errors } = await openPage(browser, { httpCredentials: ann })
  const upgrade = nextUpgrade(server)
  await page.goto(server.address)
  t.match(page.url(), /\/index\.html$/)
  await shows(page, '1')
  plant.set('/speed', 2)
  await shows(page, '2')
  t.equal(await page.evaluate('ask()'), 'ann')
  t.match((await upgrade).cookie, /^juggler-ticket-[\w-]{10}=/, 'the ticket came along')
  const [ticket] = await page.context().cookies(`${server.address}/ws`)
  t.match(ticket, { name: /^juggler-ticket-/, path: '/ws', httpOnly: true, sameSite: 'Strict', secure: false })
  t.equal(await page.evaluate('document.cookie'), '', 'no script sees it')
  t.same(errors, [])

  // whoever is removed is shown out
  replaceFile(users, shaLine('bob', 'b'))
  await page.waitForFunction(() => document.title === 'reconnecting 4401')
})

t.test('without the right credentials there is nothing to see', async (t) => {
  const { server } = await setUp(t)
  for (const httpCredentials of [{ username: 'ann', password: 'wrong' }, { username: 'nobody', password: ann.password }]) {
    const { page } = await openPage(browser, { httpCredentials })
    const response = await page.goto(server.address)
    t.equal(response?.status(), 401)
    t.equal(await page.locator('output').count(), 0)
  }
  t.equal(server.app.juggler.connections.size, 0)
})

t.test('a page of another site gets no socket, with the login at hand', async (t) => {
  const { server, logs } = await setUp(t)
  const other = await site(t, { '/': evil })
  const { page } = await openPage(browser, { httpCredentials: ann })
  await page.goto(server.address)
  await shows(page, '1')
  const attacker = await page.context().newPage()
  const socket = `${server.address.replace('http', 'ws')}/ws`
  for (const origin of [other, other.replace('127.0.0.1', 'localhost')]) {
    await attacker.goto(origin)
    t.equal(await attacker.evaluate((url) => (window as unknown as { attack (url: string): Promise<string> }).attack(url), socket), 'out', origin)
  }
  t.match(await logs.line(/refused: .*'allowedOrigins'/), { origin: other })
  t.equal(server.app.juggler.connections.size, 1, 'the page of its own alone')
})

t.test('a page of another site, where it is allowed', async (t) => {
  const other = await site(t, { '/': evil })
  const { server } = await setUp(t, { allowedOrigins: [other], login: false })
  const { page } = await openPage(browser)
  await page.goto(other)
  t.equal(await page.evaluate((url) => (window as unknown as { attack (url: string): Promise<string> }).attack(url), `${server.address.replace('http', 'ws')}/ws`), 'in')
})

t.test('a name that was rebound to this address gets nothing from a server that knows its hosts', async (t) => {
  const { server, logs } = await setUp(t, { allowedHosts: ['127.0.0.1'], login: false })
  const { page } = await openPage(browser)
  const response = await page.goto(server.address.replace('127.0.0.1', 'rebound.example'))
  t.equal(response?.status(), 403)
  t.match((await logs.line(/'allowedHosts'/)).host, /^rebound\.example:\d+$/)
})

t.test('over TLS', async (t) => {
  const { server, plant } = await setUp(t, { tls: await makeCertificate() })
  const { page, errors } = await openPage(browser, { httpCredentials: ann, ignoreHTTPSErrors: true })
  await page.goto(server.address)
  await shows(page, '1')
  plant.set('/speed', 3)
  await shows(page, '3')
  t.match(await page.context().cookies(`${server.address}/ws`), [{ name: /^juggler-ticket-/, secure: true }])
  t.same(errors, [])
})
