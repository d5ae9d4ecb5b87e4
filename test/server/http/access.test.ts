import t from 'tap'
import { isLoopback } from '../../../lib/server/http/access.ts'
import type { FastifyJugglerOptions } from '../../../types/options.ts'
import juggler from '../../../lib/index.ts'
import Fastify from 'fastify'
import { startApp } from '../../helpers/app.ts'
import { basic, htpasswdFile } from '../../helpers/htpasswd.ts'
import { get } from '../../helpers/http.ts'
import { Logs } from '../../helpers/logs.ts'
import { connectPeer, refusal } from '../../helpers/peer.ts'

t.test('upgrades from the same origin, or from no browser, pass; others get 403 and a log line that names the option', async (t) => {
  const logs = new Logs()
  const { origin } = await startApp(t, { fastify: { logger: logs.logger } })
  const http = origin.replace('ws:', 'http:')
  await connectPeer(t, `${origin}/ws`)
  await connectPeer(t, `${origin}/ws`, { headers: { origin: http } })
  for (const other of ['http://evil.example', 'null', http.replace(/\d+$/, '1'), `${http}.evil.example`, http.replace('127.0.0.1', 'localhost')]) {
    t.equal(await refusal(t, `${origin}/ws`, { headers: { origin: other } }), 403, other)
  }
  const line = await logs.line(/refused/)
  t.match(line, { level: 40, msg: /option 'allowedOrigins'/, origin: 'http://evil.example' })
  t.equal((await get(origin, '/ws', { headers: { origin: 'http://evil.example' } })).status, 426, 'what is no upgrade is not asked')
})

t.test('allowed origins: a list, any, a function', async (t) => {
  const status = async (allowedOrigins: FastifyJugglerOptions['allowedOrigins'], from: string) => {
    const { origin } = await startApp(t, { juggler: { ...(allowedOrigins && { allowedOrigins }) } })
    return await refusal(t, `${origin}/ws`, { headers: { origin: from } }).catch(() => 101)
  }
  t.equal(await status(['https://other.example'], 'https://other.example'), 101)
  t.equal(await status(['https://other.example'], 'https://evil.example'), 403)
  t.equal(await status(true, 'https://any.example'), 101)
  t.equal(await status(async (from) => from.endsWith('.good.example'), 'https://a.good.example'), 101)
  t.equal(await status((from) => from.endsWith('.good.example'), 'https://a.evil.example'), 403)
})

t.test('behind a proxy the host is what the trusted proxy says', async (t) => {
  const headers = { origin: 'https://panel.example', 'x-forwarded-host': 'panel.example', 'x-forwarded-proto': 'https' }
  const trusting = await startApp(t, { fastify: { trustProxy: '127.0.0.1' } })
  await connectPeer(t, `${trusting.origin}/ws`, { headers })
  t.equal(await refusal(t, `${trusting.origin}/ws`, { headers: { ...headers, origin: 'https://evil.example' } }), 403)
  const wary = await startApp(t)
  t.equal(await refusal(t, `${wary.origin}/ws`, { headers }), 403, 'without trustProxy anybody could say so')
  await connectPeer(t, `${wary.origin}/ws`, { headers: { host: 'panel.example', origin: 'https://panel.example' } })
})

t.test('hosts are checked on every route and 404, and on upgrades', async (t) => {
  const logs = new Logs()
  const { origin } = await startApp(t, {
    juggler: { allowedHosts: ['panel.local', '127.0.0.1'], indexPath: '/index.html' },
    fastify: { logger: logs.logger },
    after: (app) => { app.get('/own', async () => 'own') }
  })
  for (const path of ['/', '/own', '/none', '/ws', '/ws/client.js']) {
    const refused = await get(origin, path, { headers: { host: 'rebound.evil.example' } })
    t.match(refused, { status: 403, body: /FST_JUGGLER_HOST_REFUSED/, headers: { 'cache-control': 'no-cache' } }, path)
    t.not((await get(origin, path, { headers: { host: 'panel.local:8080' } })).status, 403, path)
  }
  t.equal(await refusal(t, `${origin}/ws`, { headers: { host: 'evil.example', origin: 'http://evil.example' } }), 403, 'DNS rebinding: the same origin, of another name')
  await connectPeer(t, `${origin}/ws`)
  t.match(await logs.line(/refused/), { level: 40, msg: /option 'allowedHosts'/, host: 'rebound.evil.example' })
})

t.test('refused before credentials are looked at', async (t) => {
  const { origin } = await startApp(t, { juggler: { htpasswdFile: htpasswdFile(t.testdir(), { ann: 'secret' }), allowedHosts: ['127.0.0.1'] } })
  t.equal((await get(origin, '/', { headers: { host: 'evil.example' } })).status, 403)
  t.equal(await refusal(t, `${origin}/ws`, { headers: { origin: 'http://evil.example' } }), 403)
  t.equal(await refusal(t, `${origin}/ws`, { headers: { origin: 'http://evil.example', authorization: basic('ann', 'secret') } }), 403)
})

t.test('a warning where the whole network can connect, and nothing was set', async (t) => {
  const warned = async (host: string, options: FastifyJugglerOptions): Promise<boolean> => {
    const logs = new Logs()
    const app = Fastify({ logger: logs.logger })
    await app.register(juggler, options)
    await app.listen({ host, port: 0 })
    await app.close()
    return logs.matching(/everybody on this network can connect.*'htpasswdFile'.*'allowedHosts'/).length === 1
  }
  const file = htpasswdFile(t.testdir(), { ann: 'secret' })
  t.equal(await warned('0.0.0.0', {}), true)
  t.equal(await warned('127.0.0.1', {}), false)
  t.equal(await warned('localhost', {}), false)
  t.equal(await warned('0.0.0.0', { allowedHosts: ['panel.local'] }), false)
  t.equal(await warned('0.0.0.0', { htpasswdFile: file }), false)
  t.equal(await warned('0.0.0.0', { route: { onRequest: async () => {} } }), false)
})

t.test('loopback', async (t) => {
  const at = (address: string) => isLoopback({ address, family: '', port: 1 })
  for (const address of ['127.0.0.1', '127.8.8.8', '::1', '::ffff:127.0.0.1']) t.ok(at(address), address)
  for (const address of ['0.0.0.0', '::', '192.0.2.1', '::ffff:192.0.2.1', 'fe80::1']) t.notOk(at(address), address)
  t.ok(isLoopback('/run/panel.sock'))
})
