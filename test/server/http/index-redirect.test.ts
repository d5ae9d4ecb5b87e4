import { join } from 'node:path'
import t, { type Test } from 'tap'
import { relativeTo } from '../../../lib/server/http/index-redirect.ts'
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
  t.match(await get(origin, '/'), { status: 302, headers: { location: 'index.html', 'cache-control': 'no-cache' } })
  t.match(await get(origin, '/?a=b'), { status: 302, headers: { location: 'index.html?a=b' } })
  t.match(await get(origin, '/', { method: 'HEAD' }), { status: 302, headers: { location: 'index.html' } })
})

t.test('a prefix that ends in a slash serves the path without it too', async (t) => {
  for (const prefix of ['/panel/', '/panel//', '/panel']) {
    const { origin } = await setUp(t, { prefix })
    for (const [path, location] of [['/panel', 'panel/index.html'], ['/panel/', 'index.html']] as const) {
      t.match(await get(origin, path), { status: 302, headers: { location } }, `${prefix}: ${path}`)
    }
    t.equal((await get(origin, '/panel/index.html')).status, 200)
    t.equal((await get(origin, '/panel/ws')).status, 426)
  }
})

t.test('another index page, or none', async (t) => {
  const other = await setUp(t, { indexPath: '/sub/page.html' })
  t.match(await get(other.origin, '/'), { status: 302, headers: { location: 'sub/page.html' } })
  await t.test('none', async (t) => {
    const none = await setUp(t, { indexPath: null })
    t.match(await get(none.origin, '/'), { status: 404, headers: { 'cache-control': 'no-cache' } })
    t.equal((await get(none.origin, '/index.html')).status, 200)
  })
  await t.test('without a folder', async (t) => {
    const { origin } = await startApp(t, { juggler: { indexPath: '/elsewhere' } })
    t.match(await get(origin, '/'), { status: 302, headers: { location: 'elsewhere' } })
  })
  await t.test('neither', async (t) => {
    const { origin } = await startApp(t)
    t.equal((await get(origin, '/')).status, 404)
  })
})

/** Where a browser that asked for a path is sent to. */
async function followed (origin: string, path: string, asked = path, headers: Record<string, string> = {}): Promise<string> {
  const { headers: { location } } = await get(origin, path, { headers })
  return new URL(location!, `http://panel.example${asked}`).href.replace('http://panel.example', '')
}

t.test('behind a proxy that strips a prefix, with nothing set, the browser stays below the prefix', async (t) => {
  const { origin } = await setUp(t)
  t.equal(await followed(origin, '/', '/panel/'), '/panel/index.html')
  t.equal(await followed(origin, '/?a=b', '/a/b/c/?a=b'), '/a/b/c/index.html?a=b')
})

t.test('under a prefix, with a slash behind it or without', async (t) => {
  const { origin } = await setUp(t, { prefix: '/panel' })
  t.equal(await followed(origin, '/panel'), '/panel/index.html')
  t.equal(await followed(origin, '/panel/'), '/panel/index.html')
  t.equal(await followed(origin, '/panel', '/plant/panel'), '/plant/panel/index.html')
  t.equal((await get(origin, '/panel')).headers.location, 'panel/index.html')
})

t.test('where the path that browsers see is known, it is used', async (t) => {
  const { origin } = await setUp(t, { publicPath: '/panel/' })
  t.equal((await get(origin, '/')).headers.location, '/panel/index.html')
  t.equal(await followed(origin, '/', '/panel'), '/panel/index.html', 'a proxy that makes / of /panel')

  const trusting = await startApp(t, { juggler: { staticDir: folder(t) }, fastify: { trustProxy: '127.0.0.1' } })
  t.equal(await followed(trusting.origin, '/', '/plant', { 'x-forwarded-prefix': '/plant' }), '/plant/index.html')
  const wary = await setUp(t)
  t.equal((await get(wary.origin, '/', { headers: { 'x-forwarded-prefix': '/evil' } })).headers.location, 'index.html', 'of a proxy that is not trusted')
})

t.test('nothing in a request leads to another host', async (t) => {
  const dir = folder(t)
  for (const options of [{}, { prefix: '/panel' }, { prefix: '/:tenant' }, { prefix: '/a/:tenant' }, { prefix: '/:tenant', spaFallback: true }]) {
    const { origin } = await startApp(t, { juggler: { staticDir: dir, ...options }, fastify: { trustProxy: true, routerOptions: { ignoreDuplicateSlashes: true } } })
    const hosts = ['http://evil.example', 'HTTP://evil.example', 'https://u:p@evil.example:99']
    const paths = ['/', '/panel', '/panel/', '//panel', '/panel?x=//evil.example', '/panel#//evil.example', '/a/panel', '/a/evil.example',
      '/\\evil.example', '/\\\\evil.example', '/javascript:alert(1)', '/a/javascript:alert(1)', '/http:', '/%2f%2fevil.example', '/a/%5cevil.example', '//evil.example', '///evil.example']
    for (const path of [...paths, ...hosts.flatMap((host) => paths.map((path) => host + path)), ...hosts]) {
      for (const headers of [{}, { 'x-forwarded-prefix': '//evil.example' }, { 'x-forwarded-prefix': '/\\evil.example' }, { 'x-forwarded-prefix': 'http://evil.example' }]) {
        const { headers: { location } } = await get(origin, path, { headers })
        if (location === undefined) continue
        t.equal(new URL(location, 'http://panel.example/').host, 'panel.example', `${path} to ${location}`)
      }
    }
  }
})

t.test('what leads from a path to one below it', async (t) => {
  for (const [path, below, expected] of [
    ['/', '/index.html', 'index.html'], ['/a', '/index.html', 'a/index.html'], ['/a/', '/index.html', 'index.html'],
    ['', '/index.html', 'index.html'], ['/a/b:c', '/x', './b:c/x'], ['/', '/a:b', './a:b'], ['/', '/x?y=a:b', 'x?y=a:b']
  ] as const) t.equal(relativeTo(path, below), expected, path)
})

t.test('an index page with a query, or in another alphabet', async (t) => {
  const { origin } = await startApp(t, { juggler: { indexPath: '/start?tab=1' } })
  t.equal((await get(origin, '/')).headers.location, 'start?tab=1')
  t.equal((await get(origin, '/?a=b')).headers.location, 'start?tab=1&a=b')
  const other = await startApp(t, { juggler: { indexPath: '/пульт.html' } })
  t.equal((await get(other.origin, '/')).headers.location, '%D0%BF%D1%83%D0%BB%D1%8C%D1%82.html')
})
