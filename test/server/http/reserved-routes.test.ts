import { join } from 'node:path'
import fastifyStatic from '@fastify/static'
import t, { type Test } from 'tap'
import * as juggler from '../../../lib/index.ts'
import { startApp } from '../../helpers/app.ts'
import type { AppOptions } from '../../helpers/app.ts'
import { get } from '../../helpers/http.ts'

/** Two folders: `public` is for the plugin, `outside` for the app itself. */
function folders (t: Test): string {
  return t.testdir({ public: { 'index.html': 'panel' }, outside: { 'x.txt': 'x' } })
}

t.test("a route of the app's that an option needs is an error that names the option", async (t) => {
  const dir = folders(t)
  const staticDir = join(dir, 'public')
  const own = { root: join(dir, 'outside') }
  for (const [name, options, expected] of [
    ['its / before', { juggler: { staticDir }, before: (app) => { app.get('/', () => 1) } }, 'indexPath'],
    ['its / after', { juggler: { staticDir }, after: (app) => { app.get('/', () => 1) } }, 'indexPath'],
    ['its / in a plugin after', { juggler: { staticDir }, after: (app) => app.register(async (child) => { child.get('/', () => 1) }) }, 'indexPath'],
    ['its files before', { juggler: { staticDir }, before: (app) => app.register(fastifyStatic, own) }, 'staticDir'],
    ['its files after', { juggler: { staticDir }, after: (app) => app.register(fastifyStatic, own) }, 'staticDir'],
    ['its /* after', { juggler: { staticDir }, after: (app) => { app.get('/*', () => 1) } }, 'staticDir'],
    ['its route at the prefix', { juggler: { staticDir, prefix: '/panel' }, after: (app) => { app.get('/panel', () => 1) } }, 'indexPath'],
    ['its route below the prefix', { juggler: { staticDir, prefix: '/panel' }, before: (app) => { app.get('/panel/', () => 1) } }, 'indexPath'],
    ['a second folder', { juggler: { staticDir }, after: (app) => app.register(juggler.default, { staticDir, name: 'second', wsPath: '/second' }) }, 'indexPath']
  ] as ReadonlyArray<readonly [string, AppOptions, string]>) {
    await t.rejects(startApp(t, options), { code: 'FST_JUGGLER_ROUTE_TAKEN', message: new RegExp(`'${expected}'`) }, name)
  }
})

t.test('so is one of additionalRoutes', async (t) => {
  const dir = folders(t)
  for (const prefix of ['', '/panel']) {
    for (const [url, option] of [['/', 'indexPath'], ['/*', 'staticDir']] as const) {
      const additionalRoutes = [{ method: 'GET' as const, url, handler: async () => 'own' }]
      await t.rejects(startApp(t, { juggler: { staticDir: join(dir, 'public'), additionalRoutes, prefix } }),
        { code: 'FST_JUGGLER_ROUTE_TAKEN', message: new RegExp(`'${option}'`) }, `${prefix}${url}`)
    }
  }
})

t.test("an app's own / goes on working where the plugin leaves it alone", async (t) => {
  const dir = folders(t)
  for (const options of [{}, { staticDir: join(dir, 'public'), indexPath: null }, { staticDir: join(dir, 'public'), prefix: '/panel' }]) {
    const { origin } = await startApp(t, { juggler: options, after: (app) => { app.get('/', () => 'own') } })
    t.equal((await get(origin, '/')).body, 'own')
  }
  const { origin } = await startApp(t, {
    juggler: { staticDir: join(dir, 'public') },
    after: (app) => { app.get('/', { constraints: { host: 'own.example' } }, () => 'own') }
  })
  t.equal((await get(origin, '/', { headers: { host: 'own.example' } })).body, 'own', 'another host is another route')
  t.equal((await get(origin, '/')).status, 302)
})
