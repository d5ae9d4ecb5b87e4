import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { FastifyJugglerOptions } from '../../../types/options.ts'
import { startApp } from '../../helpers/app.ts'
import { get } from '../../helpers/http.ts'

/** A folder to serve, with an index page and another. */
function folder (t: Test): string {
  return join(t.testdir({ public: { 'index.html': '<!doctype html><title>panel</title>', sub: { 'page.html': 'sub page' } } }), 'public')
}

async function setUp (t: Test, options: FastifyJugglerOptions = {}) {
  return await startApp(t, { juggler: { staticDir: folder(t), ...options } })
}

t.test('redirects / to the index page', async (t) => {
  const { origin } = await setUp(t)
  t.match(await get(origin, '/'), { status: 302, headers: { location: '/index.html', 'cache-control': 'no-cache' } })
  t.match(await get(origin, '/?a=b'), { status: 302, headers: { location: '/index.html?a=b' } })
  t.match(await get(origin, '/', { method: 'HEAD' }), { status: 302, headers: { location: '/index.html' } })
})

t.test('a prefix that ends in a slash serves the path without it too', async (t) => {
  for (const prefix of ['/panel/', '/panel//', '/panel']) {
    const { origin } = await setUp(t, { prefix })
    for (const path of ['/panel', '/panel/']) {
      t.match(await get(origin, path), { status: 302, headers: { location: '/panel/index.html' } }, `${prefix}: ${path}`)
    }
    t.equal((await get(origin, '/panel/index.html')).status, 200)
    t.equal((await get(origin, '/panel/ws')).status, 426)
  }
})

t.test('another index page, or none', async (t) => {
  const other = await setUp(t, { indexPath: '/sub/page.html' })
  t.match(await get(other.origin, '/'), { status: 302, headers: { location: '/sub/page.html' } })
  await t.test('none', async (t) => {
    const none = await setUp(t, { indexPath: null })
    t.match(await get(none.origin, '/'), { status: 404, headers: { 'cache-control': 'no-cache' } })
    t.equal((await get(none.origin, '/index.html')).status, 200)
  })
  await t.test('without a folder', async (t) => {
    const { origin } = await startApp(t, { juggler: { indexPath: '/elsewhere' } })
    t.match(await get(origin, '/'), { status: 302, headers: { location: '/elsewhere' } })
  })
  await t.test('neither', async (t) => {
    const { origin } = await startApp(t)
    t.equal((await get(origin, '/')).status, 404)
  })
})
