/** A large state on its way to one client keeps neither that client's pings nor anybody else waiting. */
import { once } from 'node:events'
import t from 'tap'
import { WebSocket } from 'ws'
import { createState } from '../../lib/index.ts'
import { startApp } from '../helpers/app.ts'
import { connectPeer } from '../helpers/peer.ts'

const size = 50 * 1024 * 1024

t.test('50 MB in segments: a pong goes between them, and others are answered meanwhile', async (t) => {
  const { origin } = await startApp(t, {
    juggler: { state: (request) => createState('large' in (request.query as object) ? 'x'.repeat(size) : null), framing: 'segmented', autoflushDelay: 0 }
  })
  const other = await connectPeer(t, `${origin}/ws?framing=plain`)
  const ws = new WebSocket(`${origin}/ws?large`, { maxPayload: 0, perMessageDeflate: false })
  t.teardown(() => ws.terminate())
  const frames: string[] = []
  let received = 0
  const whole = new Promise<void>((resolve) => {
    ws.on('message', (data: Buffer) => {
      received += data.length
      frames.push(data.toString('latin1', 0, 16))
      if (data[0] === '0'.charCodeAt(0)) resolve()
    })
  })
  await once(ws, 'message')
  ws.pause()
  for (let i = 0; i < 10; i++) t.match(await other.ask(i, '', i), { success: true, data: i })
  t.ok(received < size / 2, 'the state is still on its way')
  ws.send('2between')
  ws.resume()
  await whole
  const pong = frames.indexOf('3between')
  t.ok(pong > 0 && pong < frames.length - 1, `pong at ${pong} of ${frames.length}`)
  t.ok(received > size)
  const pieces = frames.filter((frame, i) => i !== pong && !frame.startsWith('2p'))
  t.ok(pieces.every((frame, i) => frame[0] === (i === pieces.length - 1 ? '0' : '1')))
  t.ok(frames.length - pieces.length > 100, 'pings ask how far it has been read')
})

t.test('50 MB in plain framing: a WebSocket pong goes between the fragments', async (t) => {
  const { origin } = await startApp(t, {
    juggler: { state: (request) => createState('large' in (request.query as object) ? 'x'.repeat(size) : null), autoflushDelay: 0 }
  })
  const other = await connectPeer(t, `${origin}/ws`)
  const ws = new WebSocket(`${origin}/ws?large`, { maxPayload: 0, perMessageDeflate: false })
  t.teardown(() => ws.terminate())
  await once(ws, 'open')
  let whole = false
  const message = once(ws, 'message').then(([data]) => {
    whole = true
    return data as Buffer
  })
  ws.ping('between')
  const pong = once(ws, 'pong').then(([data]) => ({ data: String(data), whole }))
  t.match(await other.ask(1, '', 1), { success: true, data: 1 })
  t.strictSame(await pong, { data: 'between', whole: false })
  t.ok((await message).length > size)
})
