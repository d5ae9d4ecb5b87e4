import fastifyBasicAuth from '@fastify/basic-auth'
import t, { type Test } from 'tap'
import type { FastifyJugglerOptions } from '../../../types/options.ts'
import { startApp } from '../../helpers/app.ts'
import type { AppOptions } from '../../helpers/app.ts'
import { basic, htpasswdFile } from '../../helpers/htpasswd.ts'
import { get } from '../../helpers/http.ts'
import { connectPeer, refusal } from '../../helpers/peer.ts'

const ann = { authorization: basic('ann', 'secret') }
const renew = { 'x-juggler-renew': '/ws' }

async function setUp (t: Test, options: FastifyJugglerOptions = {}, rest: AppOptions = {}) {
  const file = htpasswdFile(t.testdir(), { ann: 'secret' })
  return await startApp(t, { juggler: { htpasswdFile: file, ...options }, ...rest })
}

t.test('good credentials get a ticket and nothing else', async (t) => {
  const { origin } = await setUp(t)
  const answer = await get(origin, '/ws', { headers: { ...ann, ...renew } })
  t.match(answer, { status: 204, body: '', headers: { 'cache-control': 'no-store' } })
  const cookie = answer.headers['set-cookie']![0]!.split(';')[0]!
  await connectPeer(t, `${origin}/ws`, { headers: { cookie } })

  const again = await get(origin, '/ws', { headers: { cookie, ...renew } })
  t.equal(again.status, 204, 'a ticket that is good')
  t.equal(again.headers['set-cookie'], undefined, 'lives no longer for being asked about')
  t.equal((await get(origin, '/ws', { headers: { cookie } })).status, 401, 'without the header it opens nothing over HTTP')
})

t.test('the ticket is for the path that the browser says', async (t) => {
  const { origin } = await setUp(t)
  const path = async (value: string) => {
    const { status, headers } = await get(origin, '/ws', { headers: { ...ann, 'x-juggler-renew': value } })
    t.equal(status, 204)
    return /; Path=([^;]*); Max-Age/.exec(headers['set-cookie']![0]!)?.[1]
  }
  t.equal(await path('/panel/ws'), '/panel/ws')
  t.equal(await path('/%D0%BF/ws'), '/%D0%BF/ws')
  for (const value of ['1', 'ws', '', '/a; Domain=evil.example', '/a b', '/\xfc', `/${'a'.repeat(1024)}`]) {
    t.equal(await path(value), '/ws', `${value.slice(0, 30)} is none that a cookie can hold`)
  }
})

t.test('a refusal has no challenge, so that no dialog opens; without the header it has', async (t) => {
  const { origin } = await setUp(t)
  for (const headers of [{}, { authorization: basic('ann', 'wrong') }, { authorization: 'Bearer x' }, { cookie: 'juggler-ticket=x.1.y' }]) {
    const answer = await get(origin, '/ws', { headers: { ...headers, ...renew } })
    t.equal(answer.status, 401)
    t.equal(answer.headers['www-authenticate'], undefined)
    t.equal(answer.headers['set-cookie'], undefined)
    t.equal(answer.headers['cache-control'], 'no-store')
    t.match((await get(origin, '/ws', { headers })).headers['www-authenticate'], /^Basic realm=/)
  }
  t.match((await get(origin, '/none', { headers: renew })).headers['www-authenticate'], /^Basic/, 'on this path alone')
})

t.test('without authentication the answer is 204 as well', async (t) => {
  const { origin } = await startApp(t)
  t.match(await get(origin, '/ws', { headers: renew }), { status: 204 })
  t.equal((await get(origin, '/ws')).status, 426)
  t.equal((await get(origin, '/ws', { method: 'HEAD', headers: renew })).status, 426)
})

t.test('hooks in the option route refuse it as they refuse the upgrade, without their challenge', async (t) => {
  const { origin } = await startApp(t, {
    before: (app) => app.register(fastifyBasicAuth, {
      authenticate: true,
      validate: async (_user, password) => { if (password !== 'secret') throw new Error('no') }
    }),
    juggler: { route: { onRequest: function (request, reply, done) { this.basicAuth(request, reply, done) } } }
  })
  const refused = await get(origin, '/ws', { headers: renew })
  t.equal(refused.status, 401)
  t.equal(refused.headers['www-authenticate'], undefined)
  t.equal((await get(origin, '/ws', { headers: { ...renew, ...ann } })).status, 204)
})

t.test('other origins get nothing by it, whatever the app allows them elsewhere', async (t) => {
  const { origin } = await setUp(t, {}, {
    before: (app) => {
      app.addHook('onRequest', async (request, reply) => {
        reply.header('access-control-allow-origin', request.headers.origin ?? '*').header('access-control-allow-credentials', 'true')
      })
    }
  })
  const evil = { ...ann, ...renew, origin: 'http://evil.example' }
  const answer = await get(origin, '/ws', { headers: evil })
  t.equal(answer.status, 403)
  t.equal(answer.headers['set-cookie'], undefined)
  t.equal((await get(origin, '/ws', { headers: { ...evil, origin: origin.replace('ws:', 'http:') } })).status, 204)
})

t.test('one that is refused spends what one guess spends', async (t) => {
  const { origin } = await setUp(t)
  const wrong = { authorization: basic('ann', 'old password') }
  for (let i = 0; i < 10; i++) t.equal((await get(origin, '/ws', { headers: { ...wrong, ...renew } })).status, 401)
  t.match(await get(origin, '/ws', { headers: { ...wrong, ...renew } }), { status: 429, headers: { 'retry-after': '1' } })
  t.equal(await refusal(t, `${origin}/ws`), 401, 'one without credentials is no guess')
  for (let i = 0; i < 20; i++) t.equal((await get(origin, '/ws', { headers: renew })).status, 401)
})
