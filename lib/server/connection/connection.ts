/** One connection: what state it sees, and what it sends; what comes in is in `ConnectionInput`. */
import type { FastifyBaseLogger } from 'fastify'
import type { JsonValue } from '../../../types/json.ts'
import type { CloseInfo, RequestId, RequestMessage } from '../../../types/protocol.ts'
import type { Connection } from '../../../types/server.ts'
import type { ReadableState, State } from '../../../types/state.ts'
import type { View } from '../../../types/views.ts'
import { JugglerError } from '../../errors.ts'
import { closeCodes } from '../../protocol/close-codes.ts'
import { encodeAnswer, encodeNotify } from '../../protocol/messages.ts'
import { createState } from '../../state/state.ts'
import type { Source } from '../../state/source.ts'
import type { Store } from '../../state/store/store.ts'
import type { Arrival, ConnectionSettings } from './arrival.ts'
import { ConnectionInput } from './connection-input.ts'
import { ConnectionFacade } from './connection-facade.ts'
import type { ConnectionInternals } from './connection-facade.ts'
import { EncodedMessage } from '../wire/encoded-message.ts'
import { ignorable } from '../ignorable.ts'
import type { OutboxOwner } from '../wire/outbox-owner.ts'
import { storeOf } from '../sync/mirror.ts'
import { Places } from '../sync/places.ts'
import { syncGroupOf } from '../sync/registry.ts'
import type { SyncGroup } from '../sync/sync-group.ts'
import { readPathSet } from '../views/path-set.ts'
import type { PathSet } from '../views/path-set.ts'
import { Sight } from '../views/sight.ts'
import type { ChosenView } from '../views/sight.ts'
import { StateView } from '../views/view.ts'

let lastId = 0

/** Least time in ms between two changes of the parts of one connection. */
const leastBetween = 100

/** Those who have asked for other parts, each with why it does not get them, and the last ones that can be had. */
interface Wishes { readonly answers: Array<{ id: RequestId, error: JsonValue | undefined }>, paths: PathSet | undefined | 'same' }

// Not a closure, so that a timer holds nothing but its connection.
const rested = (connection: ServerConnection): void => connection.rested()

/**
 * Thousands of these are idle at any time, so what is not always needed is made on first use, and event listeners and
 * timers are functions shared by all.
 */
export class ServerConnection extends ConnectionInput implements ConnectionInternals, OutboxOwner {
  readonly facade: Connection
  readonly #number = ++lastId
  #state: State<JsonValue> | undefined
  #group: SyncGroup | undefined
  /** Where it does not see all of its state. */
  #sight: Sight | undefined
  /** What it may see, where views are used, and the parts that it has asked for. */
  readonly #chosenView: ChosenView | undefined
  #paths: PathSet | undefined
  /** Parts that were asked for since they were changed a moment ago; undefined: they were not. */
  #wishes: Wishes | undefined
  #restTimer: NodeJS.Timeout | undefined
  /** Whether the server keeps the parts that it asks for; where not, it is to be closed. */
  hasRoom = true
  /** Whether it may come back to its place in the history of what it sees, and where that is known. */
  #isResumable = false
  #places: Places | undefined
  #log: FastifyBaseLogger | undefined

