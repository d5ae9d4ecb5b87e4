import { once } from 'node:events'
import { renameSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fastifyStatic from '@fastify/static'
import t, { type Test } from 'tap'
import juggler from '../../../lib/index.ts'
import type { FastifyJugglerOptions } from '../../../types/options.ts'
import { startApp } from '../../helpers/app.ts'
import type { AppOptions } from '../../helpers/app.ts'
import { basic, htpasswdFile } from '../../helpers/htpasswd.ts'
import { get } from '../../helpers/http.ts'
import { connectPeer } from '../../helpers/peer.ts'

/** The marker that no answer may hold. */
const secret = 'top secret'

function folders (t: Test): string {
  const dir = t.testdir({
    'secret.txt': secret,
    'public-secret': { 'x.txt': secret },
    outside: { 'index.html': secret, 'x.txt': secret },
    public: {
      'index.html': '<!doctype html><title>panel</title>',
      'app.js': 'export {}',
      'style.css': 'a{}',
      'data.bin': '0123456789',
      'üöä .txt': 'umlauts',
      'a%41.txt': 'percent',
      '.env': secret,
      '.git': { config: secret },
      sub: { 'page.html': 'sub page', 'index.html': 'sub index' }
    }
  })
  symlinkSync('../secret.txt', join(dir, 'public/link.txt'))
  symlinkSync('../outside', join(dir, 'public/linked'))
  symlinkSync(join(dir, 'secret.txt'), join(dir, 'public/absolute.txt'))
  symlinkSync('link.txt', join(dir, 'public/chain.txt'))
  symlinkSync('app.js', join(dir, 'public/inside.js'))
  symlinkSync('loop', join(dir, 'public/loop'))
  return dir
}

async function setUp (t: Test, options: FastifyJugglerOptions = {}, rest: AppOptions = {}) {
  const dir = folders(t)
  return { dir, ...await startApp(t, { juggler: { staticDir: join(dir, 'public'), ...options }, ...rest }) }
}

t.test('serves files with their types', async (t) => {
  const { origin } = await setUp(t)
  for (const [path, type, body] of [
    ['/index.html', /^text\/html; charset=utf-8$/i, /panel/],
    ['/app.js', /^(text|application)\/javascript/, /export/],
    ['/style.css', /^text\/css/, /a{}/],
    ['/sub/page.html', /^text\/html/, /sub page/],
    ['/%C3%BC%C3%B6%C3%A4%20.txt', /^text\/plain/, /umlauts/],
    ['/a%2541.txt', /^text\/plain/, /percent/],
    ['/inside.js', /javascript/, /export/],
    ['/app.js?v=1', /javascript/, /export/]
  ] as const) {
    const answer = await get(origin, path)
    t.equal(answer.status, 200, path)
    t.match(answer.headers['content-type'], type)
    t.match(answer.body, body)
    t.equal(answer.headers['cache-control'], 'no-cache')
  }
})

t.test('HEAD, ETag, conditional requests and ranges', async (t) => {
  const { origin } = await setUp(t)
  const whole = await get(origin, '/data.bin')
  const head = await get(origin, '/data.bin', { method: 'HEAD' })
  t.match(head, { status: 200, body: '', headers: { 'content-length': '10', etag: whole.headers.etag! } })
  const known = await get(origin, '/data.bin', { headers: { 'if-none-match': whole.headers.etag! } })
  t.match(known, { status: 304, body: '', headers: { 'cache-control': 'no-cache' } })
  const since = await get(origin, '/data.bin', { headers: { 'if-modified-since': whole.headers['last-modified']! } })
  t.equal(since.status, 304)
  const part = await get(origin, '/data.bin', { headers: { range: 'bytes=2-4' } })
  t.match(part, { status: 206, body: '234', headers: { 'content-range': 'bytes 2-4/10', 'cache-control': 'no-cache' } })
  const beyond = await get(origin, '/data.bin', { headers: { range: 'bytes=20-' } })
  t.match(beyond, { status: 416, headers: { 'cache-control': 'no-cache' } })
  for (const method of ['POST', 'PUT', 'DELETE']) t.equal((await get(origin, '/data.bin', { method })).status, 404, method)
})

t.test('under a prefix', async (t) => {
  const { origin } = await setUp(t, { prefix: '/panel' })
  for (const path of ['/panel', '/panel/']) t.match(await get(origin, path), { status: 302 }, path)
  t.equal((await get(origin, '/panel/app.js')).body, 'export {}')
  t.equal((await get(origin, '/app.js')).status, 404)
  t.match(await get(origin, '/panel/none'), { status: 404, headers: { 'cache-control': 'no-cache' } })
  for (const path of ['/panel/../secret.txt', '/panel/..%2f..%2fsecret.txt', '/panel/link.txt', '/panel/.env']) t.not((await get(origin, path)).status, 200, path)
})

t.test('the prefix of an encapsulated instance, and of both', async (t) => {
  const dir = folders(t)
  const { origin } = await startApp(t, {
    juggler: false,
    after: async (app) => {
      await app.register(async (child) => { await child.register(juggler, { staticDir: join(dir, 'public'), prefix: '/inner' }) }, { prefix: '/outer' })
      await app.register(async (child) => { await child.register(juggler, { staticDir: join(dir, 'public/sub') }) }, { prefix: '/plain' })
    }
  })
  t.match(await get(origin, '/outer/inner'), { status: 302, headers: { location: 'inner/index.html' } })
  t.equal((await get(origin, '/outer/inner/app.js')).body, 'export {}')
  t.match(await get(origin, '/plain/'), { status: 302, headers: { location: 'index.html' } })
  t.equal((await get(origin, '/plain/page.html')).body, 'sub page')
})

t.test('a prefix with parameters', async (t) => {
  const { origin } = await setUp(t, { prefix: '/:tenant' })
  t.match(await get(origin, '/acme'), { status: 302, headers: { location: 'acme/index.html' } })
  t.match(await get(origin, '/acme/'), { status: 302, headers: { location: 'index.html' } })
  t.match(await get(origin, '/a?b=/c'), { headers: { location: 'a/index.html?b=/c' } })
  for (const path of ['/a/app.js', '/a-tenant-of-a-long-name/app.js']) t.equal((await get(origin, path)).body, 'export {}', path)
  t.equal((await get(origin, '/a/sub/page.html')).body, 'sub page')
  for (const path of ['/a/link.txt', '/a/linked/x.txt', '/a/.env', '/a/../secret.txt', '/a/..%2fsecret.txt', '/a//app.js']) {
    t.equal((await get(origin, path)).status, 404, path)
  }
  t.match(await get(origin, '/\\evil.example'), { headers: { location: 'evil.example/index.html' } }, 'no redirect to another host')
})

t.test('a router that tidies URLs up', async (t) => {
  const { origin } = await setUp(t, { prefix: '/a/b' }, { fastify: { routerOptions: { ignoreDuplicateSlashes: true, ignoreTrailingSlash: true } } })
  t.equal((await get(origin, '/a/b/app.js')).body, 'export {}')
  for (const path of ['/a///b/link.txt', '//a/b/link.txt', '/a/b//link.txt', '/a/b/sub//../link.txt', '/a/b/link.txt/']) {
    t.equal((await get(origin, path)).status, 404, path)
  }
})

t.test('no traversal, no dotfiles, no links out, no listings', async (t) => {
  const { origin } = await setUp(t)
  const paths = [
    '/../secret.txt', '/../../secret.txt', '/sub/../../secret.txt', '/./../secret.txt', '/..', '/../', '/sub/..', '/%2e%2e/secret.txt', '/%2E%2E/secret.txt',
    '/.%2e/secret.txt', '/%2e./secret.txt', '/..%2fsecret.txt', '/%2e%2e%2fsecret.txt', '/..%2Fsecret.txt', '/sub%2f..%2f..%2fsecret.txt',
    '/%252e%252e/secret.txt', '/%252e%252e%252fsecret.txt', '/..%252fsecret.txt', '/%25252e%25252e/secret.txt',
    '/..\\secret.txt', '/..%5csecret.txt', '/%2e%2e%5csecret.txt', '/sub\\..\\..\\secret.txt', '/..%255csecret.txt',
    '/secret.txt%00', '/index.html%00.txt', '/..%00/secret.txt', '/%00/../secret.txt', '/index.html%00',
    '//secret.txt', '//../secret.txt', '///../secret.txt', '/sub//../../secret.txt', '/....//secret.txt', '/..;/secret.txt', '/%c0%ae%c0%ae/secret.txt',
    '/%u002e%u002e/secret.txt', '/..%c0%afsecret.txt', '/%ef%bc%8e%ef%bc%8e/secret.txt', '/../public-secret/x.txt', '/..%2fpublic-secret/x.txt',
    '/etc/passwd', '//etc/passwd', '/%2fetc%2fpasswd', '/file:///etc/passwd', '/%', '/%zz', '/index.html/', '/index.html/x', '/index.html%2f',
    '/.env', '/.git/config', '/%2eenv', '/%2Egit/config', '/sub/../.env', '/.git', '/.', '/sub/.',
    '/link.txt', '/linked/x.txt', '/linked/index.html', '/linked', '/linked/', '/absolute.txt', '/chain.txt', '/loop', '/loop/x',
    '/sub', '/sub/', '/sub/?x', '/none', '/none/none', '/index.html:alt', '/c:/secret.txt'
  ]
  for (const path of paths) {
    for (const method of ['GET', 'HEAD']) {
      const answer = await get(origin, path, { method })
      t.ok([400, 403, 404].includes(answer.status), `${method} ${path} is ${answer.status}`)
      t.notOk(answer.body.includes(secret), path)
    }
    const part = await get(origin, path, { headers: { range: 'bytes=0-3' } })
    t.not(part.status, 206, path)
  }
  t.equal((await get(origin, '/app.js')).status, 200, 'and goes on')
})

t.test('a file is as it is now', async (t) => {
  const { origin, dir } = await setUp(t)
  const first = await get(origin, '/app.js')
  writeFileSync(join(dir, 'public/app.js'), 'changed it')
  const second = await get(origin, '/app.js', { headers: { 'if-none-match': first.headers.etag! } })
  t.match(second, { status: 200, body: 'changed it' })
})

t.test('a link that deployments flip serves the new files, and its own alone', async (t) => {
  const dir = t.testdir({
    secret: 'x:y',
    releases: {
      one: { 'app.js': 'one', old: { 'x.txt': 'old' } },
      two: { 'app.js': 'two', 'new.js': 'new', htpasswd: 'ann:hash' }
    }
  })
  const flip = (release: string) => {
    symlinkSync(join('releases', release), join(dir, 'next'))
    renameSync(join(dir, 'next'), join(dir, 'current'))
  }
  flip('one')
  symlinkSync('../one/old/x.txt', join(dir, 'releases/two/out.txt'))
  const { origin } = await startApp(t, { juggler: { staticDir: join(dir, 'current'), indexPath: null } })
  t.equal((await get(origin, '/app.js')).body, 'one')
  flip('two')
  t.equal((await get(origin, '/app.js')).body, 'two')
  t.equal((await get(origin, '/new.js')).body, 'new')
  for (const path of ['/old/x.txt', '/out.txt']) t.equal((await get(origin, path)).status, 404, path)
  unlinkSync(join(dir, 'current'))
  t.equal((await get(origin, '/app.js')).status, 404)
  flip('one')
  t.equal((await get(origin, '/app.js')).body, 'one')
})

t.test('a flip does not bring the htpasswd file into what is served', async (t) => {
  const dir = t.testdir({ releases: { one: { public: { 'app.js': 'one' } }, two: { public: { 'app.js': 'two' } } } })
  symlinkSync('releases/one', join(dir, 'current'))
  const users = htpasswdFile(join(dir, 'releases/two/public'), { ann: 'secret' })
  const { origin } = await startApp(t, { juggler: { staticDir: join(dir, 'current/public'), htpasswdFile: users } })
  const headers = { authorization: basic('ann', 'secret') }
  symlinkSync('releases/two', join(dir, 'next'))
  renameSync(join(dir, 'next'), join(dir, 'current'))
  t.equal((await get(origin, '/app.js', { headers })).body, 'two')
  t.equal((await get(origin, '/htpasswd', { headers })).status, 404)
})

t.test('a missing folder, or a file, is an error at start', async (t) => {
  const dir = t.testdir({ file: '' })
  await t.rejects(startApp(t, { juggler: { staticDir: join(dir, 'none') } }), { code: 'FST_JUGGLER_STATIC_DIR' })
  await t.rejects(startApp(t, { juggler: { staticDir: join(dir, 'file') } }), { code: 'FST_JUGGLER_STATIC_DIR' })
})

t.test("the app's own static files go on working beside it", async (t) => {
  const dir = folders(t)
  const own = { root: join(dir, 'outside'), prefix: '/own/' }
  const juggler = { staticDir: join(dir, 'public') }
  await t.test('registered before', async (t) => {
    const { origin } = await startApp(t, {
      juggler,
      before: async (app) => {
        await app.register(fastifyStatic, own)
        app.get('/sent', (_request, reply) => reply.sendFile('x.txt'))
      }
    })
    t.equal((await get(origin, '/own/x.txt')).body, secret)
    t.equal((await get(origin, '/sent')).body, secret)
    t.equal((await get(origin, '/app.js')).body, 'export {}')
  })
  await t.test('registered after', async (t) => {
    const { origin } = await startApp(t, { juggler, after: (app) => app.register(fastifyStatic, own) })
    t.equal((await get(origin, '/own/x.txt')).body, secret)
    t.equal((await get(origin, '/app.js')).body, 'export {}')
  })
})

t.test('the WebSocket path goes before files, and is exact', async (t) => {
  const { origin, dir } = await setUp(t)
  writeFileSync(join(dir, 'public/ws'), 'a file called like the path')
  t.match(await get(origin, '/ws'), { status: 426, headers: { upgrade: 'websocket', 'cache-control': 'no-cache', connection: /upgrade/i } })
  t.equal((await get(origin, '/WS')).status, 404)
  t.equal((await get(origin, '/ws/')).status, 404)
  const peer = await connectPeer(t, `${origin}/ws?query=1`)
  peer.ws.close()
  await once(peer.ws, 'close')
})
