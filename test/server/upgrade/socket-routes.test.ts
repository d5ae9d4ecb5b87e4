import type { IncomingMessage } from 'node:http'
import fastifyWebsocket from '@fastify/websocket'
import Fastify from 'fastify'
import type { FastifyServerOptions } from 'fastify'
import t from 'tap'
import { SocketRoutes } from '../../../lib/server/upgrade/socket-routes.ts'

async function collect (options: FastifyServerOptions = {}) {
  const app = Fastify(options)
  t.teardown(() => app.close())
  await app.register(fastifyWebsocket)
  const routes = new SocketRoutes(app)
  app.get('/plain', async () => 'plain')
  app.get('/*', async () => 'files')
  app.get('/ws', { websocket: true }, () => {})
  app.get('/ws/extra', async () => 'plain')
  await app.register(async (scope) => {
    scope.route({ method: 'GET', url: '/:room', handler: async () => 'plain', wsHandler: () => {} })
    for (const host of ['a.example', 'b.example']) scope.get('/hosts', { websocket: true, constraints: { host } }, () => {})
  }, { prefix: '/live' })
  await app.ready()
  return (url: string) => routes.has({ method: 'GET', url, headers: {} } as IncomingMessage)
}

t.test('a path is a WebSocket route where Fastify would find one', async (t) => {
  const has = await collect()
  for (const path of ['/ws', '/ws?a=1', '/live/a', '/live/%2F', '/live/hosts']) t.ok(has(path), path)
  for (const path of ['/', '/plain', '/ws/', '/WS', '/ws/extra', '/live', '/live/a/b', '', 'ws', '/%']) t.notOk(has(path), path)
})

t.test('with the options of the app, in either place', async (t) => {
  for (const options of [{ caseSensitive: false, ignoreTrailingSlash: true }, { routerOptions: { caseSensitive: false, ignoreTrailingSlash: true } }]) {
    const has = await collect(options)
    for (const path of ['/WS', '/ws/', '/Live/a/']) t.ok(has(path), path)
  }
  t.ok((await collect({ routerOptions: { ignoreDuplicateSlashes: true } }))('//ws'))
})

t.test('rewritten as the app rewrites it', async (t) => {
  const has = await collect({ rewriteUrl: ({ url }) => url!.replace('/outside', '') })
  t.ok(has('/outside/ws'))
  t.ok(has('/ws'))
  t.notOk(has('/inside/ws'))
})
