/** Knows the TCP connections that have not sent a whole request yet, which nobody else ends when the app closes. */
import { Server as HttpServer } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { Server as HttpsServer } from 'node:https'
import type { Socket } from 'node:net'

/**
 * Node waits for them for ever once its server is closing: its own check of slow headers ends with `close()`. Idle
 * keep-alive connections it ends itself. Over TLS these are connections whose handshake is done.
 */
export class SilentSockets {
  readonly #sockets = new Set<Socket>()
  readonly #forget: (this: Socket) => void

  constructor (server: unknown) {
    const sockets = this.#sockets
    this.#forget = function () { sockets.delete(this) }
    // the streams of HTTP/2 are not told apart by their socket
    if (!(server instanceof HttpServer || server instanceof HttpsServer)) return
    server.on(server instanceof HttpsServer ? 'secureConnection' : 'connection', (socket: Socket) => {
      sockets.add(socket)
      socket.on('close', this.#forget)
    })
    server.on('request', (request: IncomingMessage) => this.spoke(request))
  }

  /** A request came whole; 'upgrade' is listened to elsewhere. */
  spoke ({ socket }: IncomingMessage): void {
    if (this.#sockets.delete(socket)) socket.removeListener('close', this.#forget)
  }

  destroy (): void {
    for (const socket of this.#sockets) socket.destroy()
  }
}
