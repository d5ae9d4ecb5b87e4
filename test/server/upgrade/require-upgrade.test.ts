import t from 'tap'
import { startApp } from '../../helpers/app.ts'
import { get } from '../../helpers/http.ts'
import { Logs } from '../../helpers/logs.ts'

t.test('a plain request of the WebSocket path is told what is spoken there', async (t) => {
  const { origin } = await startApp(t)
  const { status, headers, body } = await get(origin, '/ws')
  t.equal(status, 426)
  t.match(headers, { upgrade: 'websocket', connection: 'Upgrade' })
  t.match(JSON.parse(body), { code: 'FST_JUGGLER_UPGRADE_REQUIRED' })
})

t.test('an upgrade that a proxy took the header from is a warning that says so', async (t) => {
  const logs = new Logs()
  const { origin } = await startApp(t, { fastify: { logger: logs.logger } })
  t.equal((await get(origin, '/ws')).status, 426)
  t.strictSame(logs.matching(/has lost its/), [])
  // as nginx passes it on with nothing but proxy_pass
  const headers = { 'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==', 'sec-websocket-version': '13', connection: 'close' }
  t.equal((await get(origin, '/ws', { headers })).status, 426)
  t.match(await logs.line(/lost its 'Upgrade' header/), { level: 40, msg: /proxy/ })
  // as with the first of the two lines that nginx needs
  t.equal((await get(origin, '/ws', { headers: { ...headers, upgrade: 'websocket' } })).status, 426)
  t.match(await logs.line(/lost its 'Connection' header/), { level: 40, msg: /proxy/ })
})
