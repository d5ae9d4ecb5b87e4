// own process, from source: it measures the heap, and loads a source once more
import { once } from 'node:events'
import { createServer, IncomingMessage, request as httpRequest } from 'node:http'
import { Socket } from 'node:net'
import type { AddressInfo } from 'node:net'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import t from 'tap'
import type { Test } from 'tap'
import type { FastifyRequest } from 'fastify'
import { compactRequest } from '../../../lib/server/connection/compact-request.ts'
import { startApp } from '../../helpers/app.ts'
import { connectPeer } from '../../helpers/peer.ts'

const payload = Symbol('payload')

/** A message that a hook put something on. */
type Extended = IncomingMessage & { user?: unknown }
/** What a FastifyRequest is here. */
interface Holder { raw: Extended, other: number, [payload]: unknown }
interface Settled { before: { headers: object, rawHeaders: string[] }, after: Extended, request: Holder }

/** A real message with these header lines, before and after. */
async function settled (t: Test, headers: string[], prepare: (message: Extended) => void = () => {}): Promise<Settled> {
  const server = createServer((_message, response) => response.end()).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const request = httpRequest({ port: (server.address() as AddressInfo).port, path: '/a?b=1', headers: ['Host', 'x', ...headers] as never })
  request.end()
  const [message] = await once(server, 'request')
  prepare(message)
  const holder: Holder = { raw: message, other: 1, [payload]: message }
  const before = { headers: { ...message.headers }, rawHeaders: [...message.rawHeaders] }
  compactRequest(holder as unknown as FastifyRequest)
  return { before, after: holder.raw, request: holder }
}

t.test('where Node takes headers apart in another way, requests are left as they are', async (t) => {
  // the first test, since nothing may take headers apart meanwhile
  const prototype = IncomingMessage.prototype as unknown as { _addHeaderLine?: unknown }
  const { _addHeaderLine } = prototype
  delete prototype._addHeaderLine
  const copy: string = '../../../lib/server/connection/compact-request.ts?without'
  const { compactRequest } = await import(copy)
  prototype._addHeaderLine = _addHeaderLine
  const raw = new IncomingMessage(new Socket())
  const request = { raw }
  compactRequest(request)
  t.equal(request.raw, raw)
})

t.test('headers, raw headers and the request line stay what they were', async (t) => {
  const headers = ['X-Test', 'ä\u00ff', 'Sec-WebSocket-Key', 'key==', 'Set-Cookie', 'a', 'set-cookie', 'b', 'Cookie', 'c=1', 'cookie', 'd=2', 'X-Many', '1', 'x-many', '2', 'Age', '1', 'age', '2']
  const { before, after } = await settled(t, headers)
  t.strictSame(after.headers, before.headers)
  t.equal(after.headers, after.headers)
  t.strictSame(after.rawHeaders, before.rawHeaders)
  t.match(after, { method: 'GET', url: '/a?b=1', httpVersion: '1.1', httpVersionMajor: 1, httpVersionMinor: 1, complete: true, upgrade: true })
  t.equal(after.socket.remoteAddress !== undefined, true)
  t.equal(after.connection, after.socket)
})

t.test('two clients with the same headers share their text and nothing else', async (t) => {
  const first = await settled(t, ['Sec-WebSocket-Key', 'one', 'User-Agent', 'x'])
  const second = await settled(t, ['Sec-WebSocket-Key', 'two', 'User-Agent', 'x'])
  t.equal(first.after.headers['sec-websocket-key'], 'one')
  t.equal(second.after.headers['sec-websocket-key'], 'two')
  first.after.headers.mine = 'changed'
  t.equal(second.after.headers.mine, undefined)
})

t.test('without a key, and with headers too long to be worth keeping for others', async (t) => {
  const { before, after } = await settled(t, ['X-Long', 'x'.repeat(4000)])
  t.strictSame(after.headers, before.headers)
  t.strictSame(after.rawHeaders, before.rawHeaders)
})

t.test('what hooks changed or added is still there', async (t) => {
  const { after, request } = await settled(t, ['X-Test', 'old'], (message) => {
    message.headers['x-test'] = 'new'
    message.headers['x-added'] = 'added'
    message.user = { name: 'somebody' }
  })
  t.match(after.headers, { 'x-test': 'new', 'x-added': 'added' })
  t.strictSame(after.user, { name: 'somebody' })
  t.equal(request.other, 1)
  t.equal(request[payload], after, 'nothing holds the old one')
})

t.test('no text that may hold a secret is kept when its connection has gone', async (t) => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const length = 1900
  const count = 500
  /** Bytes that stay of many requests, each with another value of a header. */
  const kept = (name: string): number => {
    collect()
    const before = process.memoryUsage().heapUsed
    for (let i = 0; i < count; i++) {
      const message = new IncomingMessage(new Socket())
      message.rawHeaders.push('Host', 'x', name, `${i} ${'x'.repeat(length)}`)
      compactRequest({ raw: message } as unknown as FastifyRequest)
    }
    collect()
    return process.memoryUsage().heapUsed - before
  }
  kept('warm up')
  for (const name of ['Authorization', 'proxy-authorization', 'Cookie', 'X-Api-Key', 'Sec-WebSocket-Protocol']) {
    t.ok(kept(name) < count * length / 2, name)
  }
  t.ok(kept('User-Agent') > count * length / 2, 'others are, so that this would be seen')
})

t.test('it stands for a message that is at its end', async (t) => {
  const { after } = await settled(t, [])
  t.ok(after instanceof IncomingMessage)
  let closed = 0
  after.on('close', () => { closed++ })
  after.emit('close')
  t.equal(closed, 1)
  t.equal(after.readable, false)
  t.strictSame(after.trailers, {})
  t.match(after.headersDistinct, { host: ['x'] })
})

t.test('an injected request is left alone', async (t) => {
  const raw = { headers: {} }
  const request = { raw } as unknown as FastifyRequest
  compactRequest(request)
  t.equal(request.raw, raw as never)
})

t.test('connection.request is what Fastify\'s hooks made of it', async (t) => {
  const { app, origin } = await startApp(t, {
    before: (app) => {
      app.decorateRequest('user')
      app.addHook('onRequest', async (request) => { Object.assign(request, { user: { name: 'somebody' } }) })
    },
    juggler: { wsPath: '/ws/:room' }
  })
  await connectPeer(t, `${origin}/ws/red?x=1`, { headers: { 'x-test': 'yes', cookie: 'a=1' } })
  const [connection] = app.juggler.connections
  const { request } = connection!
  t.match(request, { user: { name: 'somebody' }, params: { room: 'red' }, query: { x: '1' }, url: '/ws/red?x=1', method: 'GET', protocol: 'http', ip: '127.0.0.1' })
  t.match(request.headers, { 'x-test': 'yes', cookie: 'a=1', host: origin.slice(5) })
  t.equal(request.hostname, '127.0.0.1')
  t.equal(request.signal.aborted, false)
})
