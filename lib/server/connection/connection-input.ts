/** What comes in on one connection: messages, signs of life, and what is wrong with either. */
import type { FastifyBaseLogger, FastifyRequest } from 'fastify'
import type { CloseInfo, RequestMessage } from '../../../types/protocol.ts'
import type { Connection } from '../../../types/server.ts'
import type { LimitName } from '../../../types/stats.ts'
import { closeCodes } from '../../protocol/close-codes.ts'
import { ProtocolFault } from '../../protocol/fault.ts'
import { closeCodeOf } from '../../protocol/ws-errors.ts'
import { limitOf } from '../operations/limit-of.ts'
import type { Traffic } from '../operations/monitor.ts'
import type { BudgetHolder } from '../requests/input-budget.ts'
import { RequestQueue } from '../requests/request-queue.ts'
import type { RequestOwner } from '../requests/request-owner.ts'
import { FramingDetector } from '../wire/framing-detector.ts'
import { isTooSlow } from '../wire/guarded-decoder.ts'
import { InputValve } from '../wire/input-valve.ts'
import { Outbox } from '../wire/outbox.ts'
import type { OutboxOwner } from '../wire/outbox-owner.ts'
import type { OutputHolder } from '../wire/output-budget.ts'
import { unfinishedBytes } from '../wire/unfinished.ts'
import type { Arrival, ConnectionSettings } from './arrival.ts'
import { framingAdvice } from './framing-advice.ts'
import type { WatchedConnection } from './keepalive.ts'
import { Lifecycle } from './lifecycle.ts'

/** In whole ms: a small integer takes no memory of its own. */
const now = () => Math.floor(performance.now())

/** A base class and not a part: every connection has one, and this way it costs no object of its own. */
export abstract class ConnectionInput extends Lifecycle implements BudgetHolder, OutputHolder, RequestOwner, WatchedConnection {
  declare protected readonly settings: ConnectionSettings
  readonly request: FastifyRequest
  readonly remote: string
  quiet = 0
  protected readonly outbox: Outbox
  readonly #since = now()
  #received = 0
  readonly #detector: FramingDetector
  /** There once the connection has stopped reading for the first time; while it is shut, silence says nothing. */
  #valve: InputValve | undefined
  /** Whether the peer broke the protocol, so that nothing it sends matters any more. */
  #deaf = false
  /** How long (ms) a WebSocket message has not been whole. */
  #fragmentAge = 0
  #requests: RequestQueue | undefined
  /** How it is to close when no handler runs any more. */
  #retiring: CloseInfo | undefined

  constructor (settings: ConnectionSettings, { ws, socket, request, remote, framing }: Arrival) {
    super(settings, ws)
    const { codecs } = settings
    this.request = request
    this.remote = remote
    const encoding = framing === undefined ? undefined : codecs.encoding(framing, ws)
    // Whoever comes to be of this class is an owner of an outbox as well.
    this.outbox = new Outbox(ws, socket, settings, encoding, this as unknown as OutboxOwner)
    this.#detector = new FramingDetector(codecs, ws, this.outbox, framing)
    this.#detector.wait(settings.framingTimeout)
  }

  abstract readonly facade: Connection
  abstract readonly log: FastifyBaseLogger
  abstract watch (request: RequestMessage): void

  /** Closes at once. The reason tells a client whether what it has no answer to has not run: it goes by the one of the code. */
  retireNow ({ code, reason }: CloseInfo): void {
    this.closeNow({ code, reason: this.isAnswering ? `${reason}; handlers were cut` : reason })
  }

  /** Lets handlers that run come to their end, then closes; what else is asked meanwhile is refused. */
  retire (info: CloseInfo): void {
    if (!this.isAnswering) {
      this.close(info)
    } else if (this.isReceiving && this.#retiring === undefined) {
      this.#retiring = info
      this.#requests!.refuse()
    }
  }

