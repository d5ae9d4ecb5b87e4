import { symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { FastifyJugglerOptions } from '../../../types/options.ts'
import { startApp } from '../../helpers/app.ts'
import type { AppOptions } from '../../helpers/app.ts'
import { basic, htpasswdFile } from '../../helpers/htpasswd.ts'
import { get } from '../../helpers/http.ts'

const page = { accept: 'text/html,*/*;q=0.8' }

async function setUp (t: Test, options: FastifyJugglerOptions = {}, rest: AppOptions = {}) {
  const dir = t.testdir({ public: { 'index.html': 'the page', 'app.js': 'export {}', devices: { 'list.json': '[]' } }, secret: 'x' })
  return { dir, ...await startApp(t, { juggler: { staticDir: join(dir, 'public'), spaFallback: true, ...options }, ...rest }) }
}

t.test('a page load of what is no file gets the page', async (t) => {
  const { origin } = await setUp(t, {}, { after: (app) => { app.get('/api/pumps', async () => []) } })
  for (const path of ['/', '/?a=b', '/devices/7', '/devices/', '/devices', '/a/b/c/', '/rooms/a:b', '/pump.7', '/%C3%BC', '/app.js/x', '/api/none']) {
    t.match(await get(origin, path, { headers: page }), {
      status: 200, body: 'the page', headers: { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-cache' }
    }, path)
  }
  t.match(await get(origin, '/devices/7', { headers: { 'sec-fetch-dest': 'document' } }), { status: 200 })
  t.match(await get(origin, '/devices/7', { method: 'HEAD', headers: page }), { status: 200, body: '' })
})

t.test('files, routes and everything else stay what they are', async (t) => {
  const { origin } = await setUp(t, {}, { after: (app) => { app.get('/api/pumps', async () => []) } })
  t.equal((await get(origin, '/app.js', { headers: page })).body, 'export {}')
  t.equal((await get(origin, '/devices/list.json', { headers: page })).body, '[]')
  t.equal((await get(origin, '/api/pumps', { headers: page })).body, '[]')
  t.equal((await get(origin, '/ws', { headers: page })).status, 426)
  for (const headers of [{}, { accept: '*/*' }, { accept: 'text/html', 'sec-fetch-dest': 'empty' }, { accept: 'text/html', 'sec-fetch-dest': 'script' }] as Array<Record<string, string>>) {
    t.equal((await get(origin, '/devices/7', { headers })).status, 404, 'a fetch or a script that is missing')
  }
  t.equal((await get(origin, '/devices/7', { method: 'POST', headers: page })).status, 404)
  for (const path of ['/.env', '/.git/config', '/%2eenv', '/a/../../secret', '/%2e%2e/secret']) {
    t.equal((await get(origin, path, { headers: page })).status, 404, path)
  }
})

t.test('with an ETag of its content', async (t) => {
  const { origin, dir } = await setUp(t)
  const first = await get(origin, '/devices/7', { headers: page })
  const known = (etag: string) => get(origin, '/', { headers: { ...page, 'if-none-match': etag } })
  t.match(await known(`W/"x", ${first.headers.etag}`), { status: 304, body: '' })
  t.match(await known('*'), { status: 304 })
  writeFileSync(join(dir, 'public/index.html'), 'the site')
  t.match(await known(first.headers.etag!), { status: 200, body: 'the site' }, 'of the same length, within the same second')
})

t.test('under a prefix', async (t) => {
  const { origin } = await setUp(t, { prefix: '/panel' })
  t.match(await get(origin, '/panel?a=b', { headers: page }), { status: 302, headers: { location: 'panel/?a=b' } })
  t.match(await get(origin, '/panel/', { headers: page }), { status: 200, body: 'the page' })
  t.match(await get(origin, '/panel/devices/7', { headers: page }), { status: 200, body: 'the page' })
  t.equal((await get(origin, '/devices/7', { headers: page })).status, 404)
  const tenants = await setUp(t, { prefix: '/:tenant' })
  t.match(await get(tenants.origin, '/javascript:x', { headers: page }), { status: 302, headers: { location: './javascript:x/' } })
})

t.test('another page', async (t) => {
  const { origin } = await setUp(t, { indexPath: '/devices/list.json' })
  t.equal((await get(origin, '/none', { headers: page })).body, '[]')
})

t.test('behind the login', async (t) => {
  const dir = t.testdir({ public: { 'index.html': 'the page' } })
  const { origin } = await startApp(t, {
    juggler: { staticDir: join(dir, 'public'), spaFallback: true, htpasswdFile: htpasswdFile(dir, { ann: 'secret' }) }
  })
  t.equal((await get(origin, '/devices/7', { headers: page })).status, 401)
  t.equal((await get(origin, '/devices/7', { headers: { ...page, authorization: basic('ann', 'secret') } })).body, 'the page')
})

t.test('a page that is missing at start, or leads out, is an error', async (t) => {
  await t.rejects(setUp(t, { indexPath: '/none.html' }), { code: 'FST_JUGGLER_STATIC_DIR', message: /'\/none.html', which the option 'spaFallback' serves/ })
  const dir = t.testdir({ public: {}, secret: 'x' })
  symlinkSync('../secret', join(dir, 'public/index.html'))
  await t.rejects(startApp(t, { juggler: { staticDir: join(dir, 'public'), spaFallback: true } }), { code: 'FST_JUGGLER_STATIC_DIR' })
})
