/** What becomes of the client when its page is left and shown again, and when the page's login has run out. */
import { once } from 'node:events'
import { createServer, request as forward } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { connect as connectTcp } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import t from 'tap'
import type { Test } from 'tap'
import { createState, listen } from '../../lib/index.ts'
import type { ListenOptions } from '../../types/listen.ts'
import { launch, openPage } from '../helpers/browser/chromium.ts'
import { htpasswdFile } from '../helpers/htpasswd.ts'
import { site } from '../helpers/browser/site.ts'

const index = `<!doctype html><title>panel</title><link rel="icon" href="data:,"><output></output><a href="other.html">other</a>
<script type="module">
  import { connect } from './ws/client.js'
  window.errors = []
  window.client = await connect(undefined, { reconnect: { minDelay: 20, maxDelay: 50 }, onError: ({ code }) => errors.push(code) })
  const show = () => {
    document.querySelector('output').textContent = client.status + ' ' + client.stale + ' ' + client.state.get('/speed')
  }
  client.state.onChange(show)
  client.onStatus(show)
  client.onStatus((status, info) => { if (info) document.title = info.code })
  show()
</script>`
const files = { 'index.html': index, 'other.html': '<!doctype html><title>other</title><link rel="icon" href="data:,">' }
const ann = { username: 'ann', password: 'secret' }

async function setUp (t: Test, options: ListenOptions & { login?: boolean } = {}) {
  const { login = false, ...others } = options
  const dir = t.testdir({ public: files })
  const plant = createState({ speed: 1 })
  const htpasswd = htpasswdFile(dir, { ann: ann.password })
  const server = await listen({
    state: plant, autoflushDelay: 0, staticDir: join(dir, 'public'), host: '127.0.0.1', ...(login && { htpasswdFile: htpasswd }), ...others
  })
  t.teardown(() => server.close())
  return { server, plant, connections: server.app.juggler.connections }
}

const browser = await launch(t, { windows: true })
const shows = (page: Page, text: string) => page.waitForFunction((text) => document.querySelector('output')?.textContent === text, text)

t.test('a page that is left is no viewer any more, and fresh when somebody goes back to it', async (t) => {
  const { server, plant, connections } = await setUp(t)
  const { page, errors } = await openPage(browser)
  await page.goto(`${server.address}/index.html`)
  await shows(page, 'open false 1')
  await page.evaluate('window.kept = true')
  const [connection] = [...connections]
  const closed = connection!.closed
  await page.click('a')
  const start = performance.now()
  t.equal((await closed).code, 1000)
  t.ok(performance.now() - start < 2000, 'it is told at once')
  t.equal(connections.size, 0)
  plant.set('/speed', 2)
  // Playwright would wait for a load, which a page that was kept does not have.
  await page.evaluate('history.back()')
  await page.waitForURL(/index/, { waitUntil: 'commit' })
  t.equal(await page.evaluate('window.kept'), true, 'it is the page that was left, not a new one')
  await shows(page, 'open false 2')
  t.equal(connections.size, 1)
  plant.set('/speed', 3)
  await shows(page, 'open false 3')
  t.same(errors, [])
})

/** Counts the requests for a new login. */
function counting (server: Awaited<ReturnType<typeof listen>>) {
  const counts = { renewals: 0 }
  server.app.server.prependListener('request', (request: IncomingMessage) => {
    if (request.headers['x-juggler-renew'] !== undefined) counts.renewals++
  })
  return counts
}