  /** A WebSocket message came. */
  receive (data: Buffer, isBinary: boolean): void {
    this.quiet = 0
    this.#received++
    if (!this.isReceiving || this.#deaf) return
    this.outbox.heard()
    if (this.#fragmentAge > 0) this.#whole()
    try {
      if (isBinary) throw new ProtocolFault(closeCodes.protocolError, 'binary messages are not part of the protocol')
      const { text, heap } = this.#detector.read(data.toString(), data.length)
      this.#requestQueue.spend(text === undefined ? 0 : 1, data.length)
      if (text !== undefined) this.#requestQueue.push(text, heap!)
      else if (heap !== undefined) this.#requestQueue.part(heap)
    } catch (error) {
      if (error instanceof ProtocolFault) this.#fault(error)
      else this.crash(error)
    }
  }

  /** The socket is gone. */
  override ended (code: number, reason: string): void {
    if (this.isReceiving) this.#suspectFraming(code)
    super.ended(code, reason)
  }

  /** A ping of WebSocket came. In segmented framing the protocol has its own, and these say nothing. */
  heard (): void {
    if (this.outbox.encoding?.framing !== 'segmented') this.quiet = 0
  }

  /** A pong of WebSocket came. */
  answered (payload: Buffer): void {
    if (this.outbox.encoding?.framing === 'segmented') return
    this.quiet = 0
    this.outbox.answered(payload.toString('latin1'))
  }

  /** `ws` found the peer's frames invalid and has begun to close. */
  broken (error: Error & { code?: string }): void {
    if (!this.isReceiving) return
    const info = closeCodeOf(error)
    if (info.code === closeCodes.tooLarge.code) this.reached('maxPayload')
    this.tell('info', { code: info.code, reason: info.reason }, 'connection closed: invalid WebSocket input')
    this.closeNow(info, true)
  }

  // What the requests say

  get writable (): boolean {
    return this.outbox.isClear
  }

  reply (text: string): void {
    if (this.isReceiving || this.isDraining) this.outbox.reply(text)
  }

  reading (on: boolean): void {
    if (this.#deaf) return
    if (on) {
      this.quiet = 0
      this.#valve?.open()
    } else (this.#valve ??= new InputValve(this.ws)).shut()
    // the last: where state waited for an answer it goes now, and with it all may be as it was
    this.outbox.reads(on)
  }

  fail (fault: unknown): void {
    if (!(fault instanceof ProtocolFault)) {
      this.crash(fault)
      return
    }
    const { code, reason } = fault.close
    const limit = limitOf(fault)
    if (limit !== undefined) this.reached(limit)
    if (code !== closeCodes.wrongFraming.code || this.settings.isNewStranger(this.remote)) {
      this.tell('info', { code, reason }, 'connection closed: protocol error')
    }
    this.closeNow(fault.close)
  }

  shed (): void {
    if (!this.isReceiving) return
    const { code } = closeCodes.overLimit
    this.reached('bufferedBytes')
    this.tell('warn', { code, waitingBytes: this.waitingBytes }, 'connection closed: too much input waits, of all connections together')
    this.closeNow({ code, reason: 'too many requests wait' })
  }

  shedOutput (): void {
    if (!this.isReceiving) {
      // It may take what it was sent as slowly as it likes, and is given time for that: not where others need the room.
      this.terminate()
      return
    }
    this.reached('bufferedBytes')
    const { code } = closeCodes.overLimit
    this.tell('warn', { code }, 'connection closed: too much output waits, of all connections together')
    this.outbox.drop()
    this.closeNow({ code, reason: 'too much waits to be read' })
  }

  reached (limit: LimitName): void {
    this.settings.monitor.limit(limit, this.facade)
  }

  /** Bytes of requests that wait. */
  get waitingBytes (): number {
    return this.#requests?.waitingBytes ?? 0
  }

  relieved (): void {
    this.#requests?.relieved()
  }

  idle (): void {
    if (this.isDraining) this.sendClose()
    else if (this.#retiring !== undefined) this.close(this.#retiring)
  }

  // What the keepalive asks

  get isReading (): boolean {
    // a glance for which nothing comes is as good: neither what it had sent nor its answer is there
    return this.#valve?.isShut !== true || this.#valve.isGlancing || !this.isAnswering
  }

  swept (ms: number): void {
    this.outbox.dropSent()
    const bytes = this.isReceiving && !this.#deaf ? unfinishedBytes(this.ws) : 0
    if (bytes === 0) {
      if (this.#fragmentAge > 0) this.#whole()
      return
    }
    // While nothing is read it is not the peer's doing.
    if (this.#valve?.isShut !== true) this.#fragmentAge += ms
    if (isTooSlow(bytes, this.#fragmentAge)) this.#fault(new ProtocolFault(closeCodes.overLimit, 'a message in fragments comes too slowly'))
    else this.#requestQueue.fragments(bytes)
  }

  ping (): void {
    // A write to a peer that has gone fails, at the latest the second one. What is read tells as well.
    if (this.#requests?.isFull !== true) this.#valve?.glance()
    this.outbox.ping()
  }

  progressed (): boolean {
    return this.outbox.progressed()
  }

  pingTimedOut (): void {
    if (!this.isReceiving) return
    this.tell('info', { code: closeCodes.pingTimeout.code }, 'connection closed: ping timeout')
    this.closeNow(closeCodes.pingTimeout)
  }

  // What the lifecycle asks

  protected get isAnswering (): boolean {
    return this.#requests !== undefined && this.#requests.running > 0
  }

  protected began (): void {
    this.#detector.end()
    this.#requests?.stop()
  }

  protected finish (code: number, reason: string): void {
    if (this.#valve?.isShut === true) this.#valve.spend()
    this.outbox.finish(code, reason)
  }

  /** Whatever is wrong here, it is not to take the process and everybody else down. */
  crash (error: unknown): void {
    this.log.error({ err: error }, 'connection closed: internal error')
    this.closeNow({ code: 1011, reason: 'internal error' })
  }

  /** Says in the log why the connection is closed. */
  protected tell (level: 'info' | 'warn', details: object, message: string): void {
    if (this.settings.monitor.floods.passes('connection closed')) this.log[level](details, message)
  }

  /** What has gone either way so far. */
  get traffic (): Traffic {
    return { duration: now() - this.#since, messagesReceived: this.#received, ...this.outbox.traffic }
  }

  /** Whether the peer does not take what it is sent as fast as that comes. */
  get isBehind (): boolean {
    return this.outbox.isBehind
  }

  /** For how long in ms the peer has not said that it has read what it was sent; 0: nothing is asked. */
  get unansweredFor (): number {
    return this.outbox.unansweredFor
  }

  unsent (): Iterable<readonly [held: object, bytes: number]> {
    return this.outbox.unsent()
  }

  /** The output takes more again. */
  protected resumeRequests (): void {
    this.#requests?.resume()
  }

  #whole (): void {
    this.#fragmentAge = 0
    this.#requests?.fragments(0)
  }

  get #requestQueue (): RequestQueue {
    return (this.#requests ??= new RequestQueue(this, this.settings))
  }

  #fault (fault: ProtocolFault): void {
    this.#requestQueue.fault(fault)
    if (!this.isReceiving) return
    // Requests that came before are answered first; meanwhile nothing more is read.
    this.reading(false)
    this.#deaf = true
  }

  /** What the log says where a client of the other framing may have come: once for each address. */
  #suspectFraming (code: number): void {
    const { encoding, untouched } = this.outbox
    if (untouched || this.#requests !== undefined) return
    const advice = framingAdvice(this.request, encoding!.framing, code, Math.floor((now() - this.#since) / 1000))
    if (advice !== undefined && this.settings.isNewStranger(this.remote)) this.log.info({ code }, advice)
  }
}
