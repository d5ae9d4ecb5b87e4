import { join } from 'node:path'
import fastifyBasicAuth from '@fastify/basic-auth'
import t, { type Test } from 'tap'
import juggler, { createState } from '../../../lib/index.ts'
import type { FastifyJugglerOptions } from '../../../types/options.ts'
import type { Connection } from '../../../types/server.ts'
import { startApp } from '../../helpers/app.ts'
import type { AppOptions } from '../../helpers/app.ts'
import { basic, htpasswdFile, replaceFile, shaLine } from '../../helpers/htpasswd.ts'
import { get } from '../../helpers/http.ts'
import { Logs } from '../../helpers/logs.ts'
import { connectPeer, refusal } from '../../helpers/peer.ts'

const ann = { authorization: basic('ann', 'secret') }

async function setUp (t: Test, options: FastifyJugglerOptions = {}, rest: AppOptions = {}) {
  const dir = t.testdir({ public: { 'index.html': 'page' } })
  const file = htpasswdFile(dir, { ann: 'secret', bob: 'x:y', jürgen: 'grüße' })
  const started = await startApp(t, { juggler: { htpasswdFile: file, staticDir: join(dir, 'public'), ...options }, ...rest })
  return { dir, file, ...started }
}

t.test('covers every path, and asks for UTF-8 with a realm', async (t) => {
  const { origin } = await setUp(t, { additionalRoutes: [{ method: 'GET', url: '/extra', handler: async () => 'extra' }] }, {
    after: async (app) => {
      app.get('/own', async () => 'own')
      await app.register(async (child) => { child.get('/child', async () => 'child') })
    }
  })
  for (const [path, status] of [['/', 302], ['/index.html', 200], ['/ws', 426], ['/ws/client.js', undefined], ['/extra', 200], ['/own', 200], ['/child', 200], ['/none', 404], ['/../x', 404]] as const) {
    const refused = await get(origin, path)
    t.equal(refused.status, 401, path)
    t.equal(refused.headers['www-authenticate'], 'Basic realm="juggler", charset="UTF-8"')
    t.equal(refused.headers['cache-control'], 'no-cache')
    const { status: answered } = await get(origin, path, { headers: ann })
    t.ok(status === undefined ? answered !== 401 : answered === status, `${path} with credentials is ${answered}`)
  }
  t.equal((await get(origin, '/none', { method: 'POST' })).status, 401)
  t.equal((await get(origin, '/index.html', { method: 'HEAD' })).status, 401)
  for (const path of ['/%', '/%zz', `/${'x'.repeat(500)}`, '//', '/ws/../index.html', '/?x']) t.ok([400, 401].includes((await get(origin, path)).status), path)
})

t.test('covers the upgrade', async (t) => {
  const { origin } = await setUp(t, { state: createState({ a: 1 }), autoflushDelay: 0 })
  t.equal(await refusal(t, `${origin}/ws`), 401)
  t.equal(await refusal(t, `${origin}/ws`, { headers: { authorization: basic('ann', 'wrong') } }), 401)
  const peer = await connectPeer(t, `${origin}/ws`, { headers: ann })
  t.match(await peer.next(), { type: 'state' })
})

t.test('names the user of a request', async (t) => {
  const { origin, app } = await setUp(t, {}, { after: (app) => { app.get('/who', async (request) => request.jugglerUser) } })
  t.equal((await get(origin, '/who', { headers: { authorization: basic('bob', 'x:y') } })).body, 'bob')
  const connected = new Promise<Connection>((resolve) => { app.juggler.onConnection(resolve) })
  await connectPeer(t, `${origin}/ws`, { headers: ann })
  t.equal((await connected).request.jugglerUser, 'ann')
})

t.test('schemes, passwords with colons, other alphabets', async (t) => {
  const { origin } = await setUp(t)
  const status = async (authorization: string) => (await get(origin, '/index.html', { headers: { authorization } })).status
  t.equal(await status(basic('bob', 'x:y')), 200)
  t.equal(await status(ann.authorization.replace('Basic', 'bAsIc')), 200)
  t.equal(await status(basic('jürgen', 'grüße')), 200, 'UTF-8')
  t.equal(await status(basic('jürgen', 'grüße', 'latin1')), 200, 'Latin-1')
  for (const header of [
    basic('ann', ''), basic('', ''), basic('ann', 'secret\n'), basic('ann', 'secret\0'), basic('Ann', 'secret'), basic('ann', 'secre'), basic('__proto__', 'x'),
    'Basic', 'Basic ', 'Basic ???', `Bearer ${ann.authorization.slice(6)}`, ann.authorization.slice(6), `Basic ${Buffer.from('nocolon').toString('base64')}`,
    basic('ann', 'x'.repeat(2000))
  ]) t.equal(await status(header), 401, header.slice(0, 40))
})

