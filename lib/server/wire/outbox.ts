/** What one connection sends: in order, in few writes, and never more than a bounded amount ahead of the peer. */
import { ConnectionClosedError } from '../../errors.ts'
import { ignorable } from '../ignorable.ts'
import { closeCodes } from '../../protocol/close-codes.ts'
import { headerLast } from '../../protocol/segmented.ts'
import { EncodedMessage, isOneFrame } from './encoded-message.ts'
import { MessageQueue } from './message-queue.ts'
import { FrameGate } from './frame-gate.ts'
import type { FrameSink } from './sending-socket.ts'
import { textFrames } from './ws-frame.ts'
import type { WebSocket } from 'ws'
import type { MessageEncoding } from './encoded-message.ts'
import type { QueuedMessage, Waiter } from './message-queue.ts'
import type { OutboxLimits, OutboxOwner } from './outbox-owner.ts'

/** Longest reply in characters that is put into one buffer with others. */
const maxBatchedReply = 16 * 1024
/** Replies in characters after which a batch goes at once. */
const maxBatch = 64 * 1024
/** Length in bytes of a message that has pings between its pieces: 10 s on a line of 50 kB/s. */
const slowLength = 512 * 1024

const open = 1 // WebSocket.OPEN, without loading ws for it
const delivered = Promise.resolve()
const noop = () => {}

/**
 * Writes ready frames straight to the socket.
 *
 * ```
 * reply ──▶ batch ──▶┐ end of the turn              gate: unsent < maxBufferedBytes
 * post, deliver ────▶├──▶ queue (maxQueuedBytes) ──▶ │ ──▶ socket
 * writeState ─▶ age ─▶┘                                       ▲
 * ping, pong, close ──────────────────────────────────────────┘
 * ```
 *
 * `ws` writes control frames to the same socket. None of them gets into the middle of a frame, since either side writes
 * whole frames. None is overtaken, since nothing waits inside `ws`: its `Sender` queues only behind a message that it
 * deflates or reads from a Blob, and no message is ever given to it. Nothing follows a close frame.
 */
export class Outbox extends FrameGate {
  readonly #limits: OutboxLimits
  readonly #owner: OutboxOwner
  #ended = false
  #batchLength = 0
  /** Whether what waits stands back, so that the state may go before it. */
  #statesTurn = false
  // The rest exists only while there is something to keep in it: most connections are idle.
  #batch: string[] | undefined
  #queue: MessageQueue | undefined
  /** Of messages that are in the socket, while that holds too much. */
  #waiters: Waiter[] | undefined
  /** What the next message of the state carries beside the patch, as a JSON member. */
  stateMember: string | undefined
  /** The same of the parts that the state is of: the last ones count. */
  pathsMember: string | undefined
  /** Whether messages of the state say which revision they lead to, and what the first of them carries beside that. */
  isPlaced = false
  placeMember: string | undefined

  /** @param encoding - `undefined`: not known yet; everything waits for `setEncoding` */
  constructor (ws: WebSocket, socket: FrameSink, limits: OutboxLimits, encoding: MessageEncoding | undefined, owner: OutboxOwner) {
    super(ws, socket, limits.maxBufferedBytes, limits.pingDelay === null ? 0 : limits.pingTimeout, encoding)
    this.#limits = limits
    this.#owner = owner
  }

  /** Whether messages may go now: nothing waits, and the socket holds less than `maxBufferedBytes`. */
  get isClear (): boolean {
    return this.#queue === undefined && this.#isReady
  }