  constructor (settings: ConnectionSettings, arrival: Arrival) {
    super(settings, arrival)
    const { request, state } = arrival
    this.#chosenView = arrival.view
    this.#paths = arrival.paths
    this.facade = new ConnectionFacade(this)
    // By silence the protocol says that the state is null, and a client that comes back cannot hear it.
    const { announce, journal, epoch } = Object(request.query) as Record<string, unknown>
    const announces = announce === '1'
    if (journal !== undefined) this.outbox.stateMember = `"journal":"${settings.journal}"`
    if (state !== undefined) {
      this.#state = state.state
      // A state of its own nobody else sees, and so nobody comes back to it.
      this.#isResumable = epoch !== undefined && settings.resumeWindow > 0
      this.#join(state.store, state.state, announces)
    } else if (announces) {
      if (this.#paths !== undefined) this.#tellPaths(this.#paths)
      settings.announcements.add(this.outbox)
    }
  }

  get id (): string {
    return `c${this.#number}`
  }

  get state (): State<JsonValue> {
    return this.#state ?? this.#makeState()
  }

  get view (): View {
    return new StateView(this.#chosenView?.key, this.#chosenView?.filter, () => storeOf(this.state))
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
    if (this.#chosenView !== undefined || this.#paths !== undefined) {
      try {
        this.#sight = new Sight(this.settings, store, this.#chosenView, this.#paths)
      } catch (error) {
        if (!(error instanceof JugglerError)) throw error
        this.hasRoom = false
        return
      }
    }
    if (this.#paths !== undefined) this.#tellPaths(this.#paths)
    const source = this.#sight?.source ?? store
    this.#group = this.#groupOf(source, state)
    this.#place(source)
    this.#group.join(this.outbox, announces, this.#places?.find(this.request.query))
  }

  #groupOf (source: Source, state: State<JsonValue>): SyncGroup {
    const { autoflushDelay, autoflushLeading, checkInterval } = this.settings
    return syncGroupOf(source, state as ReadableState<unknown>, autoflushDelay, autoflushLeading, checkInterval)
  }

  /** Has the client learn its place in the history of what it sees. */
  #place (source: Source): void {
    if (!this.#isResumable) return
    const { resumeWindow } = this.settings
    this.#places?.delete(resumeWindow)
    this.#places = Places.of(source)
    this.#places.add(resumeWindow)
    this.outbox.isPlaced = true
    this.outbox.placeMember = `"epoch":"${this.#places.epoch}"`
  }

  /**
   * Changes the parts of the state that the client is sent. It gets the values of the new ones in the message that takes
   * the others away, and the answer behind that. Who asks again and again gets the last of what was asked in a while,
   * since each change takes the text of all parts.
   */
  watch ({ id, data }: RequestMessage): void {
    let error: JsonValue | undefined
    const wishes = this.#wishes ?? { answers: [], paths: 'same' }
    try {
      wishes.paths = readPathSet(data)
    } catch (refusal) {
      if (!(refusal instanceof JugglerError)) return this.crash(refusal)
      error = refusal.data
    }
    wishes.answers.push({ id, error })
    if (this.#wishes === undefined) this.#fulfil(wishes)
  }

  /** Some time has gone by since parts were changed. */
  rested (): void {
    const wishes = this.#wishes!
    this.#wishes = undefined
    if (wishes.answers.length > 0) this.#fulfil(wishes)
  }

  /** Changes the parts to those that were asked for last, and answers everybody who has asked. */
  #fulfil ({ answers, paths }: Wishes): void {
    let refusal: JsonValue | undefined
    let rests = true
    try {
      rests = paths !== 'same' && this.#narrow(paths)
    } catch (error) {
      // It may be called by a timer, whose exceptions are nobody's.
      if (!(error instanceof JugglerError)) return this.crash(error)
      refusal = error.data
      this.reached('pathSets')
    }
    if (rests) {
      this.#wishes = { answers: [], paths: 'same' }
      this.#restTimer = setTimeout(rested, leastBetween, this)
    }
    for (const { id, error = refusal } of answers) {
      const text = error === undefined ? encodeAnswer(id, true, 'null') : encodeAnswer(id, false, JSON.stringify(error))
      if (this.isOpen) this.outbox.post(new EncodedMessage(text), !this.bringState())
    }
  }

  /** Has the next message of the state say which parts that is of. */
  #tellPaths (paths: PathSet | undefined): void {
    this.outbox.pathsMember = `"paths":${paths === undefined ? 'null' : JSON.stringify(paths.pointers)}`
  }

  /** Closes it, since the server keeps no more parts than it does. */
  refuseParts (): void {
    this.reached('pathSets')
    this.closeNow({ ...closeCodes.tryAgainLater, reason: 'too many different parts of the state are asked for' })
  }

  /** @returns whether the parts are others than before */
  #narrow (paths: PathSet | undefined): boolean {
    const state = this.#state
    if (state === undefined) {
      // A state of its own that nobody has touched is null in all of its parts; it is told so once more.
      if (paths?.id === this.#paths?.id) return false
      this.#paths = paths
      this.#tellPaths(paths)
      this.settings.announcements.add(this.outbox)
      return true
    }
    if (this.#sight === undefined && paths === undefined) return false
    this.#sight ??= new Sight(this.settings, storeOf(state), this.#chosenView, undefined)
    if (!this.#sight.narrow(paths)) return false
    this.#paths = paths
    this.#tellPaths(paths)
    const { source } = this.#sight
    const waiters = this.#group!.part(this.outbox)
    this.#place(source)
    this.#group = this.#groupOf(source, state)
    this.#group.take(this.outbox, waiters)
    return true
  }

  // What the lifecycle asks

  protected override began (): void {
    super.began()
    this.settings.closing(this)
    if (this.#group === undefined) this.settings.announcements.delete(this.outbox)
    else this.#group.leave(this.outbox)
    this.#places?.delete(this.settings.resumeWindow)
    this.#sight?.release()
    clearTimeout(this.#restTimer)
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
