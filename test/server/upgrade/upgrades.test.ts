import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import fastifyProxy from '@fastify/http-proxy'
import fastifyWebsocket from '@fastify/websocket'
import Fastify from 'fastify'
import type { FastifyInstance } from 'fastify'
import t from 'tap'
import type { Test } from 'tap'
import { WebSocketServer } from 'ws'
import juggler from '../../../lib/index.ts'
import { startApp } from '../../helpers/app.ts'
import { makeCertificate } from '../../helpers/certificate.ts'
import { connectPeer, refusal } from '../../helpers/peer.ts'
import { dial, upgradeText } from '../../helpers/raw-socket.ts'

/** Sends an upgrade over a bare socket and never ends it; resolves with what came once the server ended it. */
async function rawUpgrade (t: Test, origin: string, path: string, lines: readonly string[] = []): Promise<string> {
  const client = await dial(t, origin)
  client.write(upgradeText(path, lines))
  return await client.ended
}

t.test('an upgrade that is answered by anything but 101 ends its socket, whatever scope', async (t) => {
  const { origin } = await startApp(t, {
    juggler: false,
    before: (app) => { app.get('/early', async () => 'early') },
    after: async (app) => {
      await app.register(async (scope) => {
        await scope.register(juggler)
        scope.get('/plain', async () => 'plain')
      }, { prefix: '/scope' })
      app.get('/other', async () => 'other')
      await app.register(async (scope) => { scope.get('/', async () => 'deep') }, { prefix: '/elsewhere' })
    }
  })
  for (const [path, status] of [['/early', 200], ['/scope/plain', 200], ['/other', 200], ['/elsewhere', 200], ['/nowhere', 404], ['/scope/nowhere', 404]] as const) {
    const text = await rawUpgrade(t, origin, path)
    t.match(text, new RegExp(`^HTTP/1.1 ${status} `), path)
  }
})

t.test('a plain route in the scope answers an upgrade as usual', async (t) => {
  const { origin } = await startApp(t, { after: (app) => { app.get('/plain', async () => ({ plain: true })) } })
  t.match(await rawUpgrade(t, origin, '/plain'), /^HTTP\/1.1 200 [^]*{"plain":true}$/)
})

t.test('the app\'s own upgrade listeners go on working', async (t) => {
  for (const when of ['before', 'after'] as const) {
    const wss = new WebSocketServer({ noServer: true })
    const { origin, app } = await startApp(t, {
      [when]: (app: { server: NodeJS.EventEmitter }) => {
        app.server.on('upgrade', (request, socket, head) => {
          if (request.url !== '/own') return
          wss.handleUpgrade(request, socket, head, (ws) => { ws.on('message', (data: Buffer) => ws.send(data.toString())) })
        })
      }
    })
    const own = await connectPeer(t, `${origin}/own`)
    own.send('hello')
    t.equal(await own.nextText(), 'hello', when)
    t.match(await (await connectPeer(t, `${origin}/ws?framing=plain`)).ask(1, ''), { id: 1 }, when)
    own.ws.close()
    await own.closed
    await app.close()
  }
})

t.test('a malformed handshake is refused', async (t) => {
  const { origin } = await startApp(t)
  t.match(await rawUpgrade(t, origin, '/ws', ['Sec-WebSocket-Key: short']), /^HTTP\/1.1 400 /)
  t.equal(await refusal(t, `${origin}/ws/nowhere`), 404)
})

t.test('the app closes in time with upgrades that were never answered', async (t) => {
  const { app, origin } = await startApp(t, {
    juggler: { shutdownTimeout: 50, route: { onRequest: (request, _reply, done) => { if (request.headers['x-stall'] === undefined) done() } } }
  })
  const reached = once(app.server, 'upgrade')
  const ended = rawUpgrade(t, origin, '/ws', ['X-Stall: 1'])
  await reached
  await app.close()
  t.equal(await ended, '', 'cut without an answer')
})

t.test('while the app closes, upgrades get 503', async (t) => {
  let release!: () => void
  const held = new Promise<void>((resolve) => { release = resolve })
  const { app, origin } = await startApp(t, { juggler: { shutdownTimeout: 50 }, after: (app) => { app.addHook('preClose', () => held) } })
  await connectPeer(t, `${origin}/ws`)
  const closed = app.close()
  await new Promise((resolve) => setImmediate(resolve))
  t.equal(await refusal(t, `${origin}/ws`), 503)
  release()
  await closed
})

