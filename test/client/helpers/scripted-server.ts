/** A server for tests that says exactly what the test tells it to, on a real WebSocket. */
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Test } from 'tap'
import { WebSocketServer } from 'ws'
import type { ServerOptions, WebSocket } from 'ws'

/** One client's connection, with what it has sent. */
export class Peer {
  readonly socket: WebSocket
  readonly request: IncomingMessage
  readonly #frames: string[] = []
  #waiting: ((frame: string) => void) | undefined
  /** Resolves with the code that the client closed with. */
  readonly closed: Promise<{ code: number, reason: string }>

  constructor (socket: WebSocket, request: IncomingMessage) {
    this.socket = socket
    this.request = request
    socket.on('error', () => {})
    socket.on('message', (data: Buffer) => {
      const frame = data.toString()
      if (this.#waiting === undefined) this.#frames.push(frame)
      else this.#waiting(frame)
      this.#waiting = undefined
    })
    this.closed = new Promise((resolve) => {
      socket.on('close', (code, reason) => resolve({ code, reason: reason.toString() }))
    })
  }

  /** The next frame that the client sends. */
  frame (): Promise<string> {
    const frame = this.#frames.shift()
    return frame === undefined ? new Promise((resolve) => { this.#waiting = resolve }) : Promise.resolve(frame)
  }

  /** The next message that the client sends, in plain framing. */
  async message (): Promise<{ type: string, id: number, name: string, data: unknown }> {
    return JSON.parse(await this.frame())
  }

  say (message: unknown): void {
    this.socket.send(typeof message === 'string' ? message : JSON.stringify(message))
  }

  state (...diff: unknown[]): void {
    this.say({ type: 'state', diff })
  }

  whole (value: unknown): void {
    this.state({ op: 'replace', path: '', value })
  }
}

export class ScriptedServer {
  readonly wss: WebSocketServer
  readonly peers: Peer[] = []
  readonly #unclaimed: Peer[] = []
  #waiting: ((peer: Peer) => void) | undefined

  constructor (wss: WebSocketServer) {
    this.wss = wss
    wss.on('connection', (socket, request) => {
      const peer = new Peer(socket, request)
      this.peers.push(peer)
      if (this.#waiting === undefined) this.#unclaimed.push(peer)
      else this.#waiting(peer)
      this.#waiting = undefined
    })
  }

  get port (): number {
    return (this.wss.address() as AddressInfo).port
  }

  get url (): string {
    return `ws://127.0.0.1:${this.port}/ws`
  }

  /** The next client that connects. */
  peer (): Promise<Peer> {
    const peer = this.#unclaimed.shift()
    return peer === undefined ? new Promise((resolve) => { this.#waiting = resolve }) : Promise.resolve(peer)
  }

  async stop (): Promise<void> {
    for (const { socket } of this.peers) socket.terminate()
    await new Promise((resolve) => this.wss.close(resolve))
  }
}

/** @param port - 0: any that is free */
export async function scriptedServer (t: Test, port = 0, options: ServerOptions = {}): Promise<ScriptedServer> {
  const wss = new WebSocketServer({ host: '127.0.0.1', port, ...options })
  await once(wss, 'listening')
  const server = new ScriptedServer(wss)
  t.teardown(() => server.stop())
  return server
}
