/** The page's side, with a page that is played; the real one is in test/browser/. */
import t from 'tap'
import type { Settings } from '../../lib/client/options.ts'

const window = new EventTarget()
const document = new EventTarget()
Object.assign(globalThis, {
  addEventListener: window.addEventListener.bind(window),
  document,
  location: { href: 'https://plant.example/page/' }
})
const { browser } = await import('../../lib/client/environment.browser.ts')

t.test('relative addresses start at the page', async (t) => {
  t.equal(browser.base, 'https://plant.example/page/')
})

t.test('wakes when the network is back and when somebody looks, and lets go', async (t) => {
  let woken = 0
  const stop = browser.watchWake!(() => { woken++ })
  window.dispatchEvent(new Event('online'))
  document.dispatchEvent(new Event('visibilitychange'))
  t.equal(woken, 2)
  stop()
  window.dispatchEvent(new Event('online'))
  document.dispatchEvent(new Event('visibilitychange'))
  t.equal(woken, 2)
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
  browser.open('ws://127.0.0.1/', {} as Settings, () => {}, { trouble: undefined, info: { code: 1006, reason: '' } })
    .onclose = (end) => { ends.push(end) }
  socket!.dispatchEvent(new Event('error'))
  t.same(ends, [{ code: 1006, reason: '' }])
})

t.test('what a page cannot do has a code, and says what to do', async (t) => {
  t.throws(() => browser.check({ auth: { username: 'a', password: 'secret' } }), { code: 'JUGGLER_AUTH_BROWSER', message: /login/ })
  t.throws(() => browser.check({ tls: {} }), { code: 'JUGGLER_OPTION_INVALID', message: /tls/ })
  browser.check({ framing: 'auto' })
})
