/** Who visits the server of the soak: screens that stay, guests that come and go, and peers that do what they should not. */
import { connect as connectTcp } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { WebSocket } from 'ws'
import { connect } from '../../lib/client/index.ts'
import type { Client } from '../../types/client.ts'

/** What went wrong, and what was done. */
export interface Tally {
  readonly faults: string[]
  requests: number
  commands: number
  /** Commands that a busy machine could not begin within their ten seconds, and that were told not to have run. */
  expired: number
  visits: number
  stalls: number
  misdeeds: number
}

const random = (n: number): number => Math.floor(Math.random() * n)

/** A screen that stays: it follows the state, and asks for things now and then, until that is over. */
export async function screen (url: string, tally: Tally, isOver: () => boolean): Promise<{ client: Client, asking: Promise<void> }> {
  const client = await connect(url + (random(2) === 0 ? '?framing=plain' : '?framing=segmented'), {
    pingTimeout: 30_000,
    onError: (error) => tally.faults.push(`a client reports ${String(error)}`)
  })
  const asking = (async () => {
    for (; !isOver(); await sleep(2000 + random(4000))) {
      if (client.status === 'open') await ask(client, tally)
    }
  })()
  return { client, asking }
}

async function ask (client: Client, tally: Tally): Promise<void> {
  const n = random(1e9)
  const isCommand = random(3) === 0
  const name = isCommand ? 'start' : ['double', 'later'][random(2)]!
  try {
    const answer = await client.send(name, n, isCommand ? { key: true } : {})
    if (answer !== (name === 'double' ? n * 2 : n)) tally.faults.push(`${name} ${n} was answered with ${String(answer)}`)
    tally.requests++
    if (isCommand) tally.commands++
  } catch (error) {
    const { data } = error as { data?: { code?: unknown } }
    if (data?.code === 'JUGGLER_EXPIRED') {
      tally.expired++
      return
    }
    // A line that breaks takes its requests along, and says so; no line of a screen breaks here.
    tally.faults.push(`${name} failed: ${String(error)} ${JSON.stringify(data)}`)
  }
}

/** Guests come, look for a moment, and leave: in good order, or by pulling the plug. */
export async function guest (url: string, tally: Tally): Promise<void> {
  const client = await connect(url)
  await client.ready
  await sleep(random(500))
  if (random(4) === 0) await ask(client, tally)
  await client.close()
  tally.visits++
}

/** A socket that is opened, and what it does then. */
async function open (url: string): Promise<WebSocket> {
  const ws = new WebSocket(url)
  ws.on('error', () => {})
  await new Promise((resolve) => ws.once('open', resolve).once('close', resolve))
  return ws
}

/** Stops reading for some seconds. It may be closed for that, or goes on. */
export async function staller (url: string, tally: Tally): Promise<void> {
  const ws = await open(url)
  ws.pause()
  await sleep(500 + random(4000))
  ws.resume()
  await sleep(500)
  ws.terminate()
  tally.stalls++
}

async function say (url: string, message: string | Buffer): Promise<WebSocket> {
  const ws = await open(url)
  ws.send(message)
  return ws
}

/** What is left open is the caller's to end. */
const misdeeds: ReadonlyArray<(url: string) => Promise<WebSocket | undefined>> = [
  (url) => say(url, 'no message'),
  (url) => say(url, Buffer.from([1, 2, 3])),
  (url) => say(url, 'x'.repeat(5_000_000)),
  (url) => say(url, `{"type":"request","id":1,"name":"a","data":${'['.repeat(1000)}`),
  (url) => say(`${url}?framing=segmented`, '1' + 'x'.repeat(1000)),
  async (url) => {
    const ws = await open(url)
    for (let i = 0; i < 2000; i++) ws.send('{"type":"request","id":1,"name":"failing","data":null}')
    return ws
  },
  async (url) => {
    const ws = await open(url)
    for (let i = 0; i < 5000; i++) ws.ping()
    return ws
  },
  // A handshake that is never finished, and one that is no handshake.
  async (url) => {
    const { port } = new URL(url)
    const socket = connectTcp(Number(port), '127.0.0.1').on('error', () => {})
    socket.write(random(2) === 0 ? 'GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n' : 'rubbish\r\n\r\n')
    await sleep(1000)
    socket.destroy()
    return undefined
  },
  // A frame of which only half comes.
  async (url) => {
    const ws = await open(url)
    ;(ws as unknown as { _socket?: { write (bytes: Buffer): void } })._socket?.write(Buffer.from([0x81, 0xfe, 0x10, 0x00, 1, 2, 3, 4, 5]))
    return ws
  }
]

/** Does one thing that a peer should not do. */
export async function misbehave (url: string, tally: Tally): Promise<void> {
  const ws = await misdeeds[tally.misdeeds++ % misdeeds.length]!(url)
  await sleep(1000)
  ws?.terminate()
}
