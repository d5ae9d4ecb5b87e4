/** The engine serves WebSockets that it is given, without Fastify's routes. */
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import type { FastifyRequest } from 'fastify'
import t from 'tap'
import { WebSocketServer } from 'ws'
import { Engine } from '../../lib/server/engine.ts'
import { readOptions } from '../../lib/server/options.ts'
import { connectPeer } from '../helpers/peer.ts'

const log = { info () {}, child: () => log }

t.test('requests are answered, and the end waits for handlers', async (t) => {
  const warnings: string[] = []
  const engine = new Engine({ settings: readOptions(), poisoning: {}, warn: (_details, text) => warnings.push(text) })
  let finish!: (value: string) => void
  engine.router.handle('slow', {}, () => new Promise((resolve) => { finish = resolve }))
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  t.teardown(() => server.close())
  server.on('connection', (ws, raw) => {
    const request = { raw, query: {}, log } as unknown as FastifyRequest
    engine.accept({ ws, socket: raw.socket, request, remote: '127.0.0.1', framing: 'plain', state: undefined })
  })
  await once(server, 'listening')
  const peer = await connectPeer(t, `ws://127.0.0.1:${(server.address() as AddressInfo).port}`)
  peer.request(1, 'slow')
  await peer.echo()
  const retired = engine.retire()
  peer.request(2, 'slow')
  t.match(await peer.next(), { id: 2, success: false, data: { code: 'JUGGLER_CLOSING' } })
  finish('done')
  t.match(await peer.next(), { id: 1, success: true, data: 'done' })
  await retired
  t.match(await peer.closed, { code: 1001 })
  await engine.close()
  t.equal(engine.connections.view.size, 0)
  t.same(warnings, [])
})
