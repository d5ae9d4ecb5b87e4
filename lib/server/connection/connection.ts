/** One connection: what comes in, what state it sees, and what it sends. */
import type { FastifyBaseLogger, FastifyRequest } from 'fastify'
import type { JsonValue } from '../../../types/json.ts'
import type { CloseInfo } from '../../../types/protocol.ts'
import type { Connection } from '../../../types/server.ts'
import type { State } from '../../../types/state.ts'
import { closeCodes } from '../../protocol/close-codes.ts'
import { ProtocolFault } from '../../protocol/fault.ts'
import { isTooSlow } from '../../protocol/framing.ts'
import { encodeNotify } from '../../protocol/messages.ts'
import { createState } from '../../state/state.ts'
import type { Store } from '../../state/store/store.ts'
import type { Arrival, ConnectionSettings } from './arrival.ts'
import { ConnectionFacade } from './connection-facade.ts'
import type { ConnectionInternals } from './connection-facade.ts'
import { EncodedMessage } from '../wire/encoded-message.ts'
import { ignorable } from '../ignorable.ts'
import { FramingDetector } from '../wire/framing-detector.ts'
import { InputValve } from '../wire/input-valve.ts'
import { framingAdvice } from './framing-advice.ts'
import type { WatchedConnection } from './keepalive.ts'
import { Lifecycle } from './lifecycle.ts'
import { Outbox } from '../wire/outbox.ts'
import { unfinishedBytes } from '../wire/unfinished.ts'
import type { OutboxOwner } from '../wire/outbox-owner.ts'
import type { BudgetHolder } from '../requests/input-budget.ts'
import { RequestQueue } from '../requests/request-queue.ts'
import type { RequestOwner } from '../requests/request-queue.ts'
import { syncGroupOf } from '../sync/registry.ts'
import type { SyncGroup } from '../sync/sync-group.ts'
import { closeCodeOf } from '../../protocol/ws-errors.ts'

let lastId = 0

/** In whole seconds: a small integer takes no memory of its own. */
const now = () => Math.floor(performance.now() / 1000)

/**
 * Thousands of these are idle at any time, so what is not always needed is made on first use, and event listeners and
 * timers are functions shared by all.
 */
