/** What somebody on the network may try, over real sockets. */
import t from 'tap'
import { startApp } from '../helpers/app.ts'
import { basic, htpasswdFile } from '../helpers/htpasswd.ts'
import { exchange, get } from '../helpers/http.ts'
import { connectPeer, refusal } from '../helpers/peer.ts'

const key = 'dGhlIHNhbXBsZSBub25jZQ=='
const upgrade = (...lines: string[]) => `${['GET /ws HTTP/1.1', 'Host: 127.0.0.1', 'Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13', `Sec-WebSocket-Key: ${key}`, ...lines].join('\r\n')}\r\n\r\n`

t.test('10,000 wrong guesses, while the rightful user works', async (t) => {
  const { origin } = await startApp(t, { juggler: { htpasswdFile: htpasswdFile(t.testdir(), { ann: 'secret', bob: 'b' }) } })
  const headers = { authorization: basic('ann', 'secret') }
  const peer = await connectPeer(t, `${origin}/ws`, { headers })
  const guess = (i: number) => `GET /none HTTP/1.1\r\nHost: x\r\nAuthorization: ${basic('ann', `guess ${i}`)}\r\nConnection: ${i % 500 === 499 ? 'close' : 'keep-alive'}\r\n\r\n`
  let going = true
  // 20 connections, each with 500 guesses in one go
  const attackers = Promise.all(Array.from({ length: 20 }, (_, n) => exchange(origin, Array.from({ length: 500 }, (_, i) => guess(n * 500 + i)).join(''))))
  void attackers.finally(() => { going = false })
  let worked = 0
  do {
    t.equal((await get(origin, '/none', { headers })).status, 404)
    t.match(await peer.ask(worked, '', worked), { data: worked })
    worked++
  } while (going)
  const statuses = new Map<string, number>()
  for (const [, status] of (await attackers).join('').matchAll(/HTTP\/1\.1 (\d+) /g)) statuses.set(status!, (statuses.get(status!) ?? 0) + 1)
  await connectPeer(t, `${origin}/ws`, { headers })
  t.equal((await get(origin, '/none', { headers: { authorization: basic('bob', 'b') } })).status, 404, 'another user, for the first time, from the attacked address')
  t.same([...statuses.keys()].sort(), ['401', '429'])
  t.equal([...statuses.values()].reduce((sum, count) => sum + count), 10_000)
  t.ok(statuses.get('401')! < 1000, `${statuses.get('401')} guesses were checked`)
})

t.test('guesses by way of the upgrade count as well', async (t) => {
  const { origin } = await startApp(t, { juggler: { htpasswdFile: htpasswdFile(t.testdir(), { ann: 'secret' }) } })
  const statuses = await Promise.all(Array.from({ length: 60 }, (_, i) => refusal(t, `${origin}/ws`, { headers: { authorization: basic('ann', `guess ${i}`) } })))
  t.ok(statuses.includes(429), statuses.join(' '))
})

t.test('an upgrade is never let in by what its headers smuggle', async (t) => {
  const { app, origin } = await startApp(t, {
    fastify: { keepAliveTimeout: 500 },
    juggler: { htpasswdFile: htpasswdFile(t.testdir(), { ann: 'secret' }), additionalRoutes: [{ method: 'GET', url: '/open', config: { juggler: { auth: false } }, handler: async () => 'open' }] }
  })
  const { authorization } = { authorization: basic('ann', 'secret') }
  const cases: Record<string, string> = {
    'no credentials': upgrade('Connection: close'),
    'credentials in a folded header': upgrade('X-A: b', ` Authorization: ${authorization}`, 'Connection: close'),
    'credentials under another name': upgrade(`Proxy-Authorization: ${authorization}`, `X-Authorization: ${authorization}`),
    'credentials in a trailer or body': `${upgrade('Content-Length: 60')}Authorization: ${authorization}\r\n\r\n`,
    'a second request behind the first': upgrade('Content-Length: 0') + upgrade(`Authorization: ${authorization}`),
    'wrong before right': upgrade(`Authorization: ${basic('ann', 'wrong')}`, `Authorization: ${authorization}`),
    'joined headers': upgrade(`Authorization: ${basic('ann', 'wrong')}, ${authorization}`),
    'a bare line feed': upgrade(`X: y\nAuthorization: ${authorization}`),
    'another method': upgrade('X-HTTP-Method-Override: GET').replace('GET', 'POST'),
    'an absolute target': upgrade().replace('GET /ws', 'GET http://ann:secret@127.0.0.1/ws'),
    'a path that is tidied up': upgrade().replace('GET /ws', 'GET /open/../ws'),
    'an encoded path': upgrade().replace('GET /ws', 'GET /%77s'),
    'a path with a fragment': upgrade().replace('GET /ws', 'GET /open#/../ws'),
    'two paths': upgrade().replace('GET /ws', 'GET /open?/ws'),
    'a rewritten path': upgrade('X-Original-URL: /open', 'X-Rewrite-URL: /open'),
    'chunks and a length': upgrade('Transfer-Encoding: chunked', 'Content-Length: 4', 'Connection: close')
  }
  for (const [name, bytes] of Object.entries(cases)) {
    const answer = await exchange(origin, bytes).catch(() => '')
    t.notMatch(answer, /^HTTP\/1\.1 101/m, `${name}: ${answer.split('\r\n', 1)[0]}`)
  }
  t.equal(app.juggler.connections.size, 0)
})

