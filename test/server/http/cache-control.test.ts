import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { FastifyJugglerOptions } from '../../../types/options.ts'
import { startApp } from '../../helpers/app.ts'
import { basic, htpasswdFile } from '../../helpers/htpasswd.ts'
import { get } from '../../helpers/http.ts'

async function cacheControl (t: Test, options: FastifyJugglerOptions, paths: string[], headers = {}) {
  const dir = t.testdir({ public: { 'index.html': 'page' } })
  const users = options.htpasswdFile && htpasswdFile(dir, { ann: 'secret' })
  const { origin } = await startApp(t, {
    juggler: {
      staticDir: join(dir, 'public'),
      additionalRoutes: [
        { method: 'GET', url: '/extra', handler: async () => 'extra' },
        { method: 'GET', url: '/fails', handler: async () => { throw new Error('no') } },
        { method: 'GET', url: '/own', handler: async (_request, reply) => reply.header('cache-control', 'max-age=60').send('own') }
      ],
      ...options,
      ...(users && { htpasswdFile: users })
    },
    after: (app) => { app.get('/app', async () => 'app') }
  })
  return await Promise.all(paths.map(async (path) => (await get(origin, path, { headers })).headers['cache-control']))
}

t.test('no-cache on all that the plugin serves: files, redirects, errors; not on what the app does', async (t) => {
  const paths = ['/index.html', '/', '/none', '/ws', '/extra', '/fails', '/.git', '/app', '/own']
  t.same(await cacheControl(t, {}, paths), [...Array(7).fill('no-cache'), undefined, 'max-age=60'])
})

t.test('switched off', async (t) => {
  t.same(await cacheControl(t, { noCache: false }, ['/index.html', '/', '/app']), ['public, max-age=0', 'public, max-age=0', undefined])
})

t.test('behind a login nothing is public', async (t) => {
  const headers = { authorization: basic('ann', 'secret') }
  t.same(await cacheControl(t, { noCache: false, htpasswdFile: 'x' }, ['/index.html', '/'], headers), ['private, max-age=0', 'private, max-age=0'])
})
