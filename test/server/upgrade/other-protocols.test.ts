import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import t from 'tap'
import type { Test } from 'tap'
import Fastify from 'fastify'
import type { FastifyInstance } from 'fastify'
import type { AddressInfo } from 'node:net'
import juggler from '../../../lib/index.ts'
import { isWebSocketOffer } from '../../../lib/server/upgrade/other-protocols.ts'
import { startApp } from '../../helpers/app.ts'
import { makeCertificate } from '../../helpers/certificate.ts'
import { connectPeer } from '../../helpers/peer.ts'
import { dial } from '../../helpers/raw-socket.ts'

const run = promisify(execFile)
const curl = async (args: string[]): Promise<string> => (await run('curl', args)).stdout

function addRoutes (app: FastifyInstance): void {
  app.post('/echo', async (request) => ({ got: request.body }))
  app.get('/plain', async () => 'plain')
  app.get('/slow', async () => { await new Promise((resolve) => setTimeout(resolve, 50)); return 'slow' })
}

/** `h2` as Java's HttpClient sends it with whatever it asks. */
const offer = (line: string, lines: readonly string[], body = ''): string => [
  `${line} HTTP/1.1`, 'Connection: Upgrade, HTTP2-Settings', 'Host: x', 'HTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA',
  'Upgrade: h2c', ...lines, '', body
].join('\r\n')

/** Every kind of request that curl sends, its offer of HTTP/2 included. */
async function askByCurl (t: Test, url: string, ...options: string[]): Promise<void> {
  const ask = async (...more: string[]): Promise<string> => {
    return await curl(['-sS', '--max-time', '10', '-w', ' %{http_code}', ...options, ...more])
  }
  const json = ['-H', 'content-type: application/json', '--data-binary']
  t.equal(await ask(`${url}/plain`), 'plain 200', 'GET')
  t.equal(await ask(`${url}/echo`, ...json, '{"a":1}'), '{"got":{"a":1}} 200', 'POST')
  const large = JSON.stringify('x'.repeat(300_000))
  t.equal(await ask(`${url}/echo`, ...json, large.slice(0, 100_000) + '"'), `{"got":${large.slice(0, 100_000)}"} 200`, 'large POST')
  t.equal(await ask(`${url}/echo`, '-H', 'transfer-encoding: chunked', '-H', 'content-type: text/plain', '--data-binary', 'text'),
    '{"got":"text"} 200', 'chunked')
  t.equal(await ask(`${url}/echo`, '-H', 'expect: 100-continue', ...json, '[1,2,3]'), '{"got":[1,2,3]} 200', 'expect')
  t.equal(await ask(`${url}/ws`, '-o', '/dev/null'), ' 426', 'our own path')
  const twice = await curl(['-sS', '--max-time', '10', '-w', ' %{num_connects}\n', ...options, `${url}/plain`, `${url}/plain`])
  t.equal(twice, 'plain 1\nplain 0\n', 'the connection is kept')
}

t.test('curl --http2 is served as if it had not offered anything', async (t) => {
  const { origin } = await startApp(t, { after: addRoutes })
  await askByCurl(t, origin.replace('ws', 'http'), '--http2')
  t.match(await (await connectPeer(t, `${origin}/ws`)).ask(1, ''), { id: 1 })
})

t.test('at both addresses of localhost', async (t) => {
  const app = Fastify()
  t.teardown(() => app.close())
  addRoutes(app)
  await app.register(juggler)
  await app.listen({ port: 0, host: 'localhost' })
  for (const { address, family, port } of app.addresses() as AddressInfo[]) {
    await askByCurl(t, `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`, '--http2')
  }
})

t.test('over TLS, also beside HTTP/2', async (t) => {
  const certificate = await makeCertificate()
  for (const http2 of [false, true]) {
    const app = Fastify({ https: { ...certificate, allowHTTP1: true }, ...(http2 && { http2 }) } as object) as FastifyInstance
    t.teardown(() => app.close())
    addRoutes(app)
    await app.register(juggler)
    await app.listen({ port: 0, host: '127.0.0.1' })
    const url = `https://127.0.0.1:${(app.server.address() as AddressInfo).port}`
    await askByCurl(t, url, '-k', '--http1.1', '-H', 'connection: upgrade', '-H', 'upgrade: h2c')
    await app.close()
  }
})