t.test('an upgrade is never let in from another origin by what its headers smuggle', async (t) => {
  const { app, origin } = await startApp(t, { fastify: { keepAliveTimeout: 500 }, juggler: { allowedHosts: ['127.0.0.1'] } })
  const cases: Record<string, string> = {
    'two origins, the good one first': upgrade('Origin: http://127.0.0.1', 'Origin: http://evil.example', 'Connection: close'),
    'two origins, the good one last': upgrade('Origin: http://evil.example', 'Origin: http://127.0.0.1', 'Connection: close'),
    'an empty origin': upgrade('Origin:'),
    'a null origin': upgrade('Origin: null'),
    'a user in front': upgrade('Origin: http://127.0.0.1@evil.example'),
    'a forwarded host': upgrade('Origin: http://evil.example', 'X-Forwarded-Host: evil.example'),
    'a Forwarded host': upgrade('Origin: http://evil.example', 'Forwarded: host=evil.example'),
    'two hosts': upgrade('Origin: http://evil.example', 'Host: evil.example'),
    'the host of the origin': upgrade('Origin: http://evil.example').replace('Host: 127.0.0.1', 'Host: evil.example'),
    'a host with a user': upgrade('Origin: http://evil.example').replace('Host: 127.0.0.1', 'Host: 127.0.0.1@evil.example'),
    'an absolute target': upgrade('Origin: http://evil.example').replace('GET /ws', 'GET http://evil.example/ws'),
    'no host': upgrade('Origin: http://evil.example').replace('Host: 127.0.0.1\r\n', '')
  }
  for (const [name, bytes] of Object.entries(cases)) {
    const answer = await exchange(origin, bytes)
    t.match(answer, /^HTTP\/1\.1 4\d\d/, name)
    t.notMatch(answer, /101 Switching/, name)
  }
  t.equal(app.juggler.connections.size, 0)
  await connectPeer(t, `${origin}/ws`, { headers: { origin: origin.replace('ws', 'http') } })
})

t.test('an upgrade of other routes in scope is never let in, nor does it hang', async (t) => {
  const { origin } = await startApp(t, { juggler: { htpasswdFile: htpasswdFile(t.testdir(), { ann: 'secret' }) }, after: (app) => { app.get('/own', async () => 'own') } })
  for (const path of ['/own', '/none', '/ws/client.js', '/ws/', '/WS', '//ws']) {
    t.equal(await refusal(t, `${origin}${path}`), 401, path)
    t.not(await refusal(t, `${origin}${path}`, { headers: { authorization: basic('ann', 'secret') } }), 101, path)
  }
})

t.test('credentials of absurd sizes and shapes are refused at once', async (t) => {
  const { origin } = await startApp(t, { juggler: { htpasswdFile: htpasswdFile(t.testdir(), { ann: 'secret' }) } })
  const user = 'u'.repeat(8000)
  for (const authorization of [basic(user, 'x'), basic('ann', 'x'.repeat(8000)), basic('\u{1F511}'.repeat(1000), '\u{1F511}'), `Basic ${'='.repeat(100)}`, `Basic ${'A'.repeat(9999)}`]) {
    t.equal((await get(origin, '/', { headers: { authorization } })).status, 401)
  }
  const raw = Buffer.from([...Array(256).keys()]).toString('base64')
  t.equal((await get(origin, '/', { headers: { authorization: `Basic ${raw}` } })).status, 401)
})
