/** What is Node's alone: credentials, TLS, and faults that `ws` finds by itself. */
import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo, Server } from 'node:net'
import { createServer as createTcpServer } from 'node:net'
import { createHash } from 'node:crypto'
import t from 'tap'
import type { Test } from 'tap'
import { WebSocketServer } from 'ws'
import { connect } from '../../lib/client/index.ts'
import { settingsOf } from '../../lib/client/options.ts'
import { node } from '../../lib/client/environment.node.ts'
import type { Failure } from '../../lib/client/environment.ts'
import { makeCertificate } from '../helpers/certificate.ts'
import { message, quick, reached } from '../helpers/client/suite.ts'

async function listening (t: Test, server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => new Promise<void>((resolve) => {
    server.close(() => resolve())
    if ('closeAllConnections' in server) (server as { closeAllConnections (): void }).closeAllConnections()
  }))
  return (server.address() as AddressInfo).port
}

t.test('credentials go in a header, as UTF-8', async (t) => {
  const server = createHttpServer()
  const wss = new WebSocketServer({ server })
  t.teardown(() => { for (const socket of wss.clients) socket.terminate() })
  const port = await listening(t, server)
  const arrived = once(wss, 'connection')
  const client = await connect(`ws://127.0.0.1:${port}/ws`, { ...quick, auth: { username: 'jörg', password: 'a:b€' } })
  t.teardown(() => client.close())
  const [, request] = await arrived
  t.equal(request.headers.authorization, `Basic ${Buffer.from('jörg:a:b€').toString('base64')}`)
})

t.test('credentials that cannot be are refused', async (t) => {
  for (const auth of [null, {}, { username: 'a' }, { username: 'a:b', password: 'c' }, 'a:b']) {
    const error = await connect('ws://127.0.0.1:1/', { auth: auth as never }).catch((error) => error)
    t.equal(error.code, 'JUGGLER_OPTION_INVALID', JSON.stringify(auth))
    t.notMatch(error.message, /a:b/, 'and not repeated')
  }
  const error = await connect('ws://127.0.0.1:1/', { tls: '-----BEGIN PRIVATE KEY' as never }).catch((error) => error)
  t.match(error, { code: 'JUGGLER_OPTION_INVALID', message: 'tls must be an object, not string' })
})

t.test('so are a signal and a reconnect that are none', async (t) => {
  for (const options of [{ signal: {} }, { signal: null }, { reconnect: 'no' }, { reconnect: 0 }, { reconnect: null }]) {
    await t.rejects(connect('ws://127.0.0.1:1/', options as never), { code: 'JUGGLER_OPTION_INVALID' }, JSON.stringify(options))
  }
})

t.test('the limit of a message is the same in both framings', async (t) => {
  const server = createHttpServer()
  const wss = new WebSocketServer({ server })
  t.teardown(() => { for (const socket of wss.clients) socket.terminate() })
  const port = await listening(t, server)
  const text = message.notify('x'.repeat(100))
  for (const [framing, header] of [['plain', ''], ['segmented', '0']] as const) {
    for (const [short, outcome] of [[0, 'heard'], [1, 1009]] as const) {
      const arrived = once(wss, 'connection')
      const client = await connect(`ws://127.0.0.1:${port}/ws`, { ...quick, framing, maxPayload: text.length - short, reconnect: false, onError () {} })
      const told = new Promise((resolve) => client.onNotify(() => resolve('heard')))
      const [socket] = await arrived
      socket.send(header + text)
      t.equal(await Promise.race([told, client.closed.then(({ code }) => code)]), outcome, `${framing}, ${short} too short`)
      await client.close()
    }
  }
})

t.test('a refusal of the upgrade says its status', async (t) => {
  const port = await listening(t, createHttpServer().on('upgrade', (_request, socket) => {
    socket.end('HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\n\r\n')
  }))
  await t.rejects(connect(`ws://user:secret@127.0.0.1:${port}/ws`), { code: 'JUGGLER_CONNECT_FAILED', message: /401/ })
  const error = await connect(`ws://user:secret@127.0.0.1:${port}/ws`).catch((error) => error)
  t.notMatch(error.message, /secret/)
})

