import { once } from 'node:events'
import { get } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import t from 'tap'
import type { Test } from 'tap'
import { startApp } from '../../helpers/app.ts'
import { connectPeer } from '../../helpers/peer.ts'

async function dial (t: Test, origin: string, text: string) {
  const { hostname, port } = new URL(origin)
  const socket = connect(Number(port), hostname)
  t.teardown(() => socket.destroy())
  socket.on('error', () => {})
  await once(socket, 'connect')
  socket.write(text)
  // not by once(), which rejects where the server resets what it cuts
  const ended = new Promise((resolve) => { socket.on('close', resolve) })
  socket.resume()
  return { socket, ended }
}

t.test('connections that never send a whole request do not hold the app when it closes', async (t) => {
  const { app, origin } = await startApp(t, { juggler: { shutdownTimeout: 50 } })
  const peer = await connectPeer(t, `${origin}/ws`)
  await peer.echo()
  const silent = await dial(t, origin, '')
  const half = await dial(t, origin, 'GET /ws HTTP/1.1\r\nHost: x\r\nConnection: Upg')
  await app.close()
  await Promise.all([silent.ended, half.ended])
  t.equal((await peer.closed).code, 1001, 'and a WebSocket is still closed with its code')
})

t.test('a request under way when the app closes is answered, however long after the deadline', async (t) => {
  let started!: () => void
  const inHandler = new Promise<void>((resolve) => { started = resolve })
  let answer!: () => void
  const asked = new Promise<void>((resolve) => { answer = resolve })
  const { app, origin } = await startApp(t, {
    juggler: { shutdownTimeout: 10 },
    after: (app) => {
      app.get('/slow', async () => {
        started()
        await asked
        return 'answered'
      })
    }
  })
  // without an agent the connection is not kept, which would be Fastify's to end
  const response = once(get(`${origin.replace('ws', 'http')}/slow`, { agent: false }), 'response') as Promise<[IncomingMessage]>
  await inHandler
  const silent = await dial(t, origin, '')
  const closed = app.close()
  await silent.ended
  answer()
  const [message] = await response
  t.equal((await message.toArray()).join(''), 'answered')
  await closed
})