t.test('the realm is the name, without what a header cannot hold', async (t) => {
  const { origin } = await setUp(t, { name: 'grüner "panel" 🔑' })
  t.match(await get(origin, '/'), { status: 401, headers: { 'www-authenticate': 'Basic realm="gr_ner _panel_ _", charset="UTF-8"' } })
})

t.test('an empty file lets nobody in', async (t) => {
  const dir = t.testdir({ htpasswd: '# nobody yet\n' })
  const { origin } = await startApp(t, { juggler: { htpasswdFile: join(dir, 'htpasswd'), htpasswdReload: false } })
  t.equal((await get(origin, '/', { headers: ann })).status, 401)
})

t.test('slow hashes let the right ones in as well', async (t) => {
  const dir = t.testdir({ htpasswd: 'ann:$apr1$Salt0$hPxtSJAry5WazprtBo81d.\nbob:$2y$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW\n' })
  const { origin } = await startApp(t, { juggler: { htpasswdFile: join(dir, 'htpasswd') } })
  for (const user of ['ann', 'bob']) {
    t.equal((await get(origin, '/', { headers: { authorization: basic(user, 'secret') } })).status, 404, user)
    t.equal((await get(origin, '/', { headers: { authorization: basic(user, 'wrong') } })).status, 401, user)
  }
})

t.test('a missing or bad file is an error at start, as is one that would be served', async (t) => {
  const dir = t.testdir({ bad: `${shaLine('ann', 'x')}bob:plain\n`, public: { htpasswd: shaLine('ann', 'x') } })
  await t.rejects(startApp(t, { juggler: { htpasswdFile: join(dir, 'none') } }), { code: 'FST_JUGGLER_HTPASSWD_UNREADABLE' })
  await t.rejects(startApp(t, { juggler: { htpasswdFile: join(dir, 'bad') } }), { code: 'FST_JUGGLER_HTPASSWD_INVALID', message: /line 2 holds a plain password/ })
  await t.rejects(startApp(t, { juggler: { htpasswdFile: join(dir, 'public/htpasswd'), staticDir: join(dir, 'public') } }), { code: 'FST_JUGGLER_SECRET_EXPOSED', message: /'htpasswdFile'/ })
})

t.test('routes opt out', async (t) => {
  const { origin } = await setUp(t, { additionalRoutes: [{ method: 'GET', url: '/health', config: { juggler: { auth: false } }, handler: async () => 'up' }] }, {
    after: (app) => {
      app.get('/open', { config: { juggler: { auth: false } } }, async (request) => String(request.jugglerUser))
      app.get('/closed', { config: { juggler: { auth: true } } }, async () => 'closed')
      app.get('/other', { config: { juggler: false } as never }, async () => 'closed')
    }
  })
  t.equal((await get(origin, '/health')).body, 'up')
  t.equal((await get(origin, '/open')).body, 'undefined')
  t.equal((await get(origin, '/closed')).status, 401)
  t.equal((await get(origin, '/other')).status, 401)
})

t.test('with a prefix it covers what is below, 404s included, and nothing else', async (t) => {
  const { origin } = await setUp(t, { prefix: '/panel' }, { after: (app) => { app.get('/own', async () => 'own') } })
  t.equal((await get(origin, '/own')).body, 'own')
  t.equal((await get(origin, '/none')).status, 404)
  for (const path of ['/panel', '/panel/', '/panel/index.html', '/panel/none', '/panel/a/b/c', '/panel/ws', '/panel/../panel/x']) {
    t.equal((await get(origin, path)).status, 401, path)
  }
  t.equal((await get(origin, '/panel/none', { method: 'POST' })).status, 401)
  t.equal((await get(origin, '/panel/none', { method: 'POST', headers: ann })).status, 404)
  t.equal((await get(origin, '/panel/index.html', { headers: ann })).status, 200)
  t.equal(await refusal(t, `${origin}/panel/ws`), 401)
})

t.test('in an encapsulated instance it covers that instance', async (t) => {
  const file = htpasswdFile(t.testdir(), { ann: 'secret' })
  const { origin } = await startApp(t, {
    juggler: false,
    after: async (app) => {
      app.get('/open', async () => 'open')
      await app.register(async (child) => {
        await child.register(juggler, { htpasswdFile: file })
        child.get('/own', async () => 'own')
        child.setNotFoundHandler((_request, reply) => { reply.code(404).send('not here') })
      }, { prefix: '/in' })
    }
  })
  t.equal((await get(origin, '/open')).body, 'open')
  t.equal((await get(origin, '/in/own')).status, 401)
  t.equal((await get(origin, '/in/none')).status, 401)
  t.equal((await get(origin, '/in/own', { headers: ann })).body, 'own')
  t.equal((await get(origin, '/in/none', { headers: ann })).body, 'not here')
})

