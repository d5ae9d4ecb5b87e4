/** A client that speaks plain framing and nothing by itself: tests send and await literal messages. */
import { once } from 'node:events'
import type { Test } from 'tap'
import { WebSocket } from 'ws'
import type { ClientOptions } from 'ws'
import type { Patch } from '../../types/json.ts'

/** Whatever a server sent; tests look at the members that they expect. */
export interface Message {
  type: string
  id: number | string
  success: boolean
  name: string
  data: unknown
  diff: Patch
}

export class Peer {
  readonly ws: WebSocket
  /** Resolves when the connection has ended. */
  readonly closed: Promise<{ code: number, reason: string }>
  readonly #inbox: string[] = []
  readonly #waiting: Array<{ resolve: (text: string) => void, reject: (error: Error) => void }> = []
  #end: Error | undefined

  constructor (ws: WebSocket) {
    this.ws = ws
    ws.on('message', (data: Buffer) => {
      const waiting = this.#waiting.shift()
      if (waiting === undefined) this.#inbox.push(data.toString())
      else waiting.resolve(data.toString())
    })
    this.closed = new Promise((resolve) => {
      ws.on('close', (code, reason) => {
        resolve({ code, reason: reason.toString() })
        this.#end = new Error(`the connection closed with ${code} ${reason.toString()}`)
        for (const { reject } of this.#waiting.splice(0)) reject(this.#end)
      })
    })
  }

  /** The text of the next message that has not been taken yet; rejects when the connection ends without one. */
  nextText (): Promise<string> {
    const text = this.#inbox.shift()
    if (text !== undefined) return Promise.resolve(text)
    if (this.#end !== undefined) return Promise.reject(this.#end)
    return new Promise((resolve, reject) => { this.#waiting.push({ resolve, reject }) })
  }

  async next (): Promise<Message> {
    return JSON.parse(await this.nextText()) as Message
  }

  /** Messages that nobody has taken yet. */
  get pending (): number {
    return this.#inbox.length
  }

  send (text: string): void {
    this.ws.send(text)
  }

  request (id: unknown, name: unknown, data?: unknown): void {
    this.send(JSON.stringify({ type: 'request', id, name, data }))
  }

  /** Sends a request and takes the next message for its answer. */
  async ask (id: unknown, name: string, data?: unknown): Promise<Message> {
    this.request(id, name, data)
    return await this.next()
  }

  /** Goes to the server and back, so that everything before has been handled there. */
  async echo (): Promise<void> {
    this.request('echo', '')
    for (;;) {
      const message = await this.next()
      if (message.id === 'echo') return
    }
  }
}

/** Connects; the socket is cut when the test ends. */
export async function connectPeer (t: Test, url: string, options: ClientOptions = {}): Promise<Peer> {
  const ws = new WebSocket(url, options)
  t.teardown(() => ws.terminate())
  const peer = new Peer(ws)
  await once(ws, 'open')
  return peer
}

/** The HTTP status that an upgrade was refused with. */
export async function refusal (t: Test, url: string, options: ClientOptions = {}): Promise<number> {
  const ws = new WebSocket(url, options)
  t.teardown(() => ws.terminate())
  return await new Promise((resolve, reject) => {
    ws.on('open', () => reject(new Error('the upgrade was not refused')))
    ws.on('unexpected-response', (_request, response) => {
      response.resume()
      resolve(response.statusCode!)
    })
    ws.on('error', reject)
  })
}
