/** One connection: what state it sees, and what it sends; what comes in is in `ConnectionInput`. */
import type { FastifyBaseLogger } from 'fastify'
import type { JsonValue } from '../../../types/json.ts'
import type { CloseInfo } from '../../../types/protocol.ts'
import type { Connection } from '../../../types/server.ts'
import type { ReadableState, State } from '../../../types/state.ts'
import { closeCodes } from '../../protocol/close-codes.ts'
import { encodeNotify } from '../../protocol/messages.ts'
import { createState } from '../../state/state.ts'
import type { Store } from '../../state/store/store.ts'
import type { Arrival, ConnectionSettings } from './arrival.ts'
import { ConnectionInput } from './connection-input.ts'
import { ConnectionFacade } from './connection-facade.ts'
import type { ConnectionInternals } from './connection-facade.ts'
import { EncodedMessage } from '../wire/encoded-message.ts'
import { ignorable } from '../ignorable.ts'
import type { OutboxOwner } from '../wire/outbox-owner.ts'
import { Places } from '../sync/places.ts'
import { syncGroupOf } from '../sync/registry.ts'
import type { SyncGroup } from '../sync/sync-group.ts'

let lastId = 0

/**
 * Thousands of these are idle at any time, so what is not always needed is made on first use, and event listeners and
 * timers are functions shared by all.
 */
export class ServerConnection extends ConnectionInput implements ConnectionInternals, OutboxOwner {
  readonly facade: Connection
  readonly #number = ++lastId
  #state: State<JsonValue> | undefined
  #group: SyncGroup | undefined
  /** Where its place in the state's history is known, where it may come back to that. */
  #places: Places | undefined
  #log: FastifyBaseLogger | undefined

  constructor (settings: ConnectionSettings, arrival: Arrival) {
    super(settings, arrival)
    const { request, state } = arrival
    this.facade = new ConnectionFacade(this)
    // By silence the protocol says that the state is null, and a client that comes back cannot hear it.
    const { announce, journal, epoch } = Object(request.query) as Record<string, unknown>
    const announces = announce === '1'
    if (journal !== undefined) this.outbox.stateMember = `"journal":"${settings.journal}"`
    if (state !== undefined) {
      this.#state = state.state
      // A state of its own nobody else sees, and so nobody comes back to it.
      if (epoch !== undefined && settings.resumeWindow > 0) this.#places = Places.of(state.store as Store)
      this.#join(state.store, state.state, announces)
    } else if (announces) {
      settings.announcements.add(this.outbox)
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
    if (this.settings.announcements.has(this.outbox)) this.#makeState()
    return this.#group === undefined ? Promise.resolve() : ignorable(this.#group.flush(this.outbox))
  }

  notify (name: string, data?: unknown, flush = false): Promise<void> {
    const text = encodeNotify(name, data)
    if (!this.isOpen) return this.#refused()
    return this.outbox.deliver(new EncodedMessage(text), flush && !this.bringState())
  }

  /** Sends a message that others get as well. @param flush - behind the state as it is now */
  post (message: EncodedMessage, flush: boolean): void {
    if (this.isOpen) this.outbox.post(message, flush && !this.bringState())
  }

  /** Who shares windows and messages of the state with this connection. */
  get group (): SyncGroup | undefined { return this.#group }

  // What the outbox says

  overflow (): void {
    if (!this.isReceiving) return
    this.reached('maxQueuedBytes')
    this.tell('info', { code: closeCodes.overLimit.code }, 'connection closed: it reads too slowly for what must be delivered')
    this.closeNow(closeCodes.overLimit)
  }

  bringState (): boolean {
    return (this.#group ?? this.settings.announcements).bring(this.outbox)
  }

  unanswered (): void {
    this.log.warn('the client answers no pings, so that the age of what it shows is not bounded')
  }

  drained (): void {
    if (this.#group === undefined) this.settings.announcements.drained(this.outbox)
    else this.#group.drained(this.outbox)
    this.resumeRequests()
  }

  /** Makes the state of its own. The peer stands at null, as if the state had been there from the first moment. */
  #makeState (): State<JsonValue> {
    const state = this.#state = createState<JsonValue>(null)
    const toBeTold = this.settings.announcements.delete(this.outbox)
    if (this.isOpen) this.#join(state as unknown as Store, state, toBeTold)
    return state
  }

  #join (store: Store<unknown>, state: State<JsonValue>, announces: boolean): void {
    const { autoflushDelay, autoflushLeading, resumeWindow, checkInterval } = this.settings
    this.#group = syncGroupOf(store as Store, state as ReadableState<unknown>, autoflushDelay, autoflushLeading, checkInterval)
    let base: number | undefined
    if (this.#places !== undefined) {
      this.outbox.isPlaced = true
      this.outbox.placeMember = `"epoch":"${this.#places.epoch}"`
      base = this.#places.find(this.request.query)
      this.#places.add(resumeWindow)
    }
    this.#group.join(this.outbox, announces, base)
  }

  // What the lifecycle asks

  protected override began (): void {
    super.began()
    this.settings.closing(this)
    if (this.#group === undefined) this.settings.announcements.delete(this.outbox)
    else this.#group.leave(this.outbox)
    this.#places?.delete(this.settings.resumeWindow)
  }

  /** To be called once it has an owner. Not by the connection's own logger, which most connections never need. */
  opened (): void {
    const { jugglerUser, log } = this.request
    const { monitor } = this.settings
    monitor.opened(this.facade)
    if (!monitor.floods.passes('connection opened')) return
    log.info({ connection: this.id, user: jugglerUser, remote: this.remote, framing: this.outbox.encoding?.framing ?? 'auto' }, 'connection opened')
  }

  protected finished (info: CloseInfo): void {
    if (info.code === closeCodes.stateDrifted.code && this.#places !== undefined) this.tell('warn', { code: info.code }, "a client's state was not the server's: it takes the whole")
    const { traffic } = this
    const { monitor } = this.settings
    if (monitor.floods.passes('connection ended')) {
      this.request.log.info({ connection: this.id, code: info.code, ...traffic }, 'connection ended')
    }
    monitor.closed(this.facade, info, traffic)
    this.outbox.closed(info.code, info.reason)
    this.settings.closed(this)
  }

  #refused (): Promise<never> {
    return ignorable(Promise.reject(this.ending.error))
  }
}
