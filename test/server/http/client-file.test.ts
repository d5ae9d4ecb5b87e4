// own process, from source: it loads copies of a source
import { cpSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, brotliDecompressSync, gunzipSync, gzipSync } from 'node:zlib'
import Fastify from 'fastify'
import t, { type Test } from 'tap'
import { startApp } from '../../helpers/app.ts'
import { basic, htpasswdFile } from '../../helpers/htpasswd.ts'
import { get } from '../../helpers/http.ts'

const source = fileURLToPath(new URL('../../../lib/server/http/client-file.ts', import.meta.url))
const modules = fileURLToPath(new URL('../../../node_modules', import.meta.url))
const script = 'export const connect = 1\n//# sourceMappingURL=client.browser.js.map\n'

/** The module as it stands in a package, with a built file of the client there, or without. */
async function setUp (t: Test, { at = 'lib/server/http', files = {} as Record<string, string | Buffer> } = {}) {
  const dir = t.testdir({ dist: files as never, 'package.json': '{"type":"module"}' })
  const file = join(dir, at, 'client-file.ts')
  mkdirSync(dirname(file), { recursive: true })
  cpSync(source, file)
  symlinkSync(modules, join(dir, 'node_modules'))
  const { serveClientFile } = await import(file) as typeof import('../../../lib/server/http/client-file.ts')
  const app = Fastify()
  t.teardown(() => app.close())
  serveClientFile(app, '/ws')
  return { dir, app }
}

for (const at of ['lib/server/http', 'dist/lib/server/http']) {
  t.test(`serves the client and its map, from ${at}`, async (t) => {
    const { app } = await setUp(t, { at, files: { 'client.browser.js': script, 'client.browser.js.map': '{"version":3}' } })
    const answer = await app.inject('/ws/client.js')
    t.match(answer, { statusCode: 200, headers: { 'content-type': 'text/javascript; charset=utf-8' } })
    t.equal(answer.body, script.replace('client.browser.js.map', 'client.js.map'), 'the map has the name that it is served by')
    t.match(await app.inject('/ws/client.js.map'), { statusCode: 200, body: '{"version":3}', headers: { 'content-type': 'application/json; charset=utf-8' } })
    const { etag } = answer.headers
    for (const tag of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
      t.match(await app.inject({ url: '/ws/client.js', headers: { 'if-none-match': tag as string } }), { statusCode: 304, body: '' }, String(tag))
    }
    t.equal((await app.inject({ url: '/ws/client.js', headers: { 'if-none-match': '"other"' } })).statusCode, 200)
    t.match(await app.inject({ method: 'HEAD', url: '/ws/client.js' }), { statusCode: 200, body: '', headers: { etag: etag as string } })
  })
}

const served = script.replace('client.browser.js.map', 'client.js.map')

t.test('serves what the build has compressed to those who take it, with a tag for each encoding', async (t) => {
  const { app } = await setUp(t, {
    files: {
      'client.browser.js': script,
      'client.browser.js.br': brotliCompressSync(served),
      'client.browser.js.gz': gzipSync(served)
    }
  })
  const ask = (accepted: string | undefined, headers = {}) =>
    app.inject({ url: '/ws/client.js', headers: { ...(accepted !== undefined && { 'accept-encoding': accepted }), ...headers } })
  const tags = new Set<unknown>()
  for (const [accepted, encoding] of [
    ['gzip, deflate, br, zstd', 'br'], ['br;q=0.1, gzip;q=1', 'br'], ['*', 'br'], ['br;q=0, *', 'gzip'], ['GZIP', 'gzip'], ['gzip;q=0.5', 'gzip'],
    [undefined, undefined], ['', undefined], ['identity', undefined], ['br; q=0, gzip;q=0', undefined], ['*;q=0', undefined], ['zstd', undefined], ['br;q=x', undefined]
  ] as const) {
    const { headers, rawPayload, statusCode } = await ask(accepted)
    t.match({ statusCode, ...headers }, { statusCode: 200, 'content-encoding': encoding, vary: 'Accept-Encoding' }, String(accepted))
    const text = encoding === 'br' ? brotliDecompressSync(rawPayload) : encoding === 'gzip' ? gunzipSync(rawPayload) : rawPayload
    t.equal(text.toString(), served)
    tags.add(headers.etag)
    t.match(await ask(accepted, { 'if-none-match': headers.etag }), { statusCode: 304, headers: { etag: headers.etag, vary: 'Accept-Encoding' } })
  }
  t.equal(tags.size, 3)
  const { etag } = (await ask('br')).headers
  t.equal((await ask('gzip', { 'if-none-match': etag })).statusCode, 200, 'the tag of another encoding')
})

t.test('what an earlier build left behind, or is no such thing, is not served', async (t) => {
  const { app } = await setUp(t, {
    files: { 'client.browser.js': script, 'client.browser.js.br': brotliCompressSync('old'), 'client.browser.js.gz': 'no gzip' }
  })
  const { headers, body } = await app.inject({ url: '/ws/client.js', headers: { 'accept-encoding': 'br, gzip' } })
  t.same([headers['content-encoding'], body], [undefined, served])
})

t.test('the build of this package is served compressed, the map too', async (t) => {
  const { app } = await startApp(t, {})
  for (const [path, most] of [['/ws/client.js', 9216], ['/ws/client.js.map', 100_000]] as const) {
    for (const encoding of ['br', 'gzip']) {
      const { headers, rawPayload } = await app.inject({ url: path, headers: { 'accept-encoding': encoding } })
      t.equal(headers['content-encoding'], encoding, `${path}: ${encoding}`)
      t.ok(rawPayload.length < most, `${path}: ${rawPayload.length} bytes`)
    }
  }
})

t.test('a file that is not built is a 404, until it is', async (t) => {
  const { app, dir } = await setUp(t)
  t.equal((await app.inject('/ws/client.js')).statusCode, 404)
  cpSync(source, join(dir, 'dist/client.browser.js'))
  t.equal((await app.inject('/ws/client.js')).body, readFileSync(source, 'utf8'))
})

t.test('follows the WebSocket path and the prefix, is behind the login, and can be left out', async (t) => {
  const file = htpasswdFile(t.testdir(), { ann: 'secret' })
  const locked = await startApp(t, { juggler: { wsPath: '/live/socket', prefix: '/panel', htpasswdFile: file } })
  t.equal((await get(locked.origin, '/panel/live/socket/client.js')).status, 401)
  const served = (await get(locked.origin, '/panel/live/socket/client.js', { headers: { authorization: basic('ann', 'secret') } })).headers
  t.equal(served['cache-control'], 'no-cache')
  t.ok(locked.app.hasRoute({ method: 'GET', url: '/panel/live/socket/client.js' }))
  const without = await startApp(t, { juggler: { serveClient: false } })
  t.notOk(without.app.hasRoute({ method: 'GET', url: '/ws/client.js' }))
})
