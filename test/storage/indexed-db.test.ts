/** Texts in a real IndexedDB, that of Chromium. */
import t from 'tap'
import type { Page } from 'playwright-core'
import { listen } from '../../lib/index.ts'
import { launch } from '../helpers/browser/chromium.ts'

const dir = t.testdir({ public: { 'index.html': '<!doctype html><title>texts</title><link rel="icon" href="data:,">' } })
const server = await listen({ host: '127.0.0.1', staticDir: `${dir}/public` })
t.teardown(() => server.close())
const browser = await launch(t)
const context = await browser.newContext()

async function open (): Promise<Page> {
  const page = await context.newPage()
  await page.goto(`${server.address}/index.html`)
  await page.evaluate("import('/ws/storage.js').then((storage) => { window.storage = storage; window.texts = storage.indexedDb() })")
  return page
}

t.test('texts are set, read and removed, and are there in the next page', async (t) => {
  const page = await open()
  t.equal(await page.evaluate("texts.get('a').then(String)"), 'undefined')
  await page.evaluate("texts.set('a', 'one')")
  await page.evaluate("texts.set('b', 'two')")
  const next = await open()
  t.equal(await next.evaluate("texts.get('a')"), 'one')
  await next.evaluate("texts.remove('a')")
  t.equal(await page.evaluate("texts.get('a').then(String)"), 'undefined')
  t.equal(await page.evaluate("texts.get('b')"), 'two')
  t.equal(await page.evaluate("storage.indexedDb('other').get('b').then(String)"), 'undefined', 'each name is a database')
})

t.test('of many who update one text at once, in several pages, each sees what the other made', async (t) => {
  const pages = [await open(), await open(), await open()]
  await pages[0]!.evaluate("texts.set('n', '0')")
  await Promise.all(pages.map((page) => page.evaluate("Promise.all(Array.from({ length: 20 }, () => texts.update('n', (text) => String(Number(text) + 1))))")))
  t.equal(await pages[1]!.evaluate("texts.get('n')"), '60')
  await pages[1]!.evaluate("texts.update('n', () => undefined)")
  t.equal(await pages[1]!.evaluate("texts.get('n')"), '60')
})

t.test('a database that is deleted meanwhile is made anew', async (t) => {
  const page = await open()
  await page.evaluate("texts.set('a', 'one')")
  const other = await open()
  await other.evaluate(`new Promise((resolve, reject) => {
    const request = indexedDB.deleteDatabase('fastify-juggler')
    request.onsuccess = resolve
    request.onerror = request.onblocked = reject
  }).then(() => {})`)
  t.equal(await page.evaluate("texts.get('a').then(String)"), 'undefined')
  await page.evaluate("texts.set('a', 'two')")
  t.equal(await page.evaluate("texts.get('a')"), 'two')
})

t.test('what cannot be kept rejects', async (t) => {
  const page = await open()
  t.match(await page.evaluate("texts.update('a', () => { throw new Error('mine') }).catch(String)"), /Error/)
  t.equal(await page.evaluate("texts.get('a')"), 'two', 'nothing has changed')
  t.match(await page.evaluate("Object.defineProperty(window, 'indexedDB', { value: { open () { throw new DOMException('denied', 'SecurityError') } } }), storage.indexedDb('denied').get('a').catch(String)"), /SecurityError/)
})
