/** A bare connection: tests write HTTP as text and wait for what comes back. */
import { EventEmitter, once } from 'node:events'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { connect as connectSecure } from 'node:tls'
import type { Test } from 'tap'

export class RawSocket {
  readonly socket: Socket
  /** All that has come so far, as Latin-1. */
  text = ''
  /** Resolves with all that came once the server has ended the connection, or cut it. */
  readonly ended: Promise<string>
  readonly #events = new EventEmitter()

  constructor (socket: Socket) {
    this.socket = socket
    socket.on('error', () => {})
    socket.on('data', (chunk) => {
      this.text += chunk.toString('latin1')
      this.#events.emit('data')
    })
    this.ended = new Promise((resolve) => {
      for (const event of ['end', 'close']) socket.once(event, () => resolve(this.text))
    })
  }

  write (text: string): void {
    this.socket.write(text, 'latin1')
  }

  /** Waits until all that has come matches, and takes it away. */
  async until (pattern: RegExp): Promise<string> {
    while (!pattern.test(this.text)) await once(this.#events, 'data')
    const { text } = this
    this.text = ''
    return text
  }
}

/** Connects; the socket is cut when the test ends, and never ends by itself. */
export async function dial (t: Test, origin: string, ca?: string): Promise<RawSocket> {
  const { hostname, port } = new URL(origin)
  const target = { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port), allowHalfOpen: true }
  const socket = ca === undefined ? connect(target) : connectSecure({ ...target, ca, servername: '' })
  t.teardown(() => socket.destroy())
  const raw = new RawSocket(socket)
  await once(socket, ca === undefined ? 'connect' : 'secureConnect')
  return raw
}

/** The header of an upgrade to WebSocket. */
export function upgradeText (path: string, lines: readonly string[] = []): string {
  return [
    `GET ${path} HTTP/1.1`, 'Host: x', 'Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==', ...lines, '', ''
  ].join('\r\n')
}
