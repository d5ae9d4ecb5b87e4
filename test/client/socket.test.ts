/** The page's side, with a page that is played; the real one is in test/browser/. */
import t from 'tap'

const calls: string[] = []
const target = (name: string) => {
  const events = new EventTarget()
  return {
    dispatchEvent: (event: Event) => events.dispatchEvent(event),
    addEventListener (type: string, listener: () => void) {
      calls.push(`${name}+${type}`)
      events.addEventListener(type, listener)
    },
    removeEventListener (type: string, listener: () => void) {
      calls.push(`${name}-${type}`)
      events.removeEventListener(type, listener)
    }
  }
}
const window = target('window')
const document = target('document')
Object.assign(globalThis, window, { document, location: { href: 'https://plant.example/page/' } })
const { browser } = await import('../../lib/client/socket.ts')

t.test('relative addresses start at the page', async (t) => {
  t.equal(browser.base, 'https://plant.example/page/')
})

t.test('wakes on everything that may have been a sleep, and lets go', async (t) => {
  let woken = 0
  const stop = browser.watchWake!(() => { woken++ })
  window.dispatchEvent(new Event('online'))
  window.dispatchEvent(new Event('pageshow'))
  document.dispatchEvent(new Event('resume'))
  document.dispatchEvent(new Event('visibilitychange'))
  t.equal(woken, 4)
  stop()
  const [added, removed] = [calls.filter((call) => call.includes('+')), calls.filter((call) => call.includes('-'))]
  t.same(removed.map((call) => call.replace('-', '+')), added)
  window.dispatchEvent(new Event('online'))
  t.equal(woken, 4)
})

t.test('what a page cannot do has a code, and says what to do', async (t) => {
  t.throws(() => browser.check({ auth: { username: 'a', password: 'secret' } }), { code: 'JUGGLER_AUTH_BROWSER', message: /login/ })
  t.throws(() => browser.check({ tls: {} }), { code: 'JUGGLER_OPTION_INVALID', message: /tls/ })
  browser.check({ framing: 'auto' })
})
