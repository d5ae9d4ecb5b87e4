/** A WebSocket client that knows nothing of Juggler's client code: it sends literal frames and shows what arrives. */
import { once } from 'node:events'
import { isDeepStrictEqual } from 'node:util'
import { WebSocket } from 'ws'
import type { RawData } from 'ws'

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- messages are looked into member by member
export type Message = any

export interface Closed { code: number, reason: string }

export class RawClient {
  readonly ws: WebSocket
  /** Resolves when the connection has ended; never rejects. */
  readonly closed: Promise<Closed>
  readonly #frames: Array<string | Buffer> = []
  readonly #waiting: Array<() => void> = []
  #ended = false
  #markers = 0

  constructor (url: string) {
    this.ws = new WebSocket(url, { perMessageDeflate: false, maxPayload: 0 })
    this.ws.on('message', (data: RawData, isBinary: boolean) => {
      this.#frames.push(isBinary ? data as Buffer : String(data))
      this.#wake()
    })
    this.ws.on('error', () => {}) // a close follows and says it
    this.closed = new Promise((resolve) => {
      this.ws.on('close', (code: number, reason: Buffer) => {
        this.#ended = true
        this.#wake()
        resolve({ code, reason: String(reason) })
      })
    })
  }

  /** Frames that arrived and were not taken with `next` yet. */
  get pending (): number {
    return this.#frames.length
  }

  async open (): Promise<this> {
    if (this.ws.readyState !== WebSocket.OPEN) await once(this.ws, 'open')
    return this
  }

  send (frame: string | Buffer, options: { binary?: boolean } = {}): void {
    this.ws.send(frame, options)
  }

  /** Sends a request of plain framing. */
  request (id: unknown, name: unknown, data?: unknown): void {
    this.send(JSON.stringify({ type: 'request', id, name, data }))
  }

  /** The next frame; rejects when the connection ends first. */
  async next (): Promise<string> {
    while (this.#frames.length === 0) {
      if (this.#ended) throw new Error('the connection ended where a frame was expected')
      await new Promise<void>((resolve) => { this.#waiting.push(resolve) })
    }
    return this.#frames.shift() as string
  }

  /** The next message of plain framing. */
  async message (): Promise<Message> {
    return JSON.parse(await this.next())
  }

  /** Sends the protocol's echo and gives every message that arrives before its answer: `[]` proves that nothing was sent. */
  async messagesUntilEcho (): Promise<Message[]> {
    const id = `marker ${++this.#markers}`
    this.request(id, '', null)
    return this.messagesUntil({ type: 'response', id, success: true, data: null })
  }

  /** Every message before the one that equals `last`, which is taken as well. */
  async messagesUntil (last: Message): Promise<Message[]> {
    const before: Message[] = []
    while (true) {
      const message = await this.message()
      if (isDeepStrictEqual(message, last)) return before
      before.push(message)
    }
  }

  /** Resolves when the server has answered a WebSocket ping: it has read every frame sent so far. */
  async roundTrip (): Promise<void> {
    const answered = once(this.ws, 'pong')
    this.ws.ping()
    await answered
  }

  /** What is left when the connection has ended. */
  async rest (): Promise<Message[]> {
    await this.closed
    return this.#frames.splice(0).map((frame) => JSON.parse(String(frame)))
  }

  #wake (): void {
    for (const wake of this.#waiting.splice(0)) wake()
  }
}