t.test('certificates are verified unless told otherwise', async (t) => {
  const { key, cert } = await makeCertificate()
  const server = createTlsServer({ key, cert })
  const wss = new WebSocketServer({ server })
  t.teardown(() => { for (const socket of wss.clients) socket.terminate() })
  const port = await listening(t, server)
  const url = `wss://localhost:${port}/ws`
  const { NODE_TLS_REJECT_UNAUTHORIZED: before } = process.env
  process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0'
  await t.rejects(connect(url), { code: 'JUGGLER_CONNECT_FAILED', message: /self[- ]signed/ }, 'whatever the environment says')
  if (before === undefined) delete process.env.NODE_TLS_REJECT_UNAUTHORIZED
  else process.env.NODE_TLS_REJECT_UNAUTHORIZED = before
  for (const tls of [{ ca: cert }, { ca: cert, servername: 'localhost' }, { rejectUnauthorized: false }]) {
    const client = await connect(url, { ...quick, tls })
    t.equal(client.status, 'open')
    await client.close()
  }
  await t.rejects(connect(url, { tls: { ca: cert, servername: 'elsewhere.example' } }), { message: /altnames/ })
})

/** A server that completes the handshake, and answers whatever comes then with bytes as they are. */
async function rawServer (t: Test, bytes: number[]): Promise<string> {
  const port = await listening(t, createTcpServer((socket) => {
    socket.on('error', () => {}).once('data', (head) => {
      const key = /sec-websocket-key: (\S+)/i.exec(head.toString())![1]
      const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
      socket.write(`HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-accept: ${accept}\r\n\r\n`)
      socket.on('data', () => socket.write(Buffer.from(bytes)))
    })
  }))
  return `ws://127.0.0.1:${port}/`
}

t.test('frames that break WebSocket itself are faults with codes of their own', async (t) => {
  for (const [what, bytes, code] of [
    ['text that is not UTF-8', [0x81, 1, 0xff], 1007],
    ['a reserved opcode', [0x83, 0], 1002],
    ['a masked frame', [0x81, 0x80, 0, 0, 0, 0], 1002],
    ['a frame longer than maxPayload', [0x81, 126, 0x10, 0], 1009]
  ] as const) {
    const errors: Array<Error & { code?: string }> = []
    const client = await connect(await rawServer(t, [...bytes]), { ...quick, maxPayload: 1000, reconnect: { minDelay: 60_000 }, onError: (error) => errors.push(error as Error) })
    const lost = new Promise<{ code: number } | undefined>((resolve) => client.onStatus((_status, info) => resolve(info)))
    client.send('go')
    t.equal((await lost)?.code, code, what)
    t.same(errors.map((error) => error.code), ['JUGGLER_PROTOCOL_ERROR'], what)
    await client.close()
  }
})

t.test('errors of the network are no faults of the protocol', async (t) => {
  const refusing = createHttpServer()
  refusing.on('upgrade', (_request, socket) => socket.end('HTTP/1.1 401 Unauthorized\r\n\r\n'))
  const resetting = createTcpServer((socket) => socket.resetAndDestroy())
  for (const server of [refusing, resetting]) {
    const faults: unknown[] = []
    const failure: Failure = { trouble: undefined, status: undefined, info: { code: 1006, reason: '' } }
    const socket = node.open(`ws://127.0.0.1:${await listening(t, server)}/ws`, settingsOf({}), (fault) => faults.push(fault), failure)
    await new Promise<void>((resolve) => { socket.onclose = () => resolve() })
    t.ok(failure.trouble instanceof Error)
    t.equal(failure.status, server === refusing ? 401 : undefined)
    t.same(faults, [])
  }
})

