/** Its default address, in a page that is played; everything else is in test/browser/. */
import t from 'tap'

const opened: string[] = []
Object.assign(globalThis, {
  location: { href: 'https://plant.example/page/index.html' },
  WebSocket: class {
    constructor (url: string) {
      opened.push(url)
      throw new Error('played')
    }
  }
})
const { connect, ...others } = await import('../../lib/client/index.browser.ts')

t.test('without an address it is /ws of the page\'s host', async (t) => {
  await t.rejects(connect(), { code: 'JUGGLER_CONNECT_FAILED', message: /plant\.example\/ws \(played\)/ })
  await t.rejects(connect(undefined, { framing: 'segmented' }), { code: 'JUGGLER_CONNECT_FAILED' })
  await t.rejects(connect('../other/ws'), { code: 'JUGGLER_CONNECT_FAILED' })
  t.same(opened.map((url) => url.replace(/&journal=[-\d]+(?:&epoch=.*)?$/, '')), [
    'wss://plant.example/ws?framing=plain&announce=1',
    'wss://plant.example/ws?framing=segmented&announce=1',
    'wss://plant.example/other/ws?framing=plain&announce=1'
  ])
})

t.test('exports the same names as in Node', async (t) => {
  const index = await import('../../lib/client/index.ts')
  t.same(['connect', ...Object.keys(others)].sort(), Object.keys(index).sort())
})
