import t from 'tap'
import { startApp } from '../../helpers/app.ts'
import { get } from '../../helpers/http.ts'

t.test('a plain request of the WebSocket path is told what is spoken there', async (t) => {
  const { origin } = await startApp(t)
  const { status, headers, body } = await get(origin, '/ws')
  t.equal(status, 426)
  t.match(headers, { upgrade: 'websocket', connection: 'Upgrade' })
  t.match(JSON.parse(body), { code: 'FST_JUGGLER_UPGRADE_REQUIRED' })
})
