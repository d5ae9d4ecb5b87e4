import dns from 'node:dns'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { get as httpsGet } from 'node:https'
import { connect as connectTcp } from 'node:net'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { connect as connectTls } from 'node:tls'
import type { TLSSocket } from 'node:tls'
import t, { type Test } from 'tap'
import { createState, listen } from '../lib/index.ts'
import type { ListenOptions, Server } from '../types/listen.ts'
import { checkIdentity, encryptKey, makeCertificate } from './helpers/certificate.ts'
import { basic, htpasswdFile } from './helpers/htpasswd.ts'
import { get } from './helpers/http.ts'
import { connectPeer, refusal } from './helpers/peer.ts'

const certificate = await makeCertificate()
const hasIpv6 = Object.values(networkInterfaces()).flat().some((address) => address?.address === '::1')

/** Some machines know localhost by its IPv4 address alone: here it has both, as far as the machine has. */
const both = [{ address: '127.0.0.1', family: 4 }, ...(hasIpv6 ? [{ address: '::1', family: 6 }] : [])]
const { lookup } = dns
t.intercept(dns, 'lookup', {
  value: (host: string, options: { all?: boolean }, done: (error: unknown, addresses: unknown) => void) =>
    host === 'localhost' && options.all ? done(null, both) : lookup(host, options as object, done as never)
})

async function start (t: Test, options: ListenOptions = {}): Promise<Server> {
  const server = await listen(options)
  t.teardown(() => server.close())
  return server
}

function pemIn (t: Test, text = certificate.key + certificate.cert): string {
  const path = join(t.testdir(), 'server.pem')
  writeFileSync(path, text)
  return path
}

t.test('listens on localhost, both of its addresses, on a free port', async (t) => {
  const server = await start(t, { state: createState({ a: 1 }), autoflushDelay: 0 })
  t.match(server.address, /^http:\/\/localhost:\d+$/)
  const { port } = new URL(server.address)
  t.not(port, '0')
  const hosts = hasIpv6 ? ['127.0.0.1', '[::1]', 'localhost'] : ['127.0.0.1', 'localhost']
  for (const host of hosts) {
    const peer = await connectPeer(t, `ws://${host}:${port}/ws`)
    t.match(await peer.next(), { type: 'state', diff: [{ value: { a: 1 } }] }, host)
  }
  t.equal(server.app.juggler.connections.size, hosts.length)
})

t.test('the app of the server has the plugin, with its options', async (t) => {
  const dir = t.testdir({ public: { 'index.html': 'page' } })
  const server = await start(t, {
    host: '127.0.0.1',
    staticDir: join(dir, 'public'),
    htpasswdFile: htpasswdFile(dir, { ann: 'secret' }),
    prefix: '/panel',
    additionalRoutes: [{ method: 'GET', url: '/extra', handler: async (request) => request.ip }],
    fastify: { trustProxy: true }
  })
  const headers = { authorization: basic('ann', 'secret'), 'x-forwarded-for': '192.0.2.7' }
  t.equal((await get(server.address, '/panel/index.html')).status, 401)
  t.equal((await get(server.address, '/panel/index.html', { headers })).body, 'page')
  t.equal((await get(server.address, '/panel/extra', { headers })).body, '192.0.2.7')
  server.app.juggler.handle('twice', (_connection, data) => Number(data) * 2)
  const peer = await connectPeer(t, `${server.address.replace('http', 'ws')}/panel/ws`, { headers })
  t.match(await peer.ask(1, 'twice', 4), { success: true, data: 8 })
})

t.test('the address of other hosts', async (t) => {
  t.match((await start(t, { host: '127.0.0.1' })).address, /^http:\/\/127\.0\.0\.1:\d+$/)
  t.match((await start(t, { host: '0.0.0.0', allowedHosts: ['localhost'] })).address, /^http:\/\/localhost:\d+$/)
  if (hasIpv6) t.match((await start(t, { host: '::1' })).address, /^http:\/\/\[::1\]:\d+$/)
})

t.test('wrong options', async (t) => {
  await t.rejects(listen({ port: 70000 }), { code: 'FST_JUGGLER_OPTION_INVALID', message: /'port' is 70000, expected an integer from 0 to 65535/ })
  await t.rejects(listen({ port: '80' as never }), { code: 'FST_JUGGLER_OPTION_INVALID', message: /'port'/ })
  await t.rejects(listen({ host: '' }), { code: 'FST_JUGGLER_OPTION_INVALID', message: /'host'/ })
  await t.rejects(listen({ autoflushDelay: -1 }), { code: 'FST_JUGGLER_OPTION_INVALID', message: /'autoflushDelay'/ })
  await t.rejects(listen({ hosts: 'x' } as never), { code: 'FST_JUGGLER_OPTION_UNKNOWN' })
  await t.rejects(listen({ fastify: { http2: true } as never, tls: certificate }), { code: 'FST_JUGGLER_HTTP2' })
})