t.test('two registrations, and an app with its own @fastify/basic-auth', async (t) => {
  const dir = t.testdir()
  const one = htpasswdFile(dir, { ann: 'secret' }, 'one')
  const two = htpasswdFile(dir, { bob: 'b' }, 'two')
  const { origin } = await startApp(t, {
    juggler: { htpasswdFile: one, prefix: '/one' },
    before: async (app) => {
      await app.register(fastifyBasicAuth, { validate: async (user) => { if (user !== 'own') throw new Error('no') }, authenticate: { realm: 'own' } })
      app.get('/own', { onRequest: app.basicAuth }, async () => 'own')
    },
    after: (app) => app.register(juggler, { htpasswdFile: two, prefix: '/two', name: 'second' })
  })
  const status = async (path: string, user: string, password: string) => (await get(origin, path, { headers: { authorization: basic(user, password) } })).status
  t.same([await status('/one/ws', 'ann', 'secret'), await status('/one/ws', 'bob', 'b'), await status('/one/ws', 'own', 'x')], [426, 401, 401])
  t.same([await status('/two/ws', 'ann', 'secret'), await status('/two/ws', 'bob', 'b'), await status('/two/ws', 'own', 'x')], [401, 426, 401])
  t.same([await status('/own', 'ann', 'secret'), await status('/own', 'own', 'x')], [401, 200])
  t.equal((await get(origin, '/two/x')).headers['www-authenticate'], 'Basic realm="second", charset="UTF-8"')
  t.equal((await get(origin, '/own')).headers['www-authenticate'], 'Basic realm="own", charset="UTF-8"')
})

t.test('a removed or changed user loses the open connections (4401), others stay', async (t) => {
  const { origin, file } = await setUp(t, { state: createState({ a: 1 }), autoflushDelay: 0 })
  const [first, second, third] = await Promise.all([['ann', 'secret'], ['bob', 'x:y'], ['jürgen', 'grüße']].map(([user, password]) =>
    connectPeer(t, `${origin}/ws`, { headers: { authorization: basic(user!, password!) } })))
  replaceFile(file, shaLine('bob', 'changed') + shaLine('jürgen', 'grüße'))
  const expected = { code: 4401, reason: 'credentials are no longer valid' }
  t.same(await first!.closed, expected)
  t.same(await second!.closed, expected)
  t.equal(await refusal(t, `${origin}/ws`, { headers: ann }), 401)
  await third!.next()
  t.match(await third!.ask(1, '', 'still here'), { data: 'still here' })
})

t.test('one who was removed while the state was being chosen does not get in', async (t) => {
  const { origin, file, app } = await setUp(t, {
    state: async () => {
      replaceFile(file, shaLine('bob', 'x:y'))
      await new Promise<void>((resolve) => {
        const timer = setInterval(async () => {
          const { statusCode } = await app.inject({ url: '/index.html', headers: ann })
          if (statusCode === 401) { clearInterval(timer); resolve() }
        }, 20)
      })
      return createState({ secret: true })
    }
  })
  t.equal(await refusal(t, `${origin}/ws`, { headers: ann }), 401)
})

t.test('a burst of guesses is answered with 429 and when to try again', async (t) => {
  const { origin } = await setUp(t)
  const answers = await Promise.all(Array.from({ length: 60 }, (_, i) => get(origin, '/index.html', { headers: { authorization: basic('ann', `guess ${i}`) } })))
  const refused = answers.filter(({ status }) => status === 429)
  t.ok(refused.length > 0)
  t.match(refused[0], { headers: { 'retry-after': '1', 'cache-control': 'no-cache' }, body: /FST_JUGGLER_THROTTLED/ })
  t.equal(refused[0]?.headers['www-authenticate'], undefined, 'no dialog opens')
})

t.test('credentials are in no log line', async (t) => {
  const logs = new Logs()
  const { origin } = await setUp(t, {}, { fastify: { logger: logs.logger } })
  await get(origin, '/index.html', { headers: { authorization: basic('ann', 'a wrong password') } })
  await get(origin, '/index.html', { headers: ann })
  await refusal(t, `${origin}/ws`, { headers: { authorization: basic('ann', 'a wrong password') } })
  t.ok(logs.lines.length > 0)
  t.notMatch(JSON.stringify(logs.lines), /a wrong password|secret|YTog|{SHA}/)
})

