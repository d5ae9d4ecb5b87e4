/**
 * A server that behaves as hat-juggler 0.6 (plain) or 0.7 (segmented) was seen to, for tests of our client. It is a
 * script of literal frames that shares no code with our own codecs: JSON as Python writes it, segments cut by length,
 * pings after quiet time, and a close with 1000 and no reason for whatever it cannot read.
 */
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import jsonpatch from 'fast-json-patch'
import { WebSocketServer } from 'ws'
import type { WebSocket } from 'ws'
import type { JsonValue } from '../../../types/json.ts'
import type { Framing } from '../../../types/protocol.ts'

interface Test { teardown (handler: () => unknown): unknown }

export interface StockServerOptions {
  /** @defaultValue any free one */
  port?: number
  /** What the state begins with. */
  state?: JsonValue
  /** Quiet time in ms before a ping. @defaultValue `30000` */
  pingDelay?: number
}

export interface Request { id: JsonValue, name: string, data: JsonValue }

/** JSON as Python's `json.dumps` writes it: spaces after the separators, nothing but ASCII. */
export function pythonJson (value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(pythonJson).join(', ')}]`
  if (typeof value === 'object' && value !== null) {
    return `{${Object.entries(value).map(([name, member]) => `${pythonJson(name)}: ${pythonJson(member)}`).join(', ')}}`
  }
  return JSON.stringify(value).replace(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

export class StockServer {
  /** Every frame that clients sent, in order. */
  readonly frames: string[] = []
  readonly sockets = new Set<WebSocket>()
  /** Answers requests; the empty name never comes here. */
  onRequest: (request: Request) => void = ({ id }) => this.respond(id, false, 'request handler not implemented')
  readonly #framing: Framing
  readonly #options: StockServerOptions
  #server!: WebSocketServer
  #state: JsonValue

  private constructor (framing: Framing, options: StockServerOptions) {
    this.#framing = framing
    this.#options = options
    this.#state = options.state ?? null
  }

  static async listen (t: Test, framing: Framing, options: StockServerOptions = {}): Promise<StockServer> {
    const server = new StockServer(framing, options)
    server.#server = new WebSocketServer({ host: '127.0.0.1', port: options.port ?? 0, path: '/ws', maxPayload: 4 * 1024 * 1024 })
    server.#server.on('connection', (socket) => server.#onConnection(socket))
    t.teardown(() => server.stop())
    await once(server.#server, 'listening')
    return server
  }

  get port (): number {
    return (this.#server.address() as AddressInfo).port
  }

  get url (): string {
    return `ws://127.0.0.1:${this.port}/ws`
  }

  /** Changes the state and sends the patch of it, unless the patch to send is given. */
  set (value: JsonValue, patch: unknown = this.#diff(value)): void {
    this.#state = value
    if ((patch as unknown[]).length > 0) this.message({ type: 'state', diff: patch })
  }

  notify (name: string, data: JsonValue): void {
    this.message({ type: 'notify', name, data })
  }

  respond (id: unknown, success: boolean, data: unknown): void {
    this.message({ type: 'response', id, success, data })
  }

  /** Sends a message to every client. */
  message (message: object): void {
    this.text(pythonJson(message))
  }

  /** Sends a text as one message to every client. */
  text (text: string): void {
    for (const socket of this.sockets) this.#send(socket, text)
  }

  /** Sends a frame as it is to every client. */
  raw (frame: string | Buffer): void {
    for (const socket of this.sockets) socket.send(frame)
  }

  async stop (): Promise<void> {
    for (const socket of this.sockets) socket.close(1000)
    const closed = new Promise((resolve) => { this.#server.close(resolve) })
    for (const socket of this.sockets) socket.terminate()
    await closed
  }

  #diff (value: JsonValue): unknown[] {
    if (!bothContainers(this.#state, value)) return this.#state === value ? [] : [{ op: 'replace', path: '', value }]
    return jsonpatch.compare({ r: this.#state }, { r: value }).map((operation) => ({ ...operation, path: operation.path.slice(2) }))
  }

  #onConnection (socket: WebSocket): void {
    this.sockets.add(socket)
    let text = ''
    let quiet: NodeJS.Timeout | undefined
    const heard = () => {
      clearTimeout(quiet)
      quiet = setTimeout(() => this.#framing === 'plain' ? socket.ping() : socket.send('2'), this.#options.pingDelay ?? 30_000)
    }
    socket.on('close', () => {
      clearTimeout(quiet)
      this.sockets.delete(socket)
    })
    socket.on('pong', heard)
    socket.on('message', (data, isBinary) => {
      heard()
      const frame = String(data)
      this.frames.push(frame)
      if (isBinary) return socket.close(1000)
      if (this.#framing === 'plain') return this.#onText(socket, frame)
      const payload = frame.slice(1)
      if (frame[0] === '0') {
        this.#onText(socket, text + payload)
        text = ''
      } else if (frame[0] === '1') text += payload
      else if (frame[0] === '2') socket.send(`3${payload}`)
      else if (frame[0] !== '3') socket.close(1000)
    })
    heard()
    if (this.#state !== null) this.#send(socket, pythonJson({ type: 'state', diff: [{ op: 'replace', path: '', value: this.#state }] }))
  }

  #onText (socket: WebSocket, text: string): void {
    let message: Request & { type: string }
    try {
      message = JSON.parse(text)
      if (message.type !== 'request' || message.id === undefined || message.name === undefined || message.data === undefined) throw new Error('not a request')
    } catch {
      return socket.close(1000)
    }
    if (message.name === '') this.respond(message.id, true, message.data)
    else this.onRequest(message)
  }

  #send (socket: WebSocket, text: string): void {
    if (this.#framing === 'plain') return socket.send(text)
    for (let at = 0; at < text.length || at === 0; at += 65_536) {
      socket.send((at + 65_536 < text.length ? '1' : '0') + text.slice(at, at + 65_536))
    }
  }
}

function bothContainers (a: JsonValue, b: JsonValue): boolean {
  return typeof a === 'object' && a !== null && typeof b === 'object' && b !== null && Array.isArray(a) === Array.isArray(b)
}
