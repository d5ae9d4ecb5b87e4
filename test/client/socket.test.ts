/** The page's side, with a page that is played; the real one is in test/browser/. */
import t from 'tap'

const window = new EventTarget()
const document = new EventTarget()
Object.assign(globalThis, {
  addEventListener: window.addEventListener.bind(window),
  document,
  location: { href: 'https://plant.example/page/' }
})
const { browser } = await import('../../lib/client/socket.ts')

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

t.test('what a page cannot do has a code, and says what to do', async (t) => {
  t.throws(() => browser.check({ auth: { username: 'a', password: 'secret' } }), { code: 'JUGGLER_AUTH_BROWSER', message: /login/ })
  t.throws(() => browser.check({ tls: {} }), { code: 'JUGGLER_OPTION_INVALID', message: /tls/ })
  browser.check({ framing: 'auto' })
})
