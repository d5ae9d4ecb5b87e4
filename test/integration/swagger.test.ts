/** Beside @fastify/swagger, which describes every route of an app that does not say `schema.hide`. */
import { join } from 'node:path'
import fastifySwagger from '@fastify/swagger'
import t from 'tap'
import { startApp } from '../helpers/app.ts'
import { get } from '../helpers/http.ts'
import { connectPeer, refusal } from '../helpers/peer.ts'

t.test('the routes of the plugin stay out of the description of the app', async (t) => {
  const staticDir = join(t.testdir({ public: { 'index.html': 'panel' } }), 'public')
  const { app, origin } = await startApp(t, {
    before: async (app) => { await app.register(fastifySwagger) },
    juggler: { staticDir, prefix: '/panel', additionalRoutes: [{ method: 'GET', url: '/extra', handler: async () => 'extra' }] },
    after: (app) => { app.get('/pumps', async () => []) }
  })
  t.strictSame(Object.keys((app as unknown as { swagger: () => { paths: object } }).swagger().paths).sort(), ['/panel/extra', '/pumps'])
  t.equal((await get(origin, '/panel/ws/client.js')).status, 200)
  t.equal((await get(origin, '/panel/')).status, 302)
})

t.test('a schema of the WebSocket route is checked before the upgrade, and may show it', async (t) => {
  const { app, origin } = await startApp(t, {
    before: async (app) => { await app.register(fastifySwagger) },
    juggler: {
      route: {
        schema: {
          hide: false,
          querystring: { type: 'object', properties: { room: { type: 'integer' } }, required: ['room'] }
        } as object
      }
    }
  })
  app.juggler.handle('room', (connection) => (connection.request.query as { room: unknown }).room as number)
  t.equal(await refusal(t, `${origin}/ws?room=x`), 400)
  t.match(await (await connectPeer(t, `${origin}/ws?room=7`)).ask(1, 'room'), { success: true, data: 7 })
  t.ok(Object.keys((app as unknown as { swagger: () => { paths: object } }).swagger().paths).includes('/ws'))
})
