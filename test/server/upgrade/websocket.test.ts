import fastifyWebsocket from '@fastify/websocket'
import type { FastifyInstance } from 'fastify'
import t from 'tap'
import juggler, { createState } from '../../../lib/index.ts'
import { startApp } from '../../helpers/app.ts'
import { connectPeer } from '../../helpers/peer.ts'
import { dial, upgradeText } from '../../helpers/raw-socket.ts'

t.test('with an @fastify/websocket of the app, both are served and ours is none of its clients', async (t) => {
  const { app, origin } = await startApp(t, {
    before: async (app) => { await app.register(fastifyWebsocket) },
    juggler: { state: createState(1), autoflushDelay: 0, maxPayload: 1000 },
    after: (app) => {
      app.get('/own', { websocket: true }, (socket) => { socket.send('own') })
    }
  })
  const own = await connectPeer(t, `${origin}/own`)
  t.equal(await own.nextText(), 'own')
  const peer = await connectPeer(t, `${origin}/ws`)
  t.match(await peer.next(), { diff: [{ value: 1 }] })
  t.equal(app.websocketServer.clients.size, 1)
  peer.request(1, '', 'x'.repeat(1000))
  t.match(await peer.closed, { code: 1009 }, 'the limit is checked on arrival')
  const other = await connectPeer(t, `${origin}/ws`)
  await app.close()
  t.equal((await other.closed).code, 1001)
  t.equal((await own.closed).code, 1005, 'closed by the app\'s plugin, as it does')
})

t.test('a larger limit of the app\'s @fastify/websocket is warned of, and compression with it is refused', async (t) => {
  const warnings: unknown[][] = []
  const { app } = await startApp(t, {
    juggler: false,
    before: async (app) => {
      app.log.warn = ((...args: unknown[]) => { warnings.push(args) }) as never
      await app.register(fastifyWebsocket, { options: { maxPayload: 10_000_000 } })
    },
    after: async (app) => {
      await app.register(juggler, { serveClient: false, allowedHosts: ['x'] })
      await t.rejects(async () => { await app.register(juggler, { name: 'other', prefix: '/b', compression: true }) },
        { code: 'FST_JUGGLER_OPTION_CONFLICT', message: /compression.*@fastify\/websocket/ })
    }
  }).catch(() => ({ app: undefined }))
  t.match(warnings[0], [{ appMaxPayload: 10_000_000 }, /maxPayload/])
  t.equal(app, undefined, 'a plugin that failed keeps the app from starting')
})

t.test('other WebSocket routes of the app go on working, beside ours and after it', async (t) => {
  const { origin } = await startApp(t, {
    after: (app) => {
      app.get('/echo', { websocket: true }, (socket) => { socket.on('message', (data: Buffer) => socket.send(data.toString())) })
    }
  })
  const peer = await connectPeer(t, `${origin}/echo`)
  peer.send('hello')
  t.equal(await peer.nextText(), 'hello')
  t.match(await (await connectPeer(t, `${origin}/ws`)).ask(1, ''), { id: 1 })
})

t.test('where the plugin registered @fastify/websocket, the app\'s own routes on it close as well', async (t) => {
  const { app, origin } = await startApp(t, {
    juggler: { shutdownTimeout: 20 },
    after: (app) => { app.get('/own', { websocket: true }, (socket) => { socket.send('own') }) }
  })
  const polite = await connectPeer(t, `${origin}/own`)
  await polite.nextText()
  const silent = await connectPeer(t, `${origin}/own`)
  await silent.nextText()
  silent.ws.pause()
  await app.close()
  t.equal((await polite.closed).code, 1001)
})

t.test('nothing of @fastify/websocket stays on our sockets', async (t) => {
  const { app, origin } = await startApp(t)
  let listeners: string[] = []
  app.websocketServer.on('connection', (ws) => {
    setImmediate(() => { listeners = ['error', 'close'].map((event) => `${ws.listenerCount(event)} ${event}`) })
  })
  await (await connectPeer(t, `${origin}/ws`)).echo()
  t.strictSame(listeners, ['1 error', '1 close'], 'one of ours each')
  t.equal(app.websocketServer.clients.size, 0)
})

t.test('what is relied on of ws and @fastify/websocket: their listeners are told apart from those of the app', async (t) => {
  for (const when of ['before', 'after'] as const) {
    const errors = (): void => {}
    const closed = (): void => {}
    const watch = (app: FastifyInstance): void => {
      app.websocketServer.on('connection', (ws) => { ws.on('error', errors).on('close', closed) })
    }
    let kept: unknown[][] = []
    const { app, origin } = await startApp(t, {
      before: async (app) => {
        if (when === 'after') return
        await app.register(fastifyWebsocket, { options: { maxPayload: 1000 } })
        watch(app)
      },
      after: (app) => {
        if (when === 'after') watch(app)
        app.websocketServer.on('connection', (ws) => {
          setImmediate(() => { kept = ['error', 'close'].map((event) => ws.listeners(event)) })
        })
      }
    })
    await (await connectPeer(t, `${origin}/ws`)).echo()
    t.equal(kept[0]?.length, 2, when)
    t.ok(kept[0]?.includes(errors), when)
    t.equal(kept[1]?.length, 2, when)
    t.ok(kept[1]?.includes(closed), when)
    await app.close()
  }
})

t.test('no subprotocol is taken, whatever a client offers', async (t) => {
  const { origin } = await startApp(t)
  const raw = await dial(t, origin)
  raw.write(upgradeText('/ws', ['Sec-WebSocket-Protocol: chat, superchat']))
  const head = await raw.until(/\r\n\r\n/)
  t.match(head, /^HTTP\/1\.1 101 /)
  t.notMatch(head, /sec-websocket-protocol/i)
})
