/** Other ways of authentication, through the option `route`; each is an example to copy. */
import fastifyAuth from '@fastify/auth'
import fastifyBasicAuth from '@fastify/basic-auth'
import fastifyCookie from '@fastify/cookie'
import fastifyJwt from '@fastify/jwt'
import fastifyRateLimit from '@fastify/rate-limit'
import fastifySession from '@fastify/session'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import t from 'tap'
import { createState } from '../../lib/index.ts'
import { startApp } from '../helpers/app.ts'
import { basic } from '../helpers/htpasswd.ts'
import { get } from '../helpers/http.ts'
import { Logs } from '../helpers/logs.ts'
import { connectPeer, refusal } from '../helpers/peer.ts'

declare module 'fastify' {
  interface Session { user?: string }
}

/** Tells a client who the server takes it for. */
function answerWho (app: FastifyInstance, who: (request: FastifyRequest) => unknown): void {
  app.juggler.handle('who', (connection) => who(connection.request))
}

t.test('@fastify/jwt: a token in a cookie, which no log prints', async (t) => {
  const logs = new Logs()
  const { app, origin } = await startApp(t, {
    fastify: { logger: logs.logger },
    before: async (app) => {
      await app.register(fastifyCookie)
      await app.register(fastifyJwt, { secret: 'a secret of some length', cookie: { cookieName: 'token', signed: false } })
      app.post('/login', async (_request, reply) => {
        const token = app.jwt.sign({ sub: 'ann' }, { expiresIn: '1h' })
        return await reply.setCookie('token', token, { path: '/', httpOnly: true, sameSite: 'strict', secure: 'auto' }).code(204).send()
      })
    },
    juggler: { route: { onRequest: async (request) => { await request.jwtVerify() } } },
    after: (app) => answerWho(app, (request) => request.user)
  })
  const upgrade = (token: string) => refusal(t, `${origin}/ws`, { headers: { cookie: `token=${token}` } })
  t.equal(await refusal(t, `${origin}/ws`), 401, 'without a token')
  t.equal(await upgrade('made-up'), 401)
  t.equal(await upgrade(app.jwt.sign({ sub: 'ann' }, { expiresIn: -10 })), 401, 'expired')
  const { headers } = await get(origin, '/login', { method: 'POST' })
  const cookie = headers['set-cookie']![0]!.split(';')[0]!
  const peer = await connectPeer(t, `${origin}/ws`, { headers: { cookie } })
  t.match(await peer.ask(1, 'who'), { success: true, data: { sub: 'ann' } })
  t.equal((await get(origin, '/ws', { headers: { cookie: 'token=made-up' } })).status, 401, 'the hooks run for what is no upgrade as well')
  t.ok(logs.lines.length > 0)
  t.notOk(JSON.stringify(logs.lines).includes(cookie.slice('token='.length)), 'it is in no line')
})

t.test('@fastify/session: who has logged in by a form', async (t) => {
  const { origin } = await startApp(t, {
    before: async (app) => {
      await app.register(fastifyCookie)
      await app.register(fastifySession, { secret: 'a secret that has at least 32 characters', cookie: { secure: false, sameSite: 'strict' } })
      app.post('/login', async (request) => { request.session.user = 'ann' })
    },
    juggler: {
      // the state may depend on who it is
      state: (request) => createState({ for: request.session.user! }),
      autoflushDelay: 0,
      route: { onRequest: async (request, reply) => { if (request.session.user === undefined) await reply.code(401).send() } }
    },
    after: (app) => answerWho(app, (request) => request.session.user)
  })
  t.equal(await refusal(t, `${origin}/ws`), 401)
  t.equal(await refusal(t, `${origin}/ws`, { headers: { cookie: 'sessionId=made-up.up' } }), 401)
  const { headers } = await get(origin, '/login', { method: 'POST' })
  const cookie = headers['set-cookie']![0]!.split(';')[0]!
  const peer = await connectPeer(t, `${origin}/ws`, { headers: { cookie } })
  t.match(await peer.next(), { diff: [{ value: { for: 'ann' } }] })
  t.match(await peer.ask(1, 'who'), { data: 'ann' })
  t.equal(await refusal(t, `${origin}/ws`, { headers: { cookie, origin: 'http://evil.example' } }), 403, 'the cookie alone does not do from another site')
})

t.test('@fastify/auth: one of several ways', async (t) => {
  const { app, origin } = await startApp(t, {
    before: async (app) => {
      await app.register(fastifyAuth)
      await app.register(fastifyJwt, { secret: 'a secret of some length', verify: { extractToken: (request) => (request.query as { token?: string }).token } })
      await app.register(fastifyBasicAuth, {
        validate: async (user, password, request) => {
          if (user !== 'ann' || password !== 'secret') throw new Error('no')
          request.user = user
        }
      })
    },
    juggler: {
      route: {
        onRequest: function (this: FastifyInstance, request, reply, done) {
          this.auth([async (request) => { await request.jwtVerify() }, this.basicAuth]).call(this, request, reply, done)
        }
      }
    },
    after: (app) => answerWho(app, (request) => request.user)
  })
  t.equal(await refusal(t, `${origin}/ws`), 401)
  t.equal(await refusal(t, `${origin}/ws`, { headers: { authorization: basic('ann', 'wrong') } }), 401)
  const byPassword = await connectPeer(t, `${origin}/ws`, { headers: { authorization: basic('ann', 'secret') } })
  t.match(await byPassword.ask(1, 'who'), { data: 'ann' })
  const byToken = await connectPeer(t, `${origin}/ws?token=${app.jwt.sign({ sub: 'bob' })}`)
  t.match(await byToken.ask(1, 'who'), { data: { sub: 'bob' } })
})

t.test('@fastify/rate-limit: upgrades count, other routes do not', async (t) => {
  const { origin } = await startApp(t, {
    before: (app) => app.register(fastifyRateLimit, { global: false }),
    juggler: { route: { config: { rateLimit: { max: 3, timeWindow: 60_000 } } } },
    after: (app) => { app.get('/own', async () => 'own') }
  })
  for (let i = 0; i < 3; i++) await connectPeer(t, `${origin}/ws`)
  t.equal(await refusal(t, `${origin}/ws`), 429)
  t.equal((await get(origin, '/own')).body, 'own')
})

t.test('what hooks decorated is on connection.request', async (t) => {
  const { origin } = await startApp(t, {
    before: (app) => { app.decorateRequest('plantId', '') },
    juggler: { route: { preValidation: async (request) => { Object.assign(request, { plantId: (request.query as { plant: string }).plant }) } } },
    after: (app) => answerWho(app, (request) => (request as unknown as { plantId: string }).plantId)
  })
  const peer = await connectPeer(t, `${origin}/ws?plant=7`)
  t.match(await peer.ask(1, 'who'), { data: '7' })
})