t.test('a port that is taken', async (t) => {
  const first = await start(t, { host: '127.0.0.1' })
  await t.rejects(listen({ host: '127.0.0.1', port: Number(new URL(first.address).port) }), { code: 'EADDRINUSE' })
})

t.test('closing: connections get 1001, `closed` resolves, twice is once', async (t) => {
  const server = await start(t, { host: '127.0.0.1' })
  const peer = await connectPeer(t, `${server.address}/ws`.replace('http', 'ws'))
  await Promise.all([server.close(), server.close()])
  await server.close()
  await server.closed
  t.match(await peer.closed, { code: 1001 })
  await t.rejects(get(server.address, '/'), { code: 'ECONNREFUSED' })
})

t.test('closing the app closes the server', async (t) => {
  const server = await start(t)
  await server.app.close()
  await server.closed
})

t.test('closes whatever clients do', async (t) => {
  let release = (): void => {}
  const server = await start(t, {
    host: '127.0.0.1',
    shutdownTimeout: 50,
    additionalRoutes: [{ method: 'GET', url: '/hangs', handler: () => new Promise((resolve) => { release = () => resolve('late') }) }]
  })
  t.teardown(() => { release() })
  const { port } = new URL(server.address)
  // one that never sends anything, one with half a request, one that waits for an answer, one that never closes
  const idle = connectTcp(Number(port), '127.0.0.1')
  const half = connectTcp(Number(port), '127.0.0.1', () => { half.write('GET / HTTP/1.1\r\nHost: x\r\n') })
  const hanging = get(server.address, '/hangs').then(() => 'answered', () => 'cut')
  for (const socket of [idle, half]) {
    socket.on('error', () => {})
    if (socket.connecting) await once(socket, 'connect')
  }
  const mute = await connectPeer(t, `ws://127.0.0.1:${port}/ws`)
  mute.ws.pause()
  let aborted = false
  const running = new Promise<void>((resolve) => {
    server.app.juggler.handle('slow', (connection) => {
      connection.signal.addEventListener('abort', () => { aborted = true })
      resolve()
      return new Promise(() => {})
    })
  })
  mute.request(1, 'slow')
  await running
  const started = performance.now()
  await server.close()
  // not the 30 s that a WebSocket server waits for a closing handshake
  t.ok(performance.now() - started < 10_000)
  t.equal(await hanging, 'cut')
  t.ok(aborted, 'the signal of a running handler')
})

t.test('an answer that is under way when it closes is finished', async (t) => {
  let arrived = (): void => {}
  const arriving = new Promise<void>((resolve) => { arrived = resolve })
  let answer = (): void => {}
  const server = await start(t, {
    host: '127.0.0.1',
    shutdownTimeout: 20_000,
    additionalRoutes: [{
      method: 'GET',
      url: '/slow',
      handler: async () => {
        arrived()
        await new Promise<void>((resolve) => { answer = resolve })
        return 'whole'
      }
    }]
  })
  const pending = get(server.address, '/slow')
  await arriving
  const closing = server.close()
  answer()
  t.equal((await pending).body, 'whole')
  await closing
})

