import { setImmediate as turn } from 'node:timers/promises'
import t from 'tap'
import type { Test } from 'tap'
import type { FastifyJugglerOptions } from '../../types/options.ts'
import { startApp } from '../helpers/app.ts'
import { connectPeer } from '../helpers/peer.ts'

const mebibyte = 1048576

/** A client that sends pings and reads no answers, and one that behaves. */
async function serve (t: Test, framing: string, options: FastifyJugglerOptions = {}) {
  const { app, origin } = await startApp(t, { juggler: options })
  const reader = await connectPeer(t, `${origin}/ws`)
  const flooder = await connectPeer(t, `${origin}/ws?framing=${framing}`)
  flooder.ws.pause()
  const connection = [...app.juggler.connections][1]!
  const held = () => connection.request.raw.socket.writableLength
  return { app, connection, flooder, reader, held }
}

t.test('segmented pings to a client that does not read its pongs: those in memory are bounded', async (t) => {
  for (const size of [100, 100_000, mebibyte]) {
    const { app, flooder, reader, held } = await serve(t, 'segmented', { parallelRequests: true, maxBufferedBytes: mebibyte })
    const handled = new Promise((resolve) => app.juggler.handle('last', resolve))
    const ping = `2${'x'.repeat(size)}`
    const count = 64 * mebibyte / Math.max(size, 4096)
    for (let i = 0; i < count; i++) flooder.send(ping)
    flooder.send('0{"type":"request","id":1,"name":"last"}')
    await handled
    t.ok(held() <= 2 * mebibyte + 32 * 1024, `pings of ${size}: ${held()} bytes are held`)
    t.match(await reader.ask(1, '', 'others go on'), { data: 'others go on' })
  }
})

t.test('WebSocket pings from a client that does not read its pongs: it is cut', async (t) => {
  const { connection, flooder, reader, held } = await serve(t, 'plain')
  flooder.ws.on('error', () => {})
  let most = 0
  while (connection.isOpen) {
    for (let i = 0; i < 500 && flooder.ws.readyState === flooder.ws.OPEN; i++) flooder.ws.ping('x'.repeat(125))
    most = Math.max(most, held())
    await turn()
  }
  t.match(await connection.closed, { code: 1006 })
  t.ok(most < 64 * 1024, `${most} bytes were held`)
  t.match(await reader.ask(1, '', 'others go on'), { data: 'others go on' })
})