export class ServerConnection extends Lifecycle
  implements BudgetHolder, ConnectionInternals, OutboxOwner, RequestOwner, WatchedConnection {
  declare protected readonly settings: ConnectionSettings
  readonly facade: Connection
  readonly request: FastifyRequest
  readonly remote: string
  quiet = 0
  readonly #outbox: Outbox
  readonly #number = ++lastId
  readonly #since = now()
  readonly #input: FramingDetector
  /** There once the connection has stopped reading for the first time; while it is shut, silence says nothing. */
  #valve: InputValve | undefined
  /** Whether the peer broke the protocol, so that nothing it sends matters any more. */
  #deaf = false
  /** How long (ms) a WebSocket message has not been whole. */
  #fragmentAge = 0
  #requests: RequestQueue | undefined
  #state: State<JsonValue> | undefined
  #group: SyncGroup | undefined
  #log: FastifyBaseLogger | undefined

  constructor (settings: ConnectionSettings, { ws, socket, request, remote, framing, state }: Arrival) {
    super(settings, ws)
    const { codecs } = settings
    this.facade = new ConnectionFacade(this)
    this.request = request
    this.remote = remote
    const encoding = framing === undefined ? undefined : codecs.encoding(framing, ws)
    this.#outbox = new Outbox(ws, socket, settings, encoding, this)
    this.#input = new FramingDetector(codecs, ws, this.#outbox, framing)
    this.#input.wait(settings.framingTimeout)
    // By silence the protocol says that the state is null, and a client that comes back cannot hear it.
    const { announce, journal } = Object(request.query) as { announce?: unknown, journal?: unknown }
    const announces = announce === '1'
    if (journal !== undefined) this.#outbox.stateMember = `"journal":"${settings.journal}"`
    if (state !== undefined) {
      this.#state = state.state
      this.#join(state.store, announces)
    } else if (announces) {
      settings.announcements.add(this.#outbox)
    }
  }

  get id (): string {
    return `c${this.#number}`
  }

  get state (): State<JsonValue> {
    return this.#state ?? this.#makeState()
  }

  get log (): FastifyBaseLogger {
    return (this.#log ??= this.request.log.child({ connection: this.id }))
  }

  /** Whether a connection sees this state. */
  sees (state: unknown): boolean {
    return this.#state === state
  }

  flush (): Promise<void> {
    if (!this.isOpen) return this.#refused()
    // Whoever flushes is owed the announcement as well; and who flushes a connection will use its state.
    if (this.settings.announcements.has(this.#outbox)) this.#makeState()
    return this.#group === undefined ? Promise.resolve() : ignorable(this.#group.flush(this.#outbox))
  }

  notify (name: string, data?: unknown, flush = false): Promise<void> {
    const text = encodeNotify(name, data)
    if (!this.isOpen) return this.#refused()
    return this.#outbox.deliver(new EncodedMessage(text), flush && !this.bringState())
  }

  /** Sends a message that others get as well. @param flush - behind the state as it is now */
  post (message: EncodedMessage, flush: boolean): void {
    if (this.isOpen) this.#outbox.post(message, flush && !this.bringState())
  }

  /** Who shares windows and messages of the state with this connection. */
  get group (): SyncGroup | undefined { return this.#group }

  /** A WebSocket message came. */
  receive (data: Buffer, isBinary: boolean): void {
    this.quiet = 0
    if (!this.isReceiving || this.#deaf) return
    this.#outbox.heard()
    if (this.#fragmentAge > 0) this.#whole()
    try {
      if (isBinary) throw new ProtocolFault(closeCodes.protocolError, 'binary messages are not part of the protocol')
      const { text, heap } = this.#input.read(data.toString(), data.length)
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
    if (this.#outbox.encoding?.framing !== 'segmented') this.quiet = 0
  }

  /** A pong of WebSocket came. */
  answered (payload: Buffer): void {
    if (this.#outbox.encoding?.framing === 'segmented') return
    this.quiet = 0
    this.#outbox.answered(payload.toString('latin1'))
  }

  /** `ws` found the peer's frames invalid and has begun to close. */
  broken (error: Error & { code?: string }): void {
    if (!this.isReceiving) return
    const info = closeCodeOf(error)
    this.log.info({ code: info.code, reason: info.reason }, 'connection closed: invalid WebSocket input')
    this.closeNow(info, true)
  }

  // What the outbox says

  overflow (): void {
    if (!this.isReceiving) return
    this.log.info({ code: closeCodes.overLimit.code }, 'connection closed: it reads too slowly for what must be delivered')
    this.closeNow(closeCodes.overLimit)
  }

  bringState (): boolean {
    return this.#group === undefined || this.#group.bring(this.#outbox)
  }

  unanswered (): void {
    this.log.warn('the client answers no pings, so that the age of what it shows is not bounded')
  }

  drained (): void {
    if (this.#group === undefined) this.settings.announcements.drained(this.#outbox)
    else this.#group.drained(this.#outbox)
    this.#requests?.resume()
  }

  // What the requests say

  get writable (): boolean {
    return this.#outbox.isClear
  }

  reply (text: string): void {
    if (this.isReceiving || this.isDraining) this.#outbox.reply(text)
  }

  reading (on: boolean): void {
    if (this.#deaf) return
    this.#outbox.reads(on)
    if (on) {
      this.quiet = 0
      this.#valve?.open()
    } else (this.#valve ??= new InputValve(this.ws)).shut()
  }

  fail (fault: unknown): void {
    if (!(fault instanceof ProtocolFault)) {
      this.crash(fault)
      return
    }
    const { code, reason } = fault.close
    if (code !== closeCodes.wrongFraming.code || this.settings.isNewStranger(this.remote)) {
      this.log.info({ code, reason }, 'connection closed: protocol error')
    }
    this.closeNow(fault.close)
  }

  shed (): void {
    if (!this.isReceiving) return
    const { code } = closeCodes.overLimit
    this.log.warn({ code, waitingBytes: this.waitingBytes }, 'connection closed: too much input waits, of all connections together')
    this.closeNow({ code, reason: 'too many requests wait' })
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
  }

  // What the keepalive asks

  get isReading (): boolean {
    // a glance for which nothing comes is as good: neither what it had sent nor its answer is there
    return this.#valve?.isShut !== true || this.#valve.isGlancing || !this.isAnswering
  }

  swept (ms: number): void {
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
    this.#outbox.ping()
  }

  progressed (): boolean {
    return this.#outbox.progressed()
  }

  pingTimedOut (): void {
    if (!this.isReceiving) return
    this.log.info({ code: closeCodes.pingTimeout.code }, 'connection closed: ping timeout')
    this.closeNow(closeCodes.pingTimeout)
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
    const { encoding, untouched } = this.#outbox
    if (untouched || this.#requests !== undefined) return
    const advice = framingAdvice(this.request, encoding!.framing, code, now() - this.#since)
    if (advice !== undefined && this.settings.isNewStranger(this.remote)) this.log.info({ code }, advice)
  }

  /** Whatever is wrong here, it is not to take the process and everybody else down. */
  crash (error: unknown): void {
    this.log.error({ err: error }, 'connection closed: internal error')
    this.closeNow({ code: 1011, reason: 'internal error' })
  }

  /** Makes the state of its own. The peer stands at null, as if the state had been there from the first moment. */
  #makeState (): State<JsonValue> {
    const state = this.#state = createState<JsonValue>(null)
    const toBeTold = this.settings.announcements.delete(this.#outbox)
    if (this.isOpen) this.#join(state as unknown as Store, toBeTold)
    return state
  }

  #join (store: Store<unknown>, announces: boolean): void {
    const { autoflushDelay, autoflushLeading } = this.settings
    this.#group = syncGroupOf(store as Store, autoflushDelay, autoflushLeading)
    this.#group.join(this.#outbox, announces)
  }

  // What the lifecycle asks

  protected get isAnswering (): boolean {
    return this.#requests !== undefined && this.#requests.running > 0
  }

  protected began (): void {
    this.#input.end()
    this.settings.closing(this)
    if (this.#group === undefined) this.settings.announcements.delete(this.#outbox)
    else this.#group.leave(this.#outbox)
    this.#requests?.stop()
  }

  protected finish (code: number, reason: string): void {
    if (this.#valve?.isShut === true) this.#valve.spend()
    this.#outbox.finish(code, reason)
  }

  protected finished (info: CloseInfo): void {
    this.#outbox.closed(info.code, info.reason)
    this.settings.closed(this)
  }

  #refused (): Promise<never> {
    return ignorable(Promise.reject(this.ending.error))
  }
}
