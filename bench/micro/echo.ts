/** Echo requests per CPU second of the server: `ws` with JSON.parse and JSON.stringify against the outbox. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import type { AddressInfo, Socket } from 'node:net'
import { WebSocketServer } from 'ws'
import type { WebSocket } from 'ws'
import { Monitor } from '../../lib/server/operations/monitor.ts'
import { encodeAnswer, parseRequest, stringify } from '../../lib/protocol/messages.ts'
import { messageEncoding } from '../../lib/server/wire/encoded-message.ts'
import { Outbox } from '../../lib/server/wire/outbox.ts'

const seconds = Number(process.argv[2] ?? 2)
const limits = { maxBufferedBytes: 1 << 20, maxQueuedBytes: 1 << 24, pingDelay: 30_000, pingTimeout: 30_000, monitor: new Monitor(() => {}), output: { grew () {} } }
const owner = { overflow () {}, bringState: () => true, unanswered () {}, drained () {}, crash () {} }

const variants: Record<string, (ws: WebSocket) => void> = {
  'ws with JSON.parse and JSON.stringify': (ws) => ws.on('message', (data) => {
    const { id, data: value } = JSON.parse(data.toString())
    ws.send(JSON.stringify({ type: 'response', id, success: true, data: value }))
  }),
  'outbox, plain': (ws) => {
    const outbox = new Outbox(ws, (ws as unknown as { _socket: Socket })._socket, limits, messageEncoding('plain', 0, false), owner)
    ws.on('message', (data) => {
      const { id, data: value } = parseRequest(data.toString())
      outbox.reply(encodeAnswer(id, true, stringify(value)))
    })
  }
}

async function measure (serve: (ws: WebSocket) => void): Promise<number> {
  const wss = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  wss.on('connection', serve)
  await once(wss, 'listening')
  const load = fork(new URL('./echo-load.ts', import.meta.url), [`${(wss.address() as AddressInfo).port}`, '50', '20'])
  const count = async () => {
    load.send('count')
    const [answers] = await once(load, 'message') as [number]
    return answers
  }
  while (await count() < 20_000);
  const [before, cpu] = [await count(), process.cpuUsage()]
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000))
  const [after, used] = [await count(), process.cpuUsage(cpu)]
  load.kill()
  for (const ws of wss.clients) ws.terminate()
  wss.close()
  await once(load, 'exit')
  return (after - before) / ((used.user + used.system) / 1e6)
}

const results = Object.keys(variants).map((): number[] => [])
for (let round = 0; round < 3; round++) {
  for (const [i, serve] of Object.values(variants).entries()) results[i]!.push(await measure(serve))
}
const medians = results.map((list) => list.sort((a, b) => a - b)[1]!)
for (const [i, name] of Object.keys(variants).entries()) {
  process.stdout.write(`${name.padEnd(40)} ${Math.round(medians[i]!).toString().padStart(9)} per CPU second  ${(medians[i]! / medians[0]!).toFixed(2)}\n`)
}