t.test('TLS with a PEM file', async (t) => {
  const server = await start(t, { pemFile: pemIn(t), state: createState({ a: 1 }), autoflushDelay: 0 })
  t.match(server.address, /^https:\/\/localhost:\d+$/)
  const { port } = new URL(server.address)
  for (const host of hasIpv6 ? ['127.0.0.1', '[::1]', 'localhost'] : ['127.0.0.1', 'localhost']) {
    const peer = await connectPeer(t, `wss://${host}:${port}/ws`, { ca: certificate.cert, checkServerIdentity: checkIdentity, origin: `https://${host}:${port}` })
    t.match(await peer.next(), { type: 'state' }, host)
  }
  t.equal(await refusal(t, `wss://localhost:${port}/ws`, { ca: certificate.cert, origin: 'https://evil.example' }), 403)
  await t.rejects(refusal(t, `wss://localhost:${port}/ws`), { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' })
})

t.test('closes in time over TLS, with clients that never answer, and half-open ones', async (t) => {
  const server = await start(t, { host: '127.0.0.1', pemFile: pemIn(t), shutdownTimeout: 50 })
  const { port } = new URL(server.address)
  const raw = connectTcp(Number(port), '127.0.0.1')
  raw.on('error', () => {})
  const peer = await connectPeer(t, `wss://127.0.0.1:${port}/ws`, { ca: certificate.cert })
  peer.ws.pause()
  const idle = connectTls({ port: Number(port), host: '127.0.0.1', ca: certificate.cert })
  idle.on('error', () => {})
  await once(idle, 'secureConnect')
  const started = performance.now()
  await server.close()
  t.ok(performance.now() - started < 10_000)
})

t.test('TLS: the whole chain is sent, and only HTTP/1.1 is offered', async (t) => {
  const authority = await makeCertificate(undefined, true)
  const leaf = await makeCertificate(authority)
  const server = await start(t, { host: '127.0.0.1', pemFile: pemIn(t, leaf.key + leaf.cert + authority.cert) })
  const socket: TLSSocket = connectTls({ port: Number(new URL(server.address).port), host: '127.0.0.1', ca: authority.cert, ALPNProtocols: ['h2', 'http/1.1'] })
  t.teardown(() => socket.destroy())
  await once(socket, 'secureConnect')
  t.equal(socket.alpnProtocol, 'http/1.1')
  t.ok(socket.getPeerCertificate(true).issuerCertificate, 'the issuer came along')
})

t.test('TLS with options, alone and beside a PEM file', async (t) => {
  const status = async (server: Server, options: object) => await new Promise<number>((resolve, reject) => {
    httpsGet(`${server.address}/none`, { agent: false, ca: certificate.cert, ...options }, (response) => {
      response.resume()
      resolve(response.statusCode!)
    }).on('error', reject)
  })
  const alone = await start(t, { tls: certificate })
  t.equal(await status(alone, {}), 404)
  const strict = await start(t, { pemFile: pemIn(t), tls: { minVersion: 'TLSv1.3' } })
  t.equal(await status(strict, {}), 404)
  await t.rejects(status(strict, { maxVersion: 'TLSv1.2' }))
  const encrypted = await start(t, { pemFile: pemIn(t, encryptKey(certificate.key, 'pass') + certificate.cert), tls: { passphrase: 'pass' } })
  t.equal(await status(encrypted, {}), 404)
})

t.test('tickets are Secure over TLS', async (t) => {
  const pemFile = pemIn(t)
  const server = await start(t, { pemFile, htpasswdFile: htpasswdFile(join(pemFile, '..'), { ann: 'secret' }) })
  const cookies = await new Promise((resolve, reject) => {
    httpsGet(`${server.address}/ws`, { agent: false, ca: certificate.cert, headers: { authorization: basic('ann', 'secret') } }, (response) => {
      response.resume()
      resolve(response.headers['set-cookie'])
    }).on('error', reject)
  })
  t.match(cookies, [/; Secure$/])
})

t.test('a bad PEM file is an error at start', async (t) => {
  const dir = t.testdir({ public: {}, 'empty.pem': '' })
  writeFileSync(join(dir, 'public/server.pem'), certificate.key + certificate.cert)
  writeFileSync(join(dir, 'encrypted.pem'), encryptKey(certificate.key, 'pass') + certificate.cert)
  writeFileSync(join(dir, 'good.pem'), certificate.key + certificate.cert)
  await t.rejects(listen({ pemFile: join(dir, 'none.pem') }), { code: 'FST_JUGGLER_PEM_INVALID', message: /ENOENT/ })
  await t.rejects(listen({ pemFile: join(dir, 'empty.pem') }), { code: 'FST_JUGGLER_PEM_INVALID', message: /no private key/ })
  await t.rejects(listen({ pemFile: join(dir, 'encrypted.pem') }), { code: 'FST_JUGGLER_PEM_INVALID', message: /encrypted/ })
  await t.rejects(listen({ pemFile: join(dir, 'public/server.pem'), staticDir: join(dir, 'public') }), { code: 'FST_JUGGLER_SECRET_EXPOSED', message: /'pemFile'/ })
  await t.rejects(listen({ pemFile: join(dir, 'good.pem'), tls: certificate }), { code: 'FST_JUGGLER_OPTION_CONFLICT', message: /'pemFile'/ })
  await t.rejects(listen({ pemFile: 7 as never }), { code: 'FST_JUGGLER_OPTION_INVALID' })
})
