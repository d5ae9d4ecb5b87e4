/**
 * A WebSocket client that costs as little as one can: it reads frame headers from the TCP stream, counts messages and
 * throws their payload away, so that the load does not starve the server on a machine of two cores.
 */
import { connect, type Socket } from 'node:net'
import { clock } from '../children.ts'
import { clientFrame, putDigits } from './client-frame.ts'
import type { Dialect } from './dialects.ts'

export interface LightOptions {
  port: number
  dialect: Dialect
  /** A message of at least this many bytes is the whole state: from then on the client has joined. */
  wholeBytes: number
  compression: boolean | 'remembers'
  /** Whether every message after the join is counted as an update. */
  countsAll?: boolean
  /** For so many updates the time of arrival is kept. */
  keep: number
  /** Bytes a second that it reads; none: all there are. */
  rate?: number
}

/** How often a slow client reads, in ms. */
const slice = 50

/** Of the messages after the join, shorter ones are bookkeeping of the peer; where updates are short, all are counted. */
const longUpdate = 100
// Shared by all clients of this process: what is read into it is looked at once, at once.
const readBuffer = Buffer.allocUnsafe(256 * 1024)

export class LightClient {
  /** Resolves when the whole state has arrived. */
  readonly joined: Promise<void>
  /** When each update arrived. */
  readonly arrivals: Float64Array
  updates = 0
  bytes = 0
  answers = 0
  paused = false
  open = true
  readonly #options: LightOptions
  readonly #socket: Socket
  #resolve!: () => void
  #reject!: (error: Error) => void
  #hasJoined = false
  #handshake: Buffer | null = Buffer.alloc(0)
  readonly #header = Buffer.alloc(10)
  #have = 0
  #left = -1
  #isControl = false
  /** The payload of a control frame. */
  readonly #control = Buffer.alloc(125)
  #controlLength = 0
  #first = -1
  #message = 0
  #wire = 0
  #requests: Buffer | null = null
  #requestBytes = 0
  #key = 0
  #unanswered = 0
  /** Bytes that a slow client may still read in this slice. */
  #credit = 0
  #timer: NodeJS.Timeout | undefined

  constructor (options: LightOptions, path: string) {
    this.#options = options
    this.arrivals = new Float64Array(options.keep)
    this.joined = new Promise((resolve, reject) => { this.#resolve = resolve; this.#reject = reject })
    this.#socket = connect({
      host: '127.0.0.1',
      port: options.port,
      onread: { buffer: readBuffer, callback: (size) => { this.#chunk(size); return true } }
    })
    this.#socket.setNoDelay(true)
    const { rate } = options
    if (rate !== undefined) {
      this.#timer = setInterval(() => {
        this.#credit = Math.min(this.#credit + rate * slice / 1000, rate)
        if (this.#credit > 0) this.#socket.resume()
      }, slice)
    }
    this.#socket.on('connect', () => this.#socket.write(
      `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${options.port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
      'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n' +
      (options.compression
        ? `Sec-WebSocket-Extensions: permessage-deflate; client_no_context_takeover${options.compression === 'remembers' ? '' : '; server_no_context_takeover'}\r\n`
        : '') +
      '\r\n'))
    this.#socket.on('error', () => {})
    this.#socket.on('close', () => {
      this.open = false
      clearInterval(this.#timer)
      this.#reject(new Error('the server closed a connection'))
    })
  }

  /** Counts from zero again. */
  reset (): void {
    this.updates = this.bytes = this.answers = 0
  }

  /** Keeps so many requests in flight from now on: each answer is followed by the next request. */
  request (outstanding: number): void {
    const one = this.#options.dialect.request!
    this.#requestBytes = one.length
    this.#requests = Buffer.concat(new Array(outstanding).fill(one))
    this.#ask(outstanding)
  }

  #ask (count: number): void {
    const { keyAt } = this.#options.dialect
    let requests = this.#requests!.subarray(0, count * this.#requestBytes)
    if (keyAt !== undefined) {
      // the socket may hold on to what it was given last
      requests = Buffer.from(requests)
      for (let i = 0; i < count; i++) putDigits(requests, i * this.#requestBytes, keyAt, ++this.#key)
    }
    this.#socket.write(requests)
  }

  pause (): void {
    this.paused = true
    this.#socket.pause()
  }

  destroy (): void {
    this.#socket.destroy()
  }

  #chunk (size: number): void {
    if (this.#timer !== undefined) {
      this.#credit -= size
      if (this.#credit <= 0) this.#socket.pause()
    }
    let at = 0
    if (this.#handshake !== null) {
      const text = Buffer.concat([this.#handshake, readBuffer.subarray(0, size)])
      const end = text.indexOf('\r\n\r\n')
      if (end < 0) { this.#handshake = text; return }
      if (!text.subarray(0, 12).equals(Buffer.from('HTTP/1.1 101'))) {
        this.#reject(new Error(`no upgrade: ${text.subarray(0, end)}`))
        this.#socket.destroy()
        return
      }
      at = size - (text.length - end - 4)
      this.#handshake = null
      for (const frame of this.#options.dialect.opening) this.#socket.write(frame)
    }
    const now = clock()
    while (at < size) {
      if (this.#left < 0) {
        this.#header[this.#have++] = readBuffer[at++]!
        if (!this.#headerIsComplete()) continue
      } else {
        if (this.#first < 0 && !this.#isControl) this.#first = readBuffer[at]!
        const taken = Math.min(this.#left, size - at)
        if (this.#isControl) this.#controlLength += readBuffer.copy(this.#control, this.#controlLength, at, at + taken)
        at += taken
        this.#left -= taken
      }
      if (this.#left === 0) this.#endOfFrame(now)
    }
    if (this.#unanswered > 0) {
      this.#ask(this.#unanswered)
      this.#unanswered = 0
    }
  }

  #headerIsComplete (): boolean {
    const header = this.#header
    if (this.#have < 2) return false
    const short = header[1]! & 0x7f
    if (short === 126 && this.#have < 4) return false
    if (short === 127 && this.#have < 10) return false
    this.#left = short === 126 ? header.readUInt16BE(2) : short === 127 ? header.readUInt32BE(6) : short
    this.#wire += this.#have + this.#left
    this.#have = 0
    // A control frame may stand between the fragments of a message.
    this.#isControl = (header[0]! & 0x08) !== 0
    if (!this.#isControl) this.#message += this.#left
    return true
  }

  #endOfFrame (now: number): void {
    const { dialect, wholeBytes } = this.#options
    this.#left = -1
    if (this.#isControl) {
      if ((this.#header[0]! & 0x0f) === 9) this.#socket.write(clientFrame(10, this.#control.subarray(0, this.#controlLength)))
      this.#controlLength = 0
      return
    }
    if ((this.#header[0]! & 0x80) === 0) return
    const first = this.#first
    const message = this.#message
    const wire = this.#wire
    this.#first = -1
    this.#wire = this.#message = 0
    const reply = dialect.reply?.(first, message)
    if (reply !== undefined) {
      this.#socket.write(reply)
    } else if (!this.#hasJoined) {
      if (message < wholeBytes) return
      this.#hasJoined = true
      this.#resolve()
    } else if (this.#requests !== null) {
      this.answers++
      this.#unanswered++
    } else if (message >= longUpdate || this.#options.countsAll === true) {
      if (this.updates < this.arrivals.length) this.arrivals[this.updates] = now
      this.updates++
      this.bytes += wire
    }
  }
}
