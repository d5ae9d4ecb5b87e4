/** A panel behind a real nginx, in a real browser: with its prefix stripped, with its prefix kept, with headers left out. */
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import t from 'tap'
import type { Test } from 'tap'
import { createState } from '../../lib/index.ts'
import type { FastifyJugglerOptions } from '../../types/options.ts'
import { startApp } from '../helpers/app.ts'
import { launch, openPage } from '../helpers/browser/chromium.ts'
import { otherBrowsers } from '../helpers/browser/other-browsers.ts'
import { basic, htpasswdFile } from '../helpers/htpasswd.ts'
import { get } from '../helpers/http.ts'
import { Logs } from '../helpers/logs.ts'
import { startNginx } from '../helpers/nginx.ts'
import { connectPeer } from '../helpers/peer.ts'

const index = `<!doctype html><title>panel</title><link rel="icon" href="data:,"><output></output><script type="module">
  import { connect } from './ws/client.js'
  const client = await connect()
  const show = () => { document.querySelector('output').textContent = client.state.get('/speed') }
  client.state.onChange(show)
  show()
</script>`

const ann = { username: 'ann', password: 'secret' }

const upgrades = `proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection $connection_upgrade;
  proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for; proxy_set_header X-Forwarded-Proto $scheme;`
const host = 'proxy_set_header Host $http_host;'

const shows = (page: Page, text: string) => page.locator('output', { hasText: new RegExp(`^${text}$`) }).waitFor()

/** An app, and nginx before it. */
async function setUp (t: Test, locations: (app: string) => string, options: FastifyJugglerOptions = {}) {
  const dir = t.testdir({ public: { 'index.html': index } })
  const logs = new Logs()
  const plant = createState({ speed: 1 })
  const { app, origin } = await startApp(t, {
    juggler: {
      state: plant, autoflushDelay: 0, staticDir: join(dir, 'public'), htpasswdFile: htpasswdFile(dir, { ann: 'secret' }), ...options
    },
    fastify: { trustProxy: '127.0.0.1', logger: logs.logger }
  })
  const proxy = await startNginx(t, dir, locations(origin.replace('ws:', 'http:')))
  return { app, plant, logs, proxy }
}

const browser = await launch(t)

for (const [name, options, locations] of [
  ['stripped, with nothing said about it', {}, (app) => `location /panel/ { ${upgrades} ${host} proxy_pass ${app}/; }`],
  ['stripped, and said so', {}, (app) => `location /panel/ { ${upgrades} ${host} proxy_set_header X-Forwarded-Prefix /panel; proxy_pass ${app}/; }`],
  ['stripped, and known by the option', { publicPath: '/panel' }, (app) => `location /panel/ { ${upgrades} ${host} proxy_pass ${app}/; }`],
  ['kept', { prefix: '/panel' }, (app) => `location /panel { ${upgrades} ${host} proxy_pass ${app}; }`]
] as ReadonlyArray<readonly [string, FastifyJugglerOptions, (app: string) => string]>) {
  t.test(`a prefix that is ${name}`, async (t) => {
    const { plant, proxy } = await setUp(t, locations, options)
    for (const path of ['/panel', '/panel/', '/panel/index.html']) {
      const { page, errors } = await openPage(browser, { httpCredentials: ann })
      await page.goto(proxy + path)
      t.equal(page.url(), `${proxy}/panel/index.html`)
      await shows(page, '1')
      plant.set('/speed', 2)
      await shows(page, '2')
      plant.set('/speed', 1)
      t.same(errors, [])
      await page.context().close()
    }
    // as Safari does it: a ticket alone, by the path in which a browser would send it
    const renewal = await get(proxy, '/panel/ws', { headers: { authorization: basic('ann', 'secret'), 'x-juggler-renew': '/panel/ws' } })
    t.match(renewal.headers['set-cookie']![0], /; Path=\/panel\/ws;/)
    const peer = await connectPeer(t, `${proxy.replace('http', 'ws')}/panel/ws`, {
      headers: { cookie: renewal.headers['set-cookie']![0]!.split(';')[0]!, origin: proxy }
    })
    t.match(await peer.next(), { type: 'state' })
  })
}

t.test('where the prefix is known, the page load itself brings a ticket that fits', async (t) => {
  const { proxy } = await setUp(t, (app) => `location /panel/ { ${upgrades} ${host} proxy_set_header X-Forwarded-Prefix /panel; proxy_pass ${app}/; }`)
  const { page } = await openPage(browser, { httpCredentials: ann })
  await page.goto(`${proxy}/panel/`)
  await shows(page, '1')
  t.match(await page.context().cookies(`${proxy}/panel/ws`), [{ name: /^juggler-ticket-/, path: '/panel/ws' }])
})

t.test('WebKit, which sends no credentials with an upgrade, connects below a prefix that is stripped', async (t) => {
  const webkit = await otherBrowsers.webkit!(t)
  for (const [said, header] of [['nothing said', ''], ['prefix said', 'proxy_set_header X-Forwarded-Prefix /panel;']] as const) {
    await t.test(said, async (t) => {
      const { app, plant, proxy } = await setUp(t, (app) => `location /panel/ { ${upgrades} ${host} ${header} proxy_pass ${app}/; }`)
      const upgraded: Array<string | undefined> = []
      app.juggler.onConnection(({ request }) => { upgraded.push(request.headers.authorization) })
      await webkit.goto(`${proxy.replace('://', '://ann:secret@')}/panel/`)
      for (const speed of [1, 2]) {
        plant.set('/speed', speed)
        while (await webkit.evaluate("document.querySelector('output')?.textContent") !== String(speed)) await new Promise((resolve) => setTimeout(resolve, 50))
      }
      t.same(upgraded, [undefined], 'by its ticket alone')
    })
  }
})

t.test('a single-page app below a prefix that is stripped', async (t) => {
  const { proxy } = await setUp(t, (app) => `location /panel/ { ${upgrades} ${host} proxy_pass ${app}/; }`, { spaFallback: true })
  const { page } = await openPage(browser, { httpCredentials: ann })
  await page.goto(`${proxy}/panel/`)
  t.equal(page.url(), `${proxy}/panel/`)
  await shows(page, '1')
  const response = await page.goto(`${proxy}/panel/devices/7`)
  t.equal(response?.status(), 200)
  t.equal(await page.title(), 'panel')
})

t.test("without the browser's Host no page connects, and the log says what to set", async (t) => {
  for (const [header, advice] of [['', /\$http_host/], ['proxy_set_header Host $host;', /without its port.*\$http_host/]] as const) {
    await t.test(header, async (t) => {
      const { proxy, logs, app } = await setUp(t, (app) => `location /panel/ { ${upgrades} ${header} proxy_pass ${app}/; }`)
      const { page } = await openPage(browser, { httpCredentials: ann })
      await page.goto(`${proxy}/panel/`)
      t.match((await logs.line(/^refused: /)).msg, advice)
      t.equal(app.juggler.connections.size, 0)
    })
  }
})
