import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import { WebSocket, WebSocketServer } from 'ws'
import { unfinishedBytes } from '../../../lib/server/wire/unfinished.ts'

t.test('what is relied on in ws: how much has come of a message that is not whole', async (t) => {
  const wss = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  t.teardown(() => wss.close())
  await once(wss, 'listening')
  const client = new WebSocket(`ws://127.0.0.1:${(wss.address() as AddressInfo).port}`)
  t.teardown(() => client.terminate())
  const [ws] = await once(wss, 'connection') as [WebSocket]
  await once(client, 'open')
  t.equal(unfinishedBytes(ws), 0)
  client.send('x'.repeat(1000), { fin: false })
  client.send('y'.repeat(500), { fin: false })
  client.ping()
  await once(ws, 'ping')
  t.equal(unfinishedBytes(ws), 1500)
  client.send('z', { fin: true })
  await once(ws, 'message')
  client.ping()
  await once(ws, 'ping')
  t.equal(unfinishedBytes(ws), 0)
})
