import { cpSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import Fastify from 'fastify'
import t, { type Test } from 'tap'
import { startApp } from '../../helpers/app.ts'
import { basic, htpasswdFile } from '../../helpers/htpasswd.ts'
import { get } from '../../helpers/http.ts'

const source = fileURLToPath(new URL('../../../lib/server/http/client-file.ts', import.meta.url))
const modules = fileURLToPath(new URL('../../../node_modules', import.meta.url))
const script = 'export const connect = 1\n//# sourceMappingURL=client.browser.js.map\n'

/** The module as it stands in a package, with a built file of the client there, or without. */
async function setUp (t: Test, { at = 'lib/server/http', files = {} as Record<string, string> } = {}) {
  const dir = t.testdir({ dist: files, 'package.json': '{"type":"module"}' })
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
