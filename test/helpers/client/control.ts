/** Scripted servers for tests of the client: they say exactly what a test tells them to, on real sockets. */
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import type { IncomingMessage } from 'node:http'
import { WebSocketServer } from 'ws'
import type { WebSocket } from 'ws'

/**
 * What a test can do. Everything is plain data and asynchronous, so that a test in a page can call it across the
 * border. Clients are numbered from 0 in the order in which they connect.
 */
export interface Control {
  /** Starts another server. Its number, from 0, and the address of its WebSocket. */
  listen (): Promise<{ server: number, url: string }>
  /** Ends a server and every connection to it. */
  stop (server: number): Promise<void>
  /** Starts it again, at the same address. */
  restart (server: number): Promise<void>
  /** An address at which a server takes connections and never says a word. */
  silent (): Promise<string>
  /** The next client that connects to any of the servers. */
  next (): Promise<number>
  /** How many clients have connected. */
  count (): Promise<number>
  /** What a client asked for: server and path. */
  asked (client: number): Promise<{ server: number, path: string }>
  /** The next frame that a client sends. */
  frame (client: number): Promise<string>
  /** Frames that came and were not asked for. */
  unread (client: number): Promise<string[]>
  /** Sends text as it is. */
  say (client: number, ...frames: string[]): Promise<void>
  sayBinary (client: number, bytes: number[]): Promise<void>
  close (client: number, code?: number, reason?: string): Promise<void>
  /** Ends the connection without a word. */
  drop (client: number): Promise<void>
  /** Reads nothing more from a client: it is connected, and nobody is there. */
  ignore (client: number): Promise<void>
  /** How a client's connection ended, as the server saw it. */
  closed (client: number): Promise<{ code: number, reason: string }>
  /** From now on every client is closed at once, until another code is given; null: no longer. */
  closeAll (code: number | null): Promise<void>
  /** From now on every client is sent these frames in one go with the handshake. */
  greet (...frames: string[]): Promise<void>
}

/** One client's connection, as the server sees it. */
class Peer {
  readonly socket: WebSocket
  readonly server: number
  readonly path: string
  readonly frames: string[] = []
  readonly closed: Promise<{ code: number, reason: string }>
  waiting: ((frame: string) => void) | undefined

  constructor (socket: WebSocket, server: number, request: IncomingMessage) {
    this.socket = socket
    this.server = server
    this.path = request.url!
    socket.on('error', () => {})
    socket.on('message', (data: Buffer) => {
      if (this.waiting === undefined) this.frames.push(data.toString())
      else this.waiting(data.toString())
      this.waiting = undefined
    })
    this.closed = new Promise((resolve) => {
      socket.on('close', (code, reason) => resolve({ code, reason: reason.toString() }))
    })
  }

  frame (): Promise<string> {
    return this.frames.length > 0 ? Promise.resolve(this.frames.shift()!) : new Promise((resolve) => { this.waiting = resolve })
  }
}

interface Listening { port: number, wss: WebSocketServer | undefined }

export class ScriptedServers implements Control {
  readonly #servers: Listening[] = []
  readonly #peers: Peer[] = []
  readonly #arrivals: Array<(client: number) => void> = []
  readonly #quiet: Array<() => void> = []
  #claimed = 0
  #closeAll: number | null = null
  #greeting: string[] = []

  async listen (): Promise<{ server: number, url: string }> {
    const server = this.#servers.push({ port: 0, wss: undefined }) - 1
    await this.restart(server)
    return { server, url: `ws://127.0.0.1:${this.#servers[server]!.port}/ws` }
  }

  async stop (server: number): Promise<void> {
    const { wss } = this.#servers[server]!
    this.#servers[server]!.wss = undefined
    for (const socket of wss?.clients ?? []) socket.terminate()
    await new Promise<void>((resolve) => wss === undefined ? resolve() : wss.close(() => resolve()))
  }

  async restart (server: number): Promise<void> {
    const entry = this.#servers[server]!
    const wss = entry.wss = new WebSocketServer({ host: '127.0.0.1', port: entry.port })
    await once(wss, 'listening')
    entry.port = (wss.address() as AddressInfo).port
    // What is written before the handshake's answer has left joins it in one packet.
    wss.on('headers', (_headers, request) => {
      request.socket.cork()
      process.nextTick(() => request.socket.uncork())
    })
    wss.on('connection', (socket, request) => this.#arrived(new Peer(socket, server, request)))
  }

  async silent (): Promise<string> {
    const sockets = new Set<Socket>()
    const server = createServer((socket) => {
      sockets.add(socket)
      socket.on('error', () => {}).resume()
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    this.#quiet.push(() => {
      for (const socket of sockets) socket.destroy()
      server.close()
    })
    return `ws://127.0.0.1:${(server.address() as AddressInfo).port}/ws`
  }

  async next (): Promise<number> {
    const client = this.#claimed++
    return client < this.#peers.length ? client : new Promise((resolve) => { this.#arrivals.push(resolve) })
  }

  async count (): Promise<number> {
    return this.#peers.length
  }

  async asked (client: number): Promise<{ server: number, path: string }> {
    const { server, path } = this.#peers[client]!
    return { server, path }
  }

  frame (client: number): Promise<string> {
    return this.#peers[client]!.frame()
  }

  async unread (client: number): Promise<string[]> {
    return this.#peers[client]!.frames
  }

  async say (client: number, ...frames: string[]): Promise<void> {
    for (const frame of frames) this.#peers[client]!.socket.send(frame)
  }

  async sayBinary (client: number, bytes: number[]): Promise<void> {
    this.#peers[client]!.socket.send(Buffer.from(bytes))
  }

  async close (client: number, code?: number, reason?: string): Promise<void> {
    this.#peers[client]!.socket.close(code, reason)
  }

  async drop (client: number): Promise<void> {
    this.#peers[client]!.socket.terminate()
  }

  async ignore (client: number): Promise<void> {
    this.#peers[client]!.socket.pause()
  }

  closed (client: number): Promise<{ code: number, reason: string }> {
    return this.#peers[client]!.closed
  }

  async closeAll (code: number | null): Promise<void> {
    this.#closeAll = code
  }

  async greet (...frames: string[]): Promise<void> {
    this.#greeting = frames
  }

  /** Lets go of what the clients so far have left here; their numbers are not used again. */
  forget (): void {
    this.#peers.fill(undefined as never)
  }

  /** Ends everything. */
  async end (): Promise<void> {
    await Promise.all(this.#servers.map((_entry, server) => this.stop(server)))
    for (const quiet of this.#quiet) quiet()
  }

  #arrived (peer: Peer): void {
    const client = this.#peers.push(peer) - 1
    for (const frame of this.#greeting) peer.socket.send(frame)
    if (this.#closeAll !== null) peer.socket.close(this.#closeAll)
    this.#arrivals.shift()?.(client)
  }
}