  /** Whether state may go now: as `isClear`, and what is on its way is not old. */
  get writable (): boolean {
    return (this.#queue === undefined || this.#statesTurn) && this.#isReady && !this.isLate
  }

  /** Whether the peer does not take what it is sent as fast as that comes. */
  get isBehind (): boolean {
    return this.isShut || this.isHeld || this.#queue !== undefined
  }

  /** Bytes of responses and notifications that wait. */
  get queuedBytes (): number {
    return this.#queue?.bytes ?? 0
  }

  /** What has not left, with its bytes: messages that wait, and buffers in the socket. */
  * unsent (): Iterable<readonly [held: object, bytes: number]> {
    for (const buffer of this.unsentBuffers) yield [buffer, buffer.length]
    for (let message = this.#queue?.head; message !== undefined; message = message.next) yield [message.encoded, message.encoded.byteLength]
  }

  /** Drops what waits. */
  drop (): void {
    this.#abandon(new ConnectionClosedError(closeCodes.overLimit.code, closeCodes.overLimit.reason))
  }

  setEncoding (encoding: MessageEncoding): void {
    this.encoding = encoding
    this.#resume()
  }

  /** Sends a response; those made in one turn leave in one write when it ends. */
  reply (text: string): void {
    if (this.#ended) return
    const { length } = text
    if (!this.#batchable(length)) {
      this.post(new EncodedMessage(text))
    } else if (this.#batch === undefined) {
      this.#batch = [text]
      this.#batchLength = length
      process.nextTick(flushBatch, this)
    } else {
      this.#batch.push(text)
      this.#batchLength += length
      if (this.#batchLength > maxBatch) this.flush()
    }
  }

  /**
   * Sends a message that nobody waits for.
   *
   * @param behindState - it speaks of the state, which has to be brought up to date before it goes
   */
  post (message: EncodedMessage, behindState = false): void {
    if (behindState || !this.#direct(message)) this.#enqueue(message, message.byteLength, undefined, behindState)
  }

  /**
   * Sends a message.
   *
   * @returns resolves when it is in the socket and that holds less than `maxBufferedBytes`; may be ignored
   * @throws ConnectionClosedError rejects when the connection closes before
   */
  deliver (message: EncodedMessage, behindState = false): Promise<void> {
    const direct = !behindState && this.#direct(message)
    if (direct && !this.isShut) return delivered
    return ignorable(new Promise<void>((resolve, reject) => {
      if (direct) this.#wait({ resolve, reject })
      else this.#enqueue(message, message.byteLength, { resolve, reject }, behindState)
    }))
  }

  /** Sends a message of the state, which never counts as waiting. To be called only while writable. @see Subscriber */
  writeState (message: EncodedMessage, members = ''): void {
    const { stateMember, pathsMember, placeMember } = this
    if (this.isPlaced && message.revision !== -1) {
      message = message.with(`"revision":${message.revision}${members}`, 'placed')
      this.placeMember = undefined
      if (placeMember !== undefined) message = message.with(placeMember)
    }
    this.stateMember = this.pathsMember = undefined
    if (stateMember !== undefined) message = message.with(stateMember)
    // Of a message that all states share nothing is kept for each list of paths.
    if (pathsMember !== undefined) message = message.revision === -1 ? message.plus(pathsMember) : message.with(pathsMember)
    if (!this.#direct(message, true)) {
      if (this.#statesTurn) this.#queue!.unshift(message)
      else this.#enqueue(message, 0, undefined)
    }
    if (message.cost !== undefined) this.#limits.monitor.delivered(message, message.cost)
  }

  /** The state cannot be made into a message. */
  stateFailed (error: unknown): void {
    this.#owner.crash(error)
  }

  /** Ends the batch of replies now. */
  flush (): void {
    const texts = this.#batch
    if (texts === undefined) return
    this.#batch = undefined
    if (this.isClear) {
      this.write(textFrames(this.encoding!.framing === 'plain' ? '' : headerLast, texts), texts.length)
    } else {
      for (const text of texts) this.#enqueue(new EncodedMessage(text), Buffer.byteLength(text), undefined)
    }
  }

  /** Hands everything that waits to the socket, whatever that holds, then starts the closing handshake. */
  finish (code: number, reason: string): void {
    if (!this.#ended) {
      this.flush()
      this.#advance(true)
      this.#ended = true
    }
    this.ws.close(code, reason)
  }

  /** To be called when the connection has ended: whoever still waits is told so. */
  closed (code?: number, reason?: string): void {
    const error = new ConnectionClosedError(code, reason)
    const waiters = this.#waiters
    this.#waiters = undefined
    this.#abandon(error)
    this.gone()
    if (waiters !== undefined) for (const waiter of waiters) waiter.reject(error)
  }

  get #isReady (): boolean {
    return !this.isShut && this.#able
  }

  /** Whether messages can be sent at all. */
  get #able (): boolean {
    return this.encoding !== undefined && this.isOpen
  }

  protected override get isOpen (): boolean {
    return !this.#ended && this.ws.readyState === open
  }

  /** Whether a reply of this length may share a buffer with others. */
  #batchable (length: number): boolean {
    return length <= maxBatchedReply && this.encoding !== undefined && isOneFrame(this.encoding, length)
  }

  /** Writes a message that is one buffer now, if nothing is in its way; behind state goes a ping now and then. */
  #direct (message: EncodedMessage, isState = false): boolean {
    // What goes before those that wait does not take the replies with it, which were made behind them.
    const isAhead = isState && this.#statesTurn
    if (this.#batch !== undefined && !isAhead) this.flush()
    if (!(isAhead ? this.#isReady : this.isClear) || message.prepare(this.encodingOf(message)) !== undefined) return false
    const buffers = this.encode(message, true)
    if (buffers === undefined) return false
    const buffer = buffers[0]!
    if (isState && this.isProbeDue(buffer.length)) {
      this.write(message.probed(buffer, this.encoding!), 1)
      this.probed(message.probe, buffer.length)
    } else {
      this.write(buffer, 1)
    }
    return true
  }

  #enqueue (message: EncodedMessage, bytes: number, waiter: Waiter | undefined, behindState = false): void {
    // what was answered before goes before it
    this.flush()
    if (this.#ended) return waiter?.reject(new ConnectionClosedError())
    if (this.queuedBytes > 0 && this.queuedBytes + bytes > this.#limits.maxQueuedBytes) {
      const error = new ConnectionClosedError(closeCodes.overLimit.code, closeCodes.overLimit.reason)
      waiter?.reject(error)
      this.#abandon(error)
      this.#owner.overflow()
      return
    }
    this.grew(message.byteLength)
    const idle = this.#queue === undefined
    ;(this.#queue ??= new MessageQueue()).push(message, bytes, waiter, behindState)
    if (idle) this.#advance(false)
  }

  /** Moves what waits into the socket: while the gate is open, or for the last time all of it. */
  #advance (all: boolean): void {
    const queue = this.#queue
    let message = queue?.head
    while (message !== undefined && this.#able) {
      if (this.isShut && !all) return
      if (message.behindState) {
        if (this.isLate && !all) return
        message = this.#stateFirst(queue!, message)
        continue
      }
      if (message.buffers === undefined) {
        const preparing = all ? undefined : message.encoded.prepare(this.encodingOf(message.encoded))
        if (preparing !== undefined) {
          if (!message.preparing) preparing.then(() => this.#resume(), noop)
          message.preparing = true
          return
        }
        queue!.start(this.encode(message.encoded)!)
      }
      this.write(message.buffers![message.sent++]!, message.sent === message.buffers!.length ? 1 : 0)
      // What is long takes its time: the answers to these pings show that the peer is reading it.
      if (message.encoded.byteLength > slowLength) this.sendProbe()
      if (message.sent < message.buffers!.length) continue
      queue!.shift()
      if (message.waiter !== undefined) this.#wait(message.waiter)
      message = queue!.head
    }
    if (message === undefined) this.#queue = undefined
  }

  /** Has the state go before the head, which speaks of it. Where none will come any more, the head goes nowhere. */
  #stateFirst (queue: MessageQueue, head: QueuedMessage): QueuedMessage | undefined {
    this.#statesTurn = true
    const isBrought = this.#owner.bringState()
    this.#statesTurn = false
    if (isBrought) {
      head.behindState = false
    } else {
      queue.shift()
      head.waiter?.reject(new ConnectionClosedError())
    }
    return queue.head
  }

  protected override opened (): void {
    this.#resume()
  }

  protected override unanswered (): void {
    this.#owner.unanswered()
  }

  protected override grew (bytes: number): void {
    this.#limits.output.grew(bytes)
  }

  protected override roundTrip (ms: number): void {
    this.#limits.monitor.answered(ms)
  }

  /** The gate is open, or something else is there that was missing. */
  #resume (): void {
    if (!this.isShut) {
      // before anything else shuts it again
      const waiters = this.#waiters
      this.#waiters = undefined
      if (waiters !== undefined) for (const waiter of waiters) waiter.resolve()
      this.flushPong()
    }
    this.#advance(false)
    if (this.isClear) this.#owner.drained()
  }

  /** Of a message in the socket: delivered as soon as that holds less than the limit. */
  #wait (waiter: Waiter): void {
    if (!this.isShut) waiter.resolve()
    else (this.#waiters ??= []).push(waiter)
  }

  /** Drops what waits and takes no more. */
  #abandon (error: ConnectionClosedError): void {
    let message = this.#queue?.head
    this.#ended = true
    this.#queue = this.#batch = undefined
    for (; message !== undefined; message = message.next) message.waiter?.reject(error)
  }
}

// A function with an argument, not a closure, for nextTick.
const flushBatch = (outbox: Outbox) => outbox.flush()
