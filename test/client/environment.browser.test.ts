/** The page's side, with a page that is played; the real one is in test/browser/. */
import t from 'tap'
import type { Settings } from '../../lib/client/options.ts'

const window = new EventTarget()
const document = new EventTarget()
Object.assign(globalThis, {
  addEventListener: window.addEventListener.bind(window),
  document,
  location: { href: 'https://plant.example/page/', origin: 'https://plant.example' }
})
const { browser } = await import('../../lib/client/environment.browser.ts')

t.test('relative addresses start at the page', async (t) => {
  t.equal(browser.base, 'https://plant.example/page/')
})

t.test('tells when the network is back, somebody looks, or the page is left and shown again, and lets go', async (t) => {
  let woken = 0
  let left = 0
  let returned = 0
  const stop = browser.watchPage!({ onWake: () => { woken++ }, onLeave: () => { left++ }, onReturn: () => { returned++ } })
  window.dispatchEvent(new Event('online'))
  document.dispatchEvent(new Event('visibilitychange'))
  window.dispatchEvent(new Event('pagehide'))
  window.dispatchEvent(new Event('pageshow'))
  t.same([woken, left, returned], [2, 1, 1])
  stop()
  window.dispatchEvent(new Event('online'))
  document.dispatchEvent(new Event('visibilitychange'))
  window.dispatchEvent(new Event('pagehide'))
  window.dispatchEvent(new Event('pageshow'))
  t.same([woken, left, returned], [2, 1, 1])
})

t.test('an error that no close follows ends it as a close would', async (t) => {
  let socket: EventTarget
  const real = globalThis.WebSocket
  t.teardown(() => { globalThis.WebSocket = real })
  globalThis.WebSocket = class extends EventTarget {
    onerror?: () => void
    constructor () {
      super()
      socket = this
      this.addEventListener('error', () => this.onerror!())
    }
  } as unknown as typeof WebSocket
  const ends: unknown[] = []
  browser.open('ws://127.0.0.1/', {} as Settings, () => {}, { trouble: undefined, status: undefined, info: { code: 1006, reason: '' } })
    .onclose = (end) => { ends.push(end) }
  socket!.dispatchEvent(new Event('error'))
  t.same(ends, [{ code: 1006, reason: '' }])
})

t.test('what a page cannot do has a code, and says what to do', async (t) => {
  t.throws(() => browser.check({ auth: { username: 'a', password: 'secret' } }), { code: 'JUGGLER_AUTH_BROWSER', message: /left to the browser/ })
  t.throws(() => browser.check({ tls: {} }), { code: 'JUGGLER_OPTION_INVALID', message: /tls/ })
  browser.check({ framing: 'auto' })
})

t.test('asks for a new login, of its own origin alone', async (t) => {
  const asked: unknown[] = []
  let answer: Response
  const real = globalThis.fetch
  t.teardown(() => { globalThis.fetch = real })
  globalThis.fetch = (async (url: URL, options: RequestInit) => {
    asked.push([url.href, options.headers, options.redirect, options.cache])
    return answer
  }) as typeof fetch
  const { signal } = new AbortController()
  const renew = (response: Response, url = 'wss://plant.example/ws?room=7') => {
    answer = response
    return browser.renewLogin!(url, signal)
  }
  t.equal(await renew(new Response(null, { status: 204 }), 'wss://ann:secret@plant.example/ws'), 'renewed')
  t.match(asked.pop(), ['https://plant.example/ws'], 'fetch refuses credentials in an address')
  const html = (status: number) => new Response('<p>', { status, headers: { 'content-type': 'text/html; charset=utf-8' } })
  const json = (status: number, body: unknown) => new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } })

  t.equal(await renew(new Response(null, { status: 204 })), 'renewed')
  t.same(asked, [['https://plant.example/ws?room=7', { 'x-juggler-renew': '/ws' }, 'manual', 'no-store']])
  t.equal(await renew(json(401, { code: 'FST_JUGGLER_UNAUTHORIZED' })), 'refused')
  t.equal(await renew(json(403, { code: 'FST_JUGGLER_UNAUTHORIZED' })), 'refused')
  t.equal(await renew(json(401, { code: 'OTHER' })), 'login', 'an upgrade may pass where this does not')
  t.equal(await renew(html(401)), 'login')
  t.equal(await renew(json(401, null)), 'login')
  t.equal(await renew({ status: 0, ok: false, type: 'opaqueredirect', headers: new Headers(), body: null } as Response), 'redirect')
  for (const status of [200, 403]) t.equal(await renew(html(status)), 'redirect', `a page with ${status}`)
  for (const status of [404, 500, 502, 503]) t.equal(await renew(html(status)), undefined, `a page with ${status}`)
  for (const status of [200, 403, 404, 426, 429, 503]) t.equal(await renew(json(status, {})), undefined, String(status))

  asked.length = 0
  for (const url of ['ws://plant.example/ws', 'wss://plant.example:8443/ws', 'wss://other.example/ws']) {
    t.equal(await renew(html(200), url), undefined, url)
  }
  t.same(asked, [], 'nothing is fetched')
})