t.test('an upgrade whose hooks end while the app closes gets 503', async (t) => {
  let reached!: () => void
  let release!: () => void
  const atHook = new Promise<void>((resolve) => { reached = resolve })
  const held = new Promise<void>((resolve) => { release = resolve })
  const { app, origin } = await startApp(t, {
    juggler: { shutdownTimeout: 5000, route: { onRequest: async () => { reached(); await held } } }
  })
  const ended = rawUpgrade(t, origin, '/ws')
  await atHook
  const closed = app.close()
  await new Promise((resolve) => setImmediate(resolve))
  release()
  t.match(await ended, /^HTTP\/1.1 503 /)
  await closed
})

const plain = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`

/** A masked text frame with an echo request (RFC 6455, section 5.7: the mask may be any, zeros as well). */
function echoFrame (): string {
  const text = '{"type":"request","id":1,"name":"","data":7}'
  return `\x81${String.fromCharCode(0x80 | text.length)}\0\0\0\0${text}`
}

t.test('an upgrade behind other requests of its connection is answered, in their order', async (t) => {
  for (const listeners of [false, true]) {
    const { origin } = await startApp(t, {
      after: (app) => {
        let count = 0
        app.get('/slow', async () => {
          await new Promise((resolve) => setTimeout(resolve, 30))
          return `slow ${++count}`
        })
        if (listeners) app.server.on('upgrade', () => {})
      }
    })
    const client = await dial(t, origin)
    client.write(plain('/slow') + plain('/slow') + upgradeText('/ws') + echoFrame())
    const text = await client.until(/"data":7/)
    t.match(text, /slow 1[^]*slow 2[^]*HTTP\/1.1 101 [^]*"id":1/, 'sent at once')
    const second = await dial(t, origin)
    second.write(plain('/slow'))
    await second.until(/slow 3/)
    second.write(upgradeText('/ws'))
    await second.until(/^HTTP\/1.1 101 [^]*\r\n\r\n/)
    second.write(echoFrame())
    t.match(await second.until(/"data":7/), /"id":1/, 'sent one after the other')
    if (listeners) continue
    const nobody = await dial(t, origin)
    nobody.write(plain('/slow') + upgradeText('/nobody'))
    t.match(await nobody.ended, /slow 4[^]*HTTP\/1.1 404 /)
  }
})

t.test('a client that leaves behind an earlier request is let go, and one whose connection ends with it', async (t) => {
  const { app, origin } = await startApp(t, {
    after: (app) => {
      app.get('/never', () => {})
      app.get('/last', async (_request, reply) => { await reply.header('connection', 'close').send('last') })
    }
  })
  const last = await dial(t, origin)
  last.write(plain('/last') + upgradeText('/ws'))
  t.match(await last.ended, /last$/)
  const left = await dial(t, origin)
  const connection = once(app.server, 'connection')
  left.write(plain('/never') + upgradeText('/ws'))
  left.socket.end()
  t.equal(await left.ended, '')
  void connection.catch(() => {})
  await app.close()
})

t.test('the app closes with upgrades behind requests that are being answered', async (t) => {
  let release!: () => void
  const held = new Promise<void>((resolve) => { release = resolve })
  let reached!: () => void
  const inHandler = new Promise<void>((resolve) => { reached = resolve })
  const { app, origin } = await startApp(t, {
    juggler: { shutdownTimeout: 10 },
    after: (app) => { app.get('/slow', async () => { reached(); await held; return 'slow' }) }
  })
  const client = await dial(t, origin)
  client.write(plain('/slow') + upgradeText('/ws'))
  await inHandler
  const closed = app.close()
  await new Promise((resolve) => setTimeout(resolve, 50))
  release()
  t.match(await client.ended, /slow[^]*HTTP\/1.1 503 [^]*FST_JUGGLER_CLOSING/, 'what is under way is answered, the upgrade refused')
  await closed
})

t.test('paths are compared as Fastify routes them, where the app has listeners as well', async (t) => {
  const { app, origin } = await startApp(t, {
    fastify: {
      routerOptions: { caseSensitive: false, ignoreTrailingSlash: true },
      rewriteUrl: (request) => (request.url ?? '/').replace('/public', '')
    },
    juggler: { wsPath: '/live/:room' },
    after: (app) => {
      app.server.on('upgrade', () => {})
      app.get('/own/*', { websocket: true }, (socket) => { socket.send('own') })
    }
  })
  for (const path of ['/live/a', '/LIVE/a', '/live/a/', '/public/live/a', '/live/%61?x=1', '/public/live/a?framing=plain']) {
    t.match(await (await connectPeer(t, `${origin}${path}`)).ask(1, ''), { id: 1 }, path)
  }
  t.equal(await (await connectPeer(t, `${origin}/own/a/b`)).nextText(), 'own')
  await app.close()
})

t.test('a listener that would take every upgrade is not given those of WebSocket routes', async (t) => {
  const { app, origin } = await startApp(t)
  // as ws does by itself where it is given a server: with a path it refuses all others, without it takes all
  const own = new WebSocketServer({ server: app.server, path: '/chat' })
  own.on('connection', (ws) => ws.send('chat'))
  t.equal(await (await connectPeer(t, `${origin}/chat`)).nextText(), 'chat')
  t.match(await (await connectPeer(t, `${origin}/ws`)).ask(1, ''), { id: 1 })
  t.equal(await refusal(t, `${origin}/other`), 400, 'its answer to what is nobody else\'s')
  for (const ws of own.clients) ws.terminate()
})

/** A server behind a proxy, which says what it is asked. */
async function startUpstream (t: Test): Promise<string> {
  const upstream = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  t.teardown(() => { for (const ws of upstream.clients) ws.terminate(); upstream.close() })
  upstream.on('connection', (ws, request) => { ws.send(`upstream ${request.url}`) })
  await once(upstream, 'listening')
  return `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`
}

t.test('beside @fastify/http-proxy with WebSockets, whichever is registered first', async (t) => {
  const upstream = await startUpstream(t)
  for (const prefix of ['/proxy', '/']) {
    for (const when of ['before', 'after'] as const) {
      const { app, origin } = await startApp(t, {
        [when]: async (app: FastifyInstance) => { await app.register(fastifyProxy, { upstream, prefix, websocket: true }) },
        juggler: { indexPath: null, shutdownTimeout: 20 }
      })
      const name = `${prefix} ${when}`
      t.match(await (await connectPeer(t, `${origin}/ws`)).ask(1, ''), { id: 1 }, name)
      const proxied = await connectPeer(t, `${origin}${prefix === '/' ? '' : prefix}/x`)
      t.equal(await proxied.nextText(), 'upstream /x', name)
      const pipelined = await dial(t, origin)
      pipelined.write(plain('/ws') + upgradeText('/ws') + echoFrame())
      t.match(await pipelined.until(/"data":7/), /HTTP\/1.1 426 [^]*HTTP\/1.1 101 /, name)
      if (prefix !== '/') {
        const nobody = await dial(t, origin)
        const arrived = once(app.server, 'upgrade')
        nobody.write(upgradeText('/nobody'))
        await arrived
        await app.close()
        t.equal(await nobody.ended, '', 'closing ends it')
      }
      await app.close()
    }
  }
})

t.test('beside an @fastify/websocket of an instance around it, each answers its own', async (t) => {
  const { origin } = await startApp(t, {
    juggler: false,
    after: async (app) => {
      await app.register(async (scope) => { await scope.register(juggler) }, { prefix: '/scope' })
      await app.register(fastifyWebsocket)
      app.get('/own', { websocket: true }, (socket) => { socket.send('own') })
    }
  })
  t.match(await (await connectPeer(t, `${origin}/scope/ws`)).ask(1, ''), { id: 1 })
  t.equal(await (await connectPeer(t, `${origin}/own`)).nextText(), 'own')
  t.equal(await refusal(t, `${origin}/nobody`), 404)
})

t.test('over TLS as well', async (t) => {
  const certificate = await makeCertificate()
  const app = Fastify({ https: certificate })
  t.teardown(() => app.close())
  app.get('/slow', async () => 'slow')
  await app.register(juggler)
  app.server.on('upgrade', () => {})
  await app.listen({ port: 0, host: '127.0.0.1' })
  const origin = `https://127.0.0.1:${(app.server.address() as AddressInfo).port}`
  const client = await dial(t, origin, certificate.cert)
  client.write(plain('/slow') + upgradeText('/ws') + echoFrame())
  t.match(await client.until(/"data":7/), /slow[^]*HTTP\/1.1 101 /)
  const nobody = await dial(t, origin, certificate.cert)
  const arrived = once(app.server, 'upgrade')
  nobody.write(upgradeText('/nobody'))
  const [, socket] = await arrived
  nobody.socket.end()
  await once(socket, 'close')
  const second = await dial(t, origin, certificate.cert)
  const again = once(app.server, 'upgrade')
  second.write(upgradeText('/nobody'))
  await again
  client.socket.destroy()
  await app.close()
  t.equal(await second.ended, '')
})