t.test('bodies come whole, in pieces or not, and the connection is kept', async (t) => {
  const { origin } = await startApp(t, { after: addRoutes })
  const client = await dial(t, origin)
  const length = offer('POST /echo', ['Content-Type: application/json', 'Content-Length: 7'], '{"a":1}')
  client.write(length)
  t.match(await client.until(/\}\}$/), /^HTTP\/1.1 200 [^]*{"got":{"a":1}}$/)
  client.write(length.slice(0, -4))
  await new Promise((resolve) => setTimeout(resolve, 20))
  client.write(length.slice(-4))
  t.match(await client.until(/\}\}$/), /^HTTP\/1.1 200 /, 'a body in two pieces')
  client.write(offer('POST /echo', ['Content-Type: text/plain', 'Transfer-Encoding: chunked'], '3\r\nabc\r\n'))
  await new Promise((resolve) => setTimeout(resolve, 20))
  client.write('4;x=y\r\ndefg\r\n0\r\n\r\n')
  t.match(await client.until(/\}$/), /^HTTP\/1.1 200 [^]*{"got":"abcdefg"}$/, 'chunked')
  client.write(offer('POST /echo', ['Content-Type: text/plain', 'Content-Length: 2', 'Expect: 100-continue']))
  t.equal(await client.until(/\r\n\r\n/), 'HTTP/1.1 100 Continue\r\n\r\n')
  client.write('ok')
  t.match(await client.until(/\}$/), /^HTTP\/1.1 200 [^]*{"got":"ok"}$/)
  client.write('GET /plain HTTP/1.1\r\nHost: x\r\n\r\n')
  t.match(await client.until(/plain$/), /^HTTP\/1.1 200 /, 'without an offer')
})

t.test('requests that are sent at once are answered in order', async (t) => {
  const { app, origin } = await startApp(t, { after: addRoutes })
  const client = await dial(t, origin)
  const plain = 'GET /slow HTTP/1.1\r\nHost: x\r\n\r\n'
  const post = (body: string): string => offer('POST /echo', ['Content-Type: text/plain', `Content-Length: ${body.length}`], body)
  // Where Node itself decides, it loses what comes in one piece behind an offer that is declined.
  const pieces = 'shouldUpgradeCallback' in app.server
    ? [plain + plain + post('one'), post('two'), plain + post('three')]
    : [plain + plain + post('one') + post('two') + plain + post('three')]
  let text = ''
  for (const piece of pieces) {
    client.write(piece)
    text += await client.until(/"got":"(?:one|two|three)"}$/)
    while (pieces.length === 1 && !text.includes('three')) text += await client.until(/"got":"(?:one|two|three)"}$/)
  }
  t.strictSame(text.match(/slow|one|two|three/g), ['slow', 'slow', 'one', 'two', 'slow', 'three'])
  t.equal(text.match(/HTTP\/1\.1 200/g)?.length, 6)
})

t.test('a request that takes long is not cut by the timeout of the idle connection before it', async (t) => {
  const { origin } = await startApp(t, {
    fastify: { keepAliveTimeout: 1 },
    after: (app) => {
      addRoutes(app)
      app.get('/long', async () => { await new Promise((resolve) => setTimeout(resolve, 1500)); return 'long' })
    }
  })
  const client = await dial(t, origin)
  client.write(`GET /slow HTTP/1.1\r\nHost: x\r\n\r\n${offer('GET /long', [])}`)
  t.match(await client.ended.then(() => client.text), /slow[^]*long/)
})

t.test('a header as it came, and no more headers than Node keeps', async (t) => {
  const { origin } = await startApp(t, {
    after: (app) => {
      app.get('/headers', async ({ headers, url }) => ({ url, upgrade: headers.upgrade, connection: headers.connection, x: headers['x-name'] }))
      app.post('/echo', async () => 'served')
    }
  })
  const client = await dial(t, origin)
  client.write(offer('GET /headers?a=%20b', ['X-Name: caf\xe9', 'X-Name:  two ']))
  const answer = await client.until(/\}$/)
  t.match(JSON.parse(Buffer.from(answer.slice(answer.indexOf('{')), 'latin1').toString()), { url: '/headers?a=%20b', upgrade: 'h2c', x: 'caf\xe9, two' })
  // Beyond what Node keeps, the body's length could be among what is lost, and the body taken for a request
  const many = Array.from({ length: 1200 }, (_, i) => `a${i}:`)
  const second = await dial(t, origin)
  second.write(offer('POST /echo', [...many, 'Content-Length: 33'], 'GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n'.slice(0, 33)))
  const text = await second.ended
  t.notMatch(text, /smuggled|404/)
  t.equal(text.match(/HTTP\/1\.1/g)?.length, 1)
})

t.test('only a GET that offers nothing but WebSocket is an upgrade', async (t) => {
  t.ok(isWebSocketOffer({ method: 'GET', headers: { upgrade: 'WebSocket ' } }))
  for (const [method, upgrade] of [['POST', 'websocket'], ['GET', 'h2c'], ['GET', 'h2c, websocket'], ['GET', ''], ['GET', undefined]] as const) {
    t.notOk(isWebSocketOffer({ method, headers: { ...(upgrade !== undefined && { upgrade }) } }), `${method} ${upgrade}`)
  }
  const { origin } = await startApp(t, { after: addRoutes })
  const client = await dial(t, origin)
  client.write('POST /echo HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nContent-Type: text/plain\r\nContent-Length: 4\r\n\r\nbody')
  t.match(await client.until(/\}$/), /200 OK[^]*{"got":"body"}$/)
})
