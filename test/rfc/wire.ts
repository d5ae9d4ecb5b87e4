/** One client of a case: it writes the upgrade and its frames as bytes, and keeps what comes back as bytes. */
import { EventEmitter, once } from 'node:events'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import type { Test } from 'tap'

const endOfHead = '\r\n\r\n'

export class Wire {
  readonly socket: Socket
  /** The server has ended the connection, or cut it. */
  ended = false
  #received: Buffer = Buffer.alloc(0)
  readonly #events = new EventEmitter()

  /** Takes a socket that somebody has connected; it is cut when the test ends. */
  static of (t: Test, socket: Socket): Wire {
    t.teardown(() => socket.destroy())
    return new Wire(socket)
  }

  private constructor (socket: Socket) {
    this.socket = socket
    socket.setNoDelay(true)
    socket.on('error', () => {})
    socket.on('data', (chunk) => {
      this.#received = Buffer.concat([this.#received, chunk])
      this.#events.emit('news')
    })
    for (const event of ['end', 'close']) {
      socket.on(event, () => {
        this.ended = true
        this.#events.emit('news')
      })
    }
  }

  /** Connects by TCP; the socket is cut when the test ends. */
  static async dial (t: Test, origin: string): Promise<Wire> {
    const socket = connect({ port: Number(new URL(origin).port), host: '127.0.0.1', allowHalfOpen: true })
    const wire = Wire.of(t, socket)
    await once(socket, 'connect')
    return wire
  }

  /** Writes the head of a request. @returns the lines of that of the answer */
  async ask (lines: readonly string[]): Promise<string[]> {
    this.socket.write([...lines, '', ''].join('\r\n'), 'latin1')
    return await this.head()
  }

  /** Waits for the head of a request or an answer, and takes it. @returns its lines */
  async head (): Promise<string[]> {
    await this.#until(() => this.#received.includes(endOfHead))
    const end = this.#received.indexOf(endOfHead)
    const head = this.#received.toString('latin1', 0, end)
    this.#received = this.#received.subarray(end + endOfHead.length)
    return head.split('\r\n')
  }

  /** Writes, and waits until it has gone. */
  async write (bytes: Buffer): Promise<void> {
    if (this.socket.destroyed) return
    await new Promise((resolve) => { this.socket.write(bytes, resolve) })
  }

  /** What came behind the head, and has not been taken. */
  get received (): Buffer {
    return this.#received
  }

  /** Waits for so many bytes, and takes them; less come only where the server ends the connection before. */
  async take (length: number): Promise<Buffer> {
    await this.#until(() => this.#received.length >= length)
    const taken = this.#received.subarray(0, length)
    this.#received = this.#received.subarray(taken.length)
    return taken
  }

  /** Waits for one frame, and takes it. */
  async frame (): Promise<Frame> {
    const start = await this.take(2)
    const short = start[1]! & 0x7f
    const extended = await this.take(short === 127 ? 8 : short === 126 ? 2 : 0)
    const length = short === 127 ? Number(extended.readBigUInt64BE()) : short === 126 ? extended.readUInt16BE() : short
    const masked = start[1]! > 0x7f
    const mask = masked ? await this.take(4) : undefined
    const payload = Buffer.from(await this.take(length))
    if (mask !== undefined) for (let i = 0; i < length; i++) payload[i]! ^= mask[i % 4]!
    return { first: start[0]!, masked, mask, header: Buffer.concat([start, extended]), payload }
  }

  /** Waits until the server has ended the connection. @returns what came, and was not taken before */
  async end (): Promise<Buffer> {
    await this.#until(() => this.ended)
    return this.#received
  }

  async #until (test: () => boolean): Promise<void> {
    while (!test() && !this.ended) await once(this.#events, 'news')
  }
}

export interface Frame {
  /** FIN, RSV1 to RSV3, opcode. */
  readonly first: number
  readonly masked: boolean
  readonly mask: Buffer | undefined
  readonly header: Buffer
  readonly payload: Buffer
}

/** The upgrade of every case: the key is that of RFC 6455, section 1.3. */
export function upgradeLines (path: string, ...more: string[]): string[] {
  return [
    `GET ${path} HTTP/1.1`, 'Host: server.example.com', 'Upgrade: websocket', 'Connection: Upgrade',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==', 'Sec-WebSocket-Version: 13', ...more
  ]
}