t.test('ticket cookies', async (t) => {
  const { origin, file } = await setUp(t, { state: createState({ a: 1 }), autoflushDelay: 0 })
  const page = await get(origin, '/index.html', { headers: { ...ann, accept: 'text/html,*/*' } })
  const [setCookie] = page.headers['set-cookie'] as string[]
  t.match(setCookie, /^juggler-ticket-[\w-]{10}=[\w.-]+; Path=\/ws; Max-Age=3600; HttpOnly; SameSite=Strict$/)
  const cookie = setCookie!.split(';')[0]!

  await t.test('who gets one', async (t) => {
    const tickets = async (path: string, headers: Record<string, string>, method = 'GET') => (await get(origin, path, { method, headers })).headers['set-cookie']?.length ?? 0
    t.equal(await tickets('/index.html', { ...ann, 'sec-fetch-dest': 'document', accept: '*/*' }), 1)
    t.equal(await tickets('/index.html', { ...ann, 'sec-fetch-dest': 'iframe' }), 1)
    t.equal(await tickets('/', { ...ann, accept: 'text/html' }), 1)
    t.equal(await tickets('/ws', ann), 1, 'a plain GET of the WebSocket path renews it')
    t.equal(await tickets('/index.html', { ...ann, 'sec-fetch-dest': 'script', accept: 'text/html' }), 0)
    t.equal(await tickets('/index.html', { ...ann, accept: '*/*' }), 0)
    t.equal(await tickets('/index.html', { ...ann, accept: 'text/html' }, 'HEAD'), 0)
    t.equal(await tickets('/index.html', { accept: 'text/html' }), 0, 'nobody without credentials')
    t.equal(await tickets('/ws', { cookie }), 0)
  })

  await t.test('it upgrades', async (t) => {
    const peer = await connectPeer(t, `${origin}/ws`, { headers: { cookie } })
    t.match(await peer.next(), { type: 'state' })
  })

  await t.test('and nothing else', async (t) => {
    for (const path of ['/', '/index.html', '/ws', '/ws/client.js', '/none']) {
      t.equal((await get(origin, path, { headers: { cookie } })).status, 401, path)
      t.equal((await get(origin, path, { headers: { cookie, upgrade: 'websocket' } })).status, 401, `${path} with an Upgrade header that is no upgrade`)
    }
    t.equal(await refusal(t, `${origin}/other`, { headers: { cookie } }), 401, 'an upgrade of another path')
  })

  await t.test('wrong credentials beside it count', async (t) => {
    t.equal(await refusal(t, `${origin}/ws`, { headers: { cookie, authorization: basic('ann', 'wrong') } }), 401)
  })

  await t.test('another origin cannot use it', async (t) => {
    t.equal(await refusal(t, `${origin}/ws`, { headers: { cookie, origin: 'http://evil.example' } }), 403)
  })

  await t.test('void with its user', async (t) => {
    const peer = await connectPeer(t, `${origin}/ws`, { headers: { cookie } })
    replaceFile(file, shaLine('bob', 'x:y'))
    t.match(await peer.closed, { code: 4401 })
    t.equal(await refusal(t, `${origin}/ws`, { headers: { cookie } }), 401)
  })
})

t.test('tickets of other nodes, with the same file or the same secret', async (t) => {
  const dir = t.testdir()
  const file = htpasswdFile(dir, { ann: 'secret' })
  const grown = htpasswdFile(dir, { ann: 'secret', bob: 'b' }, 'grown')
  const start = (htpasswdFile: string, ticketSecret?: string) => startApp(t, { juggler: { htpasswdFile, htpasswdReload: false, ...(ticketSecret && { ticketSecret }) } })
  const ticketOf = async (origin: string) => (await get(origin, '/ws', { headers: ann })).headers['set-cookie']![0]!.split(';')[0]!
  const [one, two, other] = [await start(file), await start(file), await start(grown)]
  const cookie = await ticketOf(one.origin)
  await connectPeer(t, `${two.origin}/ws`, { headers: { cookie } })
  t.equal(await refusal(t, `${other.origin}/ws`, { headers: { cookie } }), 401, 'another file')
  const secret = 's'.repeat(32)
  const [three, four] = [await start(file, secret), await start(grown, secret)]
  await connectPeer(t, `${four.origin}/ws`, { headers: { cookie: await ticketOf(three.origin) } })
  t.equal(await refusal(t, `${three.origin}/ws`, { headers: { cookie } }), 401, 'another secret')
})

t.test('behind a proxy that ends TLS the ticket is Secure, where the proxy is trusted', async (t) => {
  const headers = { ...ann, 'x-forwarded-proto': 'https' }
  const file = htpasswdFile(t.testdir(), { ann: 'secret' })
  const trusting = await startApp(t, { juggler: { htpasswdFile: file }, fastify: { trustProxy: true } })
  t.match((await get(trusting.origin, '/ws', { headers })).headers['set-cookie']?.[0], /; Secure$/)
  const wary = await startApp(t, { juggler: { htpasswdFile: file } })
  t.match((await get(wary.origin, '/ws', { headers })).headers['set-cookie']?.[0], /SameSite=Strict$/)
})
