/** The way into one socket, shut while that holds too much that has not been sent. */
import type { Socket } from 'node:net'
import type { FrameSink } from './sending-socket.ts'

/** What is below a socket: Node's, not documented, and nothing depends on its being there. `_parent` is TCP below TLS. */
interface Handle { readonly writeQueueSize?: number, readonly _parent?: Handle }

const nothing: readonly Buffer[] = []

/** Room for control frames while the gate is shut. */
const controlRoom = 16 * 1024

/**
 * The gate shuts with the write that crosses the limit, and opens when that write has left. It does not go by the
 * event 'drain', which comes only for what crosses the stream's own mark.
 *
 * A base class and not a part: every connection has one, and this way it costs no object of its own.
 */
export abstract class SocketGate {
  readonly #socket: FrameSink
  readonly #limit: number
  #used = false
  /** Messages of the protocol that were written. */
  #sent = 0
  #shut = false
  /** Writes that crossed the limit and have not left. */
  #crossing = 0
  /** What had left the stream at the last look, and what the system had not taken of the write under way. */
  #mark = 0
  #untaken = 0
  /** What was written and the system has not taken, the newest last; there once it took less than all. */
  #unsent: Buffer[] | undefined
  /** How long they are together. */
  #unsentBytes = 0
  // Made when the socket first falls behind; most never do.
  #onLeft: ((error?: Error | null) => void) | undefined

  /** @param limit - unsent bytes in the socket from which the gate is shut */
  constructor (socket: FrameSink, limit: number) {
    this.#socket = socket
    this.#limit = limit
  }

  /** Whether no message has been written yet, so that the encoding of messages may still change. */
  get untouched (): boolean {
    return !this.#used
  }

  /** Messages, and bytes of both directions, the upgrade included; undefined where the stream is no socket. */
  get traffic (): { readonly messagesSent: number, readonly bytesReceived: number | undefined, readonly bytesSent: number | undefined } {
    const { bytesRead, bytesWritten } = this.#socket as FrameSink & Partial<Socket>
    // Node counts what waits as well, and no more where it is dropped in the end.
    const bytesSent = bytesWritten === undefined ? undefined : bytesWritten - this.#socket.writableLength
    return { messagesSent: this.#sent, bytesReceived: bytesRead, bytesSent }
  }

  protected get isShut (): boolean {
    return this.#shut
  }

  /** Whether not even control frames should go: there are as many already as ought to be. */
  protected get isJammed (): boolean {
    return this.#shut && this.#socket.writableLength > this.#limit + controlRoom
  }

  /** The gate was shut and is open again. */
  protected abstract opened (): void

  /**
   * Writes whole frames. Whether the gate is shut is the caller's to ask: what has to go goes.
   *
   * @param messages - how many end with them
   */
  protected write (buffer: Buffer, messages: number): void {
    this.#used = true
    this.#sent += messages
    this.#pass(buffer)
  }

  /**
   * Writes a control frame, past the gate. It neither shuts it nor keeps it shut, but for one that needs more than the
   * room for such: a peer may send nothing but pings, and not read.
   */
  protected writeControl (buffer: Buffer): void {
    const socket = this.#socket
    if (this.#shut || socket.writableLength + buffer.length <= this.#limit + controlRoom) socket.write(buffer)
    else this.#pass(buffer)
  }

  /** The system has not taken all that was written. */
  protected abstract grew (bytes: number): void

  /** What was written and has not left. */
  get unsentBuffers (): readonly Buffer[] {
    this.dropSent()
    return this.#unsent ?? nothing
  }

  /** Lets go what has left. To be called now and then, since it is kept until then. */
  dropSent (): void {
    if (this.#unsent !== undefined) this.#prune(this.#unsent)
  }

  /** The socket is gone, and with it what was in it: an app may keep its connection for long. */
  protected gone (): void {
    this.#unsent = undefined
  }

  #pass (buffer: Buffer): void {
    this.#put(buffer)
    if (this.#socket.writableLength === 0) return
    const unsent = this.#unsent ??= []
    unsent.push(buffer)
    this.#unsentBytes += buffer.length
    this.#prune(unsent)
    this.grew(buffer.length)
  }

  #prune (unsent: Buffer[]): void {
    const left = this.#socket.writableLength
    let gone = 0
    while (gone < unsent.length && this.#unsentBytes - unsent[gone]!.length >= left) this.#unsentBytes -= unsent[gone++]!.length
    if (gone === unsent.length) this.#unsent = undefined
    else unsent.splice(0, gone)
  }

  #put (buffer: Buffer): void {
    const socket = this.#socket
    if (socket.writableLength + buffer.length < this.#limit) {
      socket.write(buffer)
      return
    }
    // what fails instead of leaving is told by the end of the connection
    this.#onLeft ??= (error) => { if (!error) this.#crossingLeft() }
    this.#crossing++
    socket.write(buffer, this.#onLeft)
    // not so where the kernel took it at once
    this.#shut = socket.writableLength >= this.#limit
  }

  /**
   * Whether the peer is still taking what it was sent: the socket holds something, but less of it than at the last
   * call. Then a ping that went in meanwhile may not have come through yet.
   */
  progressed (): boolean {
    const socket = this.#socket as FrameSink & Partial<Socket> & { readonly _handle?: Handle | null }
    // not a number, and never progress, where the stream is no socket (an injected connection)
    const left = socket.bytesWritten! - socket.writableLength
    // A write leaves the stream as a whole, which may take minutes. How much of it is gone the handle alone knows; the
    // timeout of Node's own sockets asks it as well.
    const handle = socket._handle?._parent ?? socket._handle
    const untaken = handle?.writeQueueSize ?? 0
    const moved = left > this.#mark || untaken < this.#untaken
    this.#mark = left
    this.#untaken = untaken
    return moved && socket.writableLength > 0
  }

  #crossingLeft (): void {
    this.#crossing--
    // a later write that crossed opens the gate; control frames do not count
    if (!this.#shut || (this.#crossing > 0 && this.#socket.writableLength >= this.#limit)) return
    this.#shut = false
    this.opened()
  }
}
