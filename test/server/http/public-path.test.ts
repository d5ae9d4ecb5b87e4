import t, { type Test } from 'tap'
import type { FastifyRequest } from 'fastify'
import { publicPathOf } from '../../../lib/server/http/public-path.ts'
import { startApp } from '../../helpers/app.ts'
import { basic, htpasswdFile } from '../../helpers/htpasswd.ts'
import { get } from '../../helpers/http.ts'
import type { FastifyJugglerOptions } from '../../../types/options.ts'

/** What a request with this header is told, from a proxy that is trusted. */
async function told (t: Test, header: string | undefined, prefix = '', trustProxy: boolean | string = true): Promise<string | undefined> {
  let found: string | undefined
  const publicPath = publicPathOf(undefined, prefix)
  const { origin } = await startApp(t, {
    juggler: false,
    fastify: { trustProxy },
    after: (app) => { app.get('/', async (request) => { found = publicPath(request) }) }
  })
  await get(origin, '/', { headers: header === undefined ? {} : { 'x-forwarded-prefix': header } })
  return found
}

t.test('X-Forwarded-Prefix of a trusted proxy stands before the own prefix', async (t) => {
  t.equal(await told(t, '/panel'), '/panel')
  t.equal(await told(t, '/panel/'), '/panel')
  t.equal(await told(t, '/panel', '/inner'), '/panel/inner')
  t.equal(await told(t, '/a, /b'), '/a/b', 'of two proxies')
  t.equal(await told(t, '/', '/inner'), '/inner')
  t.equal(await told(t, undefined), undefined)
  t.equal(await told(t, '/panel', '', '192.0.2.1'), undefined, 'of one that is not trusted')
  t.equal(await told(t, '/panel', '', false), undefined)
  t.equal(await told(t, '/panel', '/:tenant'), undefined, 'what differs for each request is not known')
})

t.test('what is no path is ignored', async (t) => {
  for (const header of ['panel', '//evil.example', '/a//b', '/\\evil.example', 'http://evil.example', '/a b', '/a;b', '/a?b', '/a#b', '/\xfc', `/${'a'.repeat(1024)}`]) {
    t.equal(await told(t, header), undefined, header.slice(0, 30))
  }
})

t.test('the option goes first', async (t) => {
  const request = { headers: { 'x-forwarded-prefix': '/other' } } as unknown as FastifyRequest
  t.equal(publicPathOf('/panel', '/inner')(request), '/panel')
  t.equal(publicPathOf('', '/inner')(request), '')
})

t.test('tickets are for the path that browsers see', async (t) => {
  const file = htpasswdFile(t.testdir(), { ann: 'secret' })
  const path = async (options: FastifyJugglerOptions, headers: Record<string, string> = {}, at = '/x') => {
    const { origin } = await startApp(t, { juggler: { htpasswdFile: file, ...options }, fastify: { trustProxy: '127.0.0.1' } })
    const answer = await get(origin, at, { headers: { authorization: basic('ann', 'secret'), accept: 'text/html', ...headers } })
    return /; Path=([^;]*);/.exec(answer.headers['set-cookie']![0]!)?.[1]
  }
  t.equal(await path({}), '/ws')
  t.equal(await path({}, { 'x-forwarded-prefix': '/panel' }), '/panel/ws')
  t.equal(await path({ publicPath: '/panel/' }), '/panel/ws')
  t.equal(await path({ publicPath: '/' }, {}), '/ws')
  t.equal(await path({ publicPath: '/пульт', wsPath: '/live/:room' }), '/%D0%BF%D1%83%D0%BB%D1%8C%D1%82/live')
  t.equal(await path({ publicPath: '/a%20b' }), '/a%20b/ws')
  t.equal(await path({ prefix: '/inner' }, { 'x-forwarded-prefix': '/panel' }, '/inner/x'), '/panel/inner/ws')
  t.equal(await path({ prefix: '/inner', publicPath: '/panel' }, {}, '/inner/x'), '/panel/ws', 'the option is where browsers find the plugin, whatever its prefix')
  t.equal(await path({ publicPath: '/panel' }, { 'x-juggler-renew': '/elsewhere/ws' }, '/ws'), '/elsewhere/ws', 'the browser itself knows best')
})
