/** WebSockets of `ws` itself over a simulated line, as its own server and client make them out of an upgrade. */
import { WebSocket } from 'ws'
import type { SimSocket } from './link.ts'

/** Of `ws`, not documented: how a socket becomes a WebSocket. */
interface Internals {
  _isServer: boolean
  _readyState: number
  _req: unknown
  setSocket (socket: SimSocket, head: Buffer, options: Record<string, unknown>): void
  emitClose (): void
}

const open = (isServer: boolean, closeTimeout: number, autoPong = true): WebSocket => {
  const Unconnected = WebSocket as unknown as new (address: null, protocols: undefined, options: Record<string, unknown>) => WebSocket
  const ws = new Unconnected(null, undefined, { autoPong, maxPendingAutoPongs: 60, closeTimeout })
  ;(ws as unknown as Internals)._isServer = isServer
  return ws
}

const become = (ws: WebSocket, socket: SimSocket, maxPayload: number): void => {
  (ws as unknown as Internals).setSocket(socket, Buffer.alloc(0), {
    allowSynchronousEvents: true,
    maxBufferedChunks: 262_144,
    maxFragments: 16_384,
    maxPayload,
    skipUTF8Validation: false,
    generateMask: (mask: Buffer) => mask.fill(0x5a)
  })
}

/** The server's end. */
export function serverSocket (socket: SimSocket, maxPayload: number): WebSocket {
  const ws = open(true, 30_000)
  become(ws, socket, maxPayload)
  return ws
}

/** The client's end, which is not open yet. */
export class ClientSocket {
  readonly ws: WebSocket
  readonly #socket: SimSocket
  readonly #maxPayload: number
  #isOver = false

  constructor (socket: SimSocket, maxPayload: number, autoPong = true) {
    this.#socket = socket
    this.#maxPayload = maxPayload
    this.ws = open(false, 1000, autoPong)
    // what `ws` aborts where it is closed before it is open
    ;(this.ws as unknown as Internals)._req = { setHeader: true, abort: () => { this.#isOver = true; socket.destroy() } }
  }

  /** Whether nobody waits for the opening any more. */
  get isOver (): boolean {
    return this.#isOver
  }

  opened (): void {
    if (!this.#isOver) become(this.ws, this.#socket, this.#maxPayload)
  }

  /** There was no opening. */
  refused (error: Error): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#socket.destroy()
    const ws = this.ws as unknown as Internals
    ws._readyState = WebSocket.CLOSING
    this.ws.emit('error', error)
    ws.emitClose()
  }
}