t.test('an attempt that nobody answers says that', async (t) => {
  const port = await listening(t, createTcpServer((socket) => { t.teardown(() => { socket.destroy() }) }))
  const error = await connect(`ws://127.0.0.1:${port}/ws`, { pingDelay: 20, pingTimeout: 20 }).catch((error) => error)
  t.match(error, { code: 'JUGGLER_CONNECT_FAILED', message: /4408: ping timeout/, cause: { code: 'JUGGLER_CONNECTION_CLOSED', closeCode: 4408 } })
})

t.test('what a listener throws becomes a warning of the process', async (t) => {
  const server = createHttpServer()
  const wss = new WebSocketServer({ server })
  t.teardown(() => { for (const socket of wss.clients) socket.terminate() })
  const port = await listening(t, server)
  const client = await connect(`ws://127.0.0.1:${port}/ws`, quick)
  client.onStatus(() => { throw new Error('of a listener') })
  const warned = once(process, 'warning')
  await client.close()
  const [warning] = await warned
  t.match(warning, { message: 'of a listener' })
})

t.test('a connected client keeps the process, its timers do not', async (t) => {
  const server = createHttpServer()
  const wss = new WebSocketServer({ server })
  wss.on('connection', (socket) => socket.send(message.notify('hello')))
  t.teardown(() => { for (const socket of wss.clients) socket.terminate() })
  const port = await listening(t, server)
  const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length
  const before = timers()
  const client = await connect(`ws://127.0.0.1:${port}/ws`)
  await new Promise<void>((resolve) => client.onNotify(() => resolve()))
  t.equal(timers(), before)
  await client.close()
  await reached(client, 'closed')
})

/** A server that refuses upgrades with a status, or takes them while there is none. */
async function gate (t: Test) {
  const server = createHttpServer()
  const wss = new WebSocketServer({ noServer: true })
  const gate = { status: undefined as number | undefined, refused: 0, url: '', wss }
  server.on('upgrade', (request, socket, head) => {
    if (gate.status === undefined) {
      wss.handleUpgrade(request, socket, head, () => {})
      return
    }
    gate.refused++
    socket.end(`HTTP/1.1 ${gate.status} No\r\nLocation: /login\r\nContent-Length: 0\r\n\r\n`)
  })
  t.teardown(() => { for (const socket of wss.clients) socket.terminate() })
  gate.url = `ws://127.0.0.1:${await listening(t, server)}/ws`
  return gate
}

t.test('an upgrade that is refused tells the HTTP status', async (t) => {
  const one = await gate(t)
  for (const status of [302, 401, 403, 404, 503]) {
    one.status = status
    const error = await connect(one.url, quick).catch((error) => error)
    t.match(error, { code: 'JUGGLER_CONNECT_FAILED', status, message: new RegExp(`answered ${status}`) })
  }
  const two = await gate(t)
  two.status = 502
  const error = await connect([one.url, two.url], quick).catch((error) => error)
  t.same(error.cause.errors.map(({ status }: { status?: number }) => status), [503, 502])
  const dead = await connect('ws://127.0.0.1:1/ws', quick).catch((error) => error)
  t.equal(dead.status, undefined)
})

t.test('a login that is refused on the way back is told once, and tried on', async (t) => {
  const server = await gate(t)
  const errors: Array<{ code: string }> = []
  const client = await connect(server.url, { ...quick, onError: (error) => errors.push(error as { code: string }) })
  t.teardown(() => client.close())
  for (const [status, code] of [[401, 'JUGGLER_LOGIN_REQUIRED'], [302, 'JUGGLER_LOGIN_REDIRECTED'], [401, 'JUGGLER_LOGIN_REQUIRED']] as const) {
    server.status = status
    const before = server.refused
    for (const socket of server.wss.clients) socket.terminate()
    while (server.refused < before + 3) await new Promise((resolve) => setTimeout(resolve, 5))
    t.same(errors.splice(0).map(({ code }) => code), [code], `${status}, three times`)
    t.equal(client.status, 'reconnecting')
    server.status = undefined
    await reached(client, 'open')
  }
})
