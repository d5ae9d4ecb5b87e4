import { join } from 'node:path'
import t from 'tap'
import { startApp } from '../../helpers/app.ts'
import { basic, htpasswdFile } from '../../helpers/htpasswd.ts'
import { get } from '../../helpers/http.ts'
import { connectPeer } from '../../helpers/peer.ts'

t.test('everything at once: redirect, socket, additional routes, files, in this order', async (t) => {
  const dir = t.testdir({ public: { 'index.html': 'page', extra: 'a file called like a route', api: { 'x.txt': 'file' } } })
  const { origin } = await startApp(t, {
    juggler: {
      prefix: '/panel',
      staticDir: join(dir, 'public'),
      htpasswdFile: htpasswdFile(dir, { ann: 'secret' }),
      allowedHosts: ['127.0.0.1'],
      additionalRoutes: [
        { method: 'GET', url: '/extra', handler: async () => 'route' },
        { method: 'POST', url: '/api/:name', handler: async (request) => request.params }
      ]
    }
  })
  const headers = { authorization: basic('ann', 'secret') }
  const ask = async (path: string, method = 'GET') => {
    const { status, body } = await get(origin, path, { method, headers })
    return `${status} ${body.slice(0, 20)}`.trim()
  }
  t.equal(await ask('/panel'), '302')
  t.match(await ask('/panel/ws'), /^426/)
  t.equal(await ask('/panel/extra'), '200 route')
  t.equal(await ask('/panel/api/x.txt'), '200 file')
  t.equal(await ask('/panel/api/7', 'POST'), '200 {"name":"7"}')
  t.equal(await ask('/panel/index.html'), '200 page')
  await connectPeer(t, `${origin}/panel/ws`, { headers })
})