t.test('a page whose ticket has run out gets a new one, and comes back', async (t) => {
  const { server, connections } = await setUp(t, { login: true })
  const { page } = await openPage(browser, { httpCredentials: ann })
  await page.goto(`${server.address}/index.html`)
  await shows(page, 'open false 1')
  await page.context().clearCookies()
  // Chromium sends its credentials with an upgrade, and forgets them after a 401. So another status stands for the
  // refusal that a browser without them gets; to a page they look alike.
  const { server: http } = server.app
  const listeners = http.listeners('upgrade') as Array<() => void>
  http.removeAllListeners('upgrade')
  let refused = 0
  http.once('upgrade', (_request, socket) => {
    refused++
    socket.end('HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n')
    for (const listener of listeners) http.on('upgrade', listener)
  })
  const counts = counting(server)
  const renewed = page.waitForResponse((response) => response.request().headers()['x-juggler-renew'] !== undefined)
  for (const connection of connections) connection.close(4000)
  const answer = await renewed
  t.equal(answer.status(), 204)
  t.match((await page.context().cookies(`${server.address}/ws`)), [{ httpOnly: true, path: '/ws' }], 'there is a ticket again')
  await page.waitForFunction(() => document.title === '4000')
  await shows(page, 'open false 1')
  t.same([refused, counts.renewals, connections.size], [1, 1, 1], 'one upgrade is refused, one request renews, one upgrade passes')
  t.same(await page.evaluate('errors'), [])
})

/** A proxy that lets everything pass, until somebody has to log in at it. */
async function loginProxy (t: Test, target: string, answer: (response: ServerResponse) => void) {
  const gate = { shut: false, asked: 0, origin: '' }
  const upstream = new URL(target)
  const sockets = new Set<Socket>()
  const server = createServer((request, response) => {
    if (gate.shut) {
      gate.asked++
      answer(response)
      return
    }
    request.pipe(forward(upstream, { path: request.url, method: request.method, headers: request.headers }, (from) => {
      response.writeHead(from.statusCode!, from.headers)
      from.pipe(response)
    }))
  })
  server.on('upgrade', (request, socket: Socket) => {
    sockets.add(socket.on('error', () => {}))
    if (gate.shut) {
      socket.end('HTTP/1.1 302 Found\r\nLocation: /login\r\nContent-Length: 0\r\n\r\n')
      return
    }
    const to = connectTcp(Number(upstream.port), upstream.hostname, () => {
      to.write(`GET ${request.url} HTTP/1.1\r\n${Object.entries(request.headers).map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`)
    })
    to.on('error', () => {}).pipe(socket).pipe(to)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  gate.origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  t.teardown(() => new Promise<void>((resolve) => {
    for (const socket of sockets) socket.destroy()
    server.close(() => resolve())
    server.closeAllConnections()
  }))
  return gate
}

t.test('a page before which somebody has to log in elsewhere says so, once', async (t) => {
  const answers = {
    redirect: (response: ServerResponse) => { response.writeHead(302, { location: '/login' }).end() },
    page: (response: ServerResponse) => { response.writeHead(403, { 'content-type': 'text/html' }).end('<h1>Log in') }
  }
  for (const [kind, answer] of Object.entries(answers)) {
    const { server, connections } = await setUp(t)
    const gate = await loginProxy(t, server.address, answer)
    const { page } = await openPage(browser)
    await page.goto(`${gate.origin}/index.html`)
    await shows(page, 'open false 1')
    gate.shut = true
    for (const connection of connections) connection.close(4000)
    while (gate.asked < 3) await new Promise((resolve) => setTimeout(resolve, 10))
    t.same(await page.evaluate('errors'), ['JUGGLER_LOGIN_REDIRECTED'], kind)
    gate.shut = false
    await shows(page, 'open false 1')
    t.same(await page.evaluate('errors'), ['JUGGLER_LOGIN_REDIRECTED'], kind)
  }
})

t.test('nothing is fetched from another origin', async (t) => {
  const { server } = await setUp(t, { login: true })
  const counts = counting(server)
  const client = await (await fetch(`${server.address}/ws/client.js`, { headers: { authorization: `Basic ${btoa('ann:secret')}` } })).text()
  const other = await site(t, { '/': index.replace('./ws/client.js', '/client.js').replace('undefined', `'${server.address}/ws'`), '/client.js': client })
  const { page, errors } = await openPage(browser)
  await page.goto(other)
  while (!errors.some((text) => /JUGGLER_CONNECT_FAILED|cannot connect/.test(text))) await page.waitForEvent('pageerror')
  t.equal(counts.renewals, 0)
})
