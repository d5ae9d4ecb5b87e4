import { once } from 'node:events'
import { request as httpRequest } from 'node:http'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import t from 'tap'
import type { Test } from 'tap'
import { WebSocketServer } from 'ws'
import juggler from '../../../lib/index.ts'
import { startApp } from '../../helpers/app.ts'
import { connectPeer, refusal } from '../../helpers/peer.ts'

/** Sends an upgrade over a bare socket and never ends it; resolves with what came once the server ended it. */
function rawUpgrade (t: Test, origin: string, path: string, lines: readonly string[] = []): { socket: Socket, ended: Promise<string> } {
  const { hostname, port } = new URL(origin)
  const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true })
  t.teardown(() => socket.destroy())
  socket.on('error', () => {})
  let text = ''
  socket.on('data', (chunk) => { text += chunk.toString('latin1') })
  const ended = new Promise<string>((resolve) => {
    socket.once('end', () => resolve(text))
    socket.once('close', () => resolve(text))
  })
  const head = [`GET ${path} HTTP/1.1`, 'Host: x', 'Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==', ...lines]
  socket.write(`${head.join('\r\n')}\r\n\r\n`)
  return { socket, ended }
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
    const text = await rawUpgrade(t, origin, path).ended
    t.match(text, new RegExp(`^HTTP/1.1 ${status} `), path)
  }
})

t.test('a plain route in the scope answers an upgrade as usual', async (t) => {
  const { origin } = await startApp(t, { after: (app) => { app.get('/plain', async () => ({ plain: true })) } })
  t.match(await rawUpgrade(t, origin, '/plain').ended, /^HTTP\/1.1 200 [^]*{"plain":true}$/)
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

t.test('an upgrade of another protocol is answered like a plain request', async (t) => {
  const { origin } = await startApp(t, { after: (app) => { app.get('/plain', async () => 'plain') } })
  const { hostname, port } = new URL(origin)
  const request = httpRequest({ host: hostname, port, path: '/plain', headers: { connection: 'Upgrade', upgrade: 'h2c' } })
  request.end()
  const [response] = await once(request, 'response')
  t.equal(response.statusCode, 200)
  response.resume()
  await once(response, 'close')
})

t.test('a malformed handshake is refused', async (t) => {
  const { origin } = await startApp(t)
  t.match(await rawUpgrade(t, origin, '/ws', ['Sec-WebSocket-Key: short']).ended, /^HTTP\/1.1 400 /)
  t.equal(await refusal(t, `${origin}/ws/nowhere`), 404)
})

t.test('the app closes in time with upgrades that were never answered', async (t) => {
  const { app, origin } = await startApp(t, {
    juggler: { shutdownTimeout: 50, route: { onRequest: (request, _reply, done) => { if (request.headers['x-stall'] === undefined) done() } } }
  })
  const reached = once(app.server, 'upgrade')
  const { ended } = rawUpgrade(t, origin, '/ws', ['X-Stall: 1'])
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
  const { ended } = rawUpgrade(t, origin, '/ws')
  await atHook
  const closed = app.close()
  await new Promise((resolve) => setImmediate(resolve))
  release()
  t.match(await ended, /^HTTP\/1.1 503 /)
  await closed
})
