import fastifyWebsocket from '@fastify/websocket'
import Fastify from 'fastify'
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import t from 'tap'
import juggler from '../../../lib/index.ts'
import { startApp } from '../../helpers/app.ts'
import { connectPeer } from '../../helpers/peer.ts'

const late = { code: 'FST_JUGGLER_WEBSOCKET_LATE', message: /before/ }

t.test('an @fastify/websocket that is registered after the plugin is a rejection that says what to do', async (t) => {
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(juggler)
  await t.rejects(async () => { await app.register(fastifyWebsocket) }, late)
})

t.test('wherever it is registered, and whichever way', async (t) => {
  const ways: Array<(app: ReturnType<typeof Fastify>) => unknown> = [
    (app) => app.register(fastifyWebsocket, { options: { maxPayload: 5 } }),
    (app) => app.register(import('@fastify/websocket')),
    (app) => app.register(async (scope: FastifyInstance) => { await scope.register(fastifyWebsocket) }),
    (app) => app.register(fp(async (scope: FastifyInstance) => { await scope.register(fastifyWebsocket) }))
  ]
  for (const way of ways) {
    const app = Fastify()
    t.teardown(() => app.close())
    app.register(juggler)
    way(app)
    await t.rejects(async () => { await app.ready() }, late)
  }
})

t.test('other plugins register as ever, in the instances that they expect', async (t) => {
  const { app, origin } = await startApp(t, {
    after: async (app) => {
      await app.register(fp(async (scope) => { scope.decorate('first', 1) }))
      app.register(async (scope, options) => {
        scope.get('/scoped', { websocket: true }, (socket) => { socket.send(JSON.stringify(options)) })
      }, { prefix: '/deep', some: 'option' }).register(fp(async (scope) => { scope.decorate('second', 2) }))
      await app.register(juggler, { name: 'other', prefix: '/other' })
    }
  })
  t.match(app, { first: 1, second: 2 })
  t.match(JSON.parse(await (await connectPeer(t, `${origin}/deep/scoped`)).nextText()), { some: 'option' })
  t.match(await (await connectPeer(t, `${origin}/other/ws`)).ask(1, ''), { id: 1 })
})

t.test('an instance beside the one that has the plugin may have its own', async (t) => {
  const { origin } = await startApp(t, {
    juggler: false,
    after: async (app) => {
      await app.register(async (scope) => { await scope.register(juggler) }, { prefix: '/first' })
      await app.register(async (scope) => {
        await scope.register(fastifyWebsocket)
        scope.get('/own', { websocket: true }, (socket) => { socket.send('own') })
      }, { prefix: '/second' })
    }
  })
  t.equal(await (await connectPeer(t, `${origin}/second/own`)).nextText(), 'own')
  t.match(await (await connectPeer(t, `${origin}/first/ws`)).ask(1, ''), { id: 1 })
})
