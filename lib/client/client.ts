/** The client: one state, one connection at a time, and what happens between two connections. */
import type { Client, ClientStatus, ConnectOptions, NotifyListener, SendOptions } from '../../types/client.ts'
import type { JsonValue } from '../../types/json.ts'
import type { CloseInfo, ServerMessage } from '../../types/protocol.ts'
import type { ReadableState } from '../../types/state.ts'
import { ConnectionClosedError, JugglerClientError } from '../errors.ts'
import { reportError } from '../state/report.ts'
import { Store } from '../state/store.ts'
import { addressesOf, urlOf } from './address.ts'
import type { Address } from './address.ts'
import { afterClose, mayBeFraming } from './after-close.ts'
import { Backoff, overloadSteps, stableAfter } from './backoff.ts'
import type { Environment } from './environment.ts'
import { Listeners } from './listeners.ts'
import { refuse, settingsOf } from './options.ts'
import type { Settings } from './options.ts'
import { Requests } from './requests.ts'
import { Session } from './session.ts'

/**
 *   connecting ──> open <──> reconnecting
 *       │            │            │
 *       └────────────┴─────┬──────┘
 *                          v
 *                        closed
 */
const moves: Readonly<Record<ClientStatus, readonly ClientStatus[]>> = {
  connecting: ['open', 'closed'],
  open: ['reconnecting', 'closed'],
  reconnecting: ['open', 'closed'],
  closed: []
}

/** Resolves with a client when the first connection is open; every address is tried once. */
export async function connectIn<S> (environment: Environment, address: unknown, options: ConnectOptions = {}): Promise<Client<S>> {
  const settings = settingsOf(options)
  environment.check(options)
  const addresses = addressesOf(address, settings.framing, environment.base)
  settings.signal?.throwIfAborted()
  const client = new JugglerClient<S>(environment, addresses, settings)
  await client.opened
  return client
}

class JugglerClient<S> implements Client<S> {
  /** Settles when it is decided whether the first connection opens. */
  readonly opened: Promise<void>
  readonly closed: Promise<CloseInfo>
  readonly #environment: Environment
  readonly #addresses: Address[]
  readonly #settings: Settings
  readonly #store: Store<S>
  readonly #requests = new Requests()
  readonly #report: (error: unknown) => void
  readonly #notifyListeners: Listeners<Parameters<NotifyListener>>
  readonly #statusListeners: Listeners<[ClientStatus, (CloseInfo | undefined)?]>
  readonly #backoff: Backoff
  #status: ClientStatus = 'connecting'
  #stale = false
  /** Whether the next state message is the first of its connection: a patch against null. */
  #fresh = true
  #session: Session | undefined
  /** Ends the wait between two attempts, or makes it shorter. */
  #pause: { end (): void, hurry (): void } | undefined
  /** How the client ended, once it is decided. */
  #final: CloseInfo | undefined
  #resolveOpened!: () => void
  #rejectOpened!: (error: unknown) => void
  #unsubscribe: () => void

  constructor (environment: Environment, addresses: Address[], settings: Settings) {
    const { onNotify, onError = reportError, signal, reconnect } = settings
    const errors = new Listeners<[unknown]>(reportError)
    errors.add(onError)
    this.#report = (error) => errors.emit(error)
    this.#environment = environment
    this.#addresses = addresses
    this.#settings = settings
    this.#store = new Store<S>(null, { onError: this.#report })
    this.#notifyListeners = new Listeners(this.#report)
    this.#statusListeners = new Listeners(this.#report)
    if (onNotify !== undefined) this.#notifyListeners.add(onNotify)
    const { minDelay, maxDelay } = reconnect || { minDelay: 0, maxDelay: 0 }
    this.#backoff = new Backoff(minDelay, maxDelay)
    this.opened = new Promise((resolve, reject) => {
      this.#resolveOpened = resolve
      this.#rejectOpened = reject
    })
    const abort = () => {
      this.#rejectOpened(signal!.reason)
      this.#stop({ code: 1000, reason: '' })
    }
    signal?.addEventListener('abort', abort)
    const unwatch = environment.watchWake?.(() => {
      this.#session?.wake()
      this.#pause?.hurry()
    })
    this.#unsubscribe = () => {
      signal?.removeEventListener('abort', abort)
      unwatch?.()
    }
    this.closed = this.#run()
  }

  get state (): ReadableState<S> {
    return this.#store
  }

  get stale (): boolean {
    return this.#stale
  }

  get status (): ClientStatus {
    return this.#status
  }

  send (name: string, data?: unknown, options: SendOptions = {}): Promise<JsonValue> {
    const session = this.#status === 'open' ? this.#session : undefined
    return this.#requests.send(session && ((text) => session.send(text)), name, data, options)
  }

  onNotify (listener: NotifyListener): () => void {
    return this.#notifyListeners.add(listener)
  }

  onStatus (listener: (status: ClientStatus, info?: CloseInfo) => void): () => void {
    return this.#statusListeners.add(listener)
  }

  async close (code = 1000, reason = ''): Promise<void> {
    if (code !== 1000 && !(code >= 3000 && code <= 4999)) refuse('code', code, '1000, or 3000 to 4999')
    this.#stop({ code, reason })
    await this.closed
  }

  /** Tries addresses, one session at a time, until it is decided that the client has ended. */
  async #run (): Promise<CloseInfo> {
    const failures: unknown[] = []
    let index = 0
    // Addresses that failed since the last wait: each gets its turn before there is another.
    let failed = 0
    for (;;) {
      const address = this.#addresses[index]!
      const session = await this.#attempt(address)
      if (this.#final !== undefined) return this.#final
      const then = afterClose(session.info.code)
      failed = session.openedAt === 0 ? failed + 1 : 0
      if (session.openedAt === 0 || then === 'next') index = (index + 1) % this.#addresses.length
      if (this.#status === 'connecting') {
        failures.push(session.error ?? new ConnectionClosedError(session.info.code, session.info.reason))
        if (failed < this.#addresses.length) continue
        this.#rejectOpened(connectFailed(this.#addresses, failures))
        this.#stop(session.info)
      } else if (then === 'stop') {
        this.#stop(session.info)
      } else if (failed % this.#addresses.length === 0) {
        failed = 0
        if (session.openedAt > 0 && Date.now() - session.openedAt >= stableAfter) this.#backoff.reset()
        if (then === 'later') this.#backoff.raise(overloadSteps)
        await this.#rest(this.#backoff.next())
      }
      if (this.#final !== undefined) return this.#final
    }
  }

  /** One session; where its framing was a guess and may have been wrong, a second one with the other. */
  async #attempt (address: Address): Promise<Session> {
    const guess = address.framing
    for (let first = true; ; first = false) {
      this.#fresh = true
      const session = this.#session = new Session(this.#environment, urlOf(address), address.framing, address.auto, this.#settings, {
        onOpen: () => {
          this.#move('open')
          this.#resolveOpened()
        },
        onMessage: (message) => this.#onMessage(message),
        onLost: (info, fault) => this.#onLost(info, fault)
      })
      await session.ended
      this.#session = undefined
      if (!address.auto || session.openedAt > 0) return session
      address.framing = first && guess === 'plain' ? 'segmented' : 'plain'
      if (!first || !session.connected || !mayBeFraming(session.info.code) || this.#final !== undefined) {
        address.framing = guess
        return session
      }
    }
  }

  #onMessage (message: ServerMessage): void {
    if (message.type === 'response') this.#requests.answer(message)
    else if (message.type === 'notify') this.#notifyListeners.emit(message.name, message.data)
    else this.#patch(message.diff)
  }

  /** After a reconnect the first patch makes the new state aside, so that nobody sees the old one go before it is whole. */
  #patch (diff: unknown): void {
    if (this.#fresh && this.#stale) {
      const aside = new Store(null)
      aside.apply(diff)
      this.#fresh = this.#stale = false
      this.#store.replace(aside.tree.root)
    } else {
      this.#fresh = false
      this.#store.apply(diff)
    }
  }

  #onLost (info: CloseInfo, fault?: JugglerClientError): void {
    // A guess at the framing that fails is no news: the other is tried next.
    if (this.#status !== 'open') return
    if (!this.#settings.reconnect || afterClose(info.code) === 'stop') this.#stop(info)
    else this.#move('reconnecting', info)
    if (fault !== undefined) this.#report(fault)
  }

  /** Decides how the client ends; what is under way ends at once. */
  #stop (info: CloseInfo): void {
    if (this.#final !== undefined) return
    this.#final = info
    this.#unsubscribe()
    this.#session?.end(info)
    this.#pause?.end()
    this.#move('closed', info)
  }

  /** The one place where the status changes. */
  #move (status: ClientStatus, info?: CloseInfo): void {
    if (!moves[this.#status].includes(status)) throw new Error(`a client that is ${this.#status} cannot become ${status}`)
    const lost = this.#status === 'open'
    this.#status = status
    if (lost) {
      this.#stale = true
      this.#requests.rejectAll(info!.code, info!.reason)
    }
    this.#statusListeners.emit(status, info)
  }

  #rest (delay: number): Promise<void> {
    return new Promise((resolve) => {
      let timer: ReturnType<typeof setTimeout>
      let due = Infinity
      const end = () => {
        clearTimeout(timer)
        this.#pause = undefined
        resolve()
      }
      const arm = (wait: number) => {
        if (Date.now() + wait > due) return
        due = Date.now() + wait
        clearTimeout(timer)
        timer = setTimeout(end, wait)
      }
      this.#pause = { end, hurry: () => arm(this.#backoff.hurry()) }
      arm(delay)
    })
  }
}

/** @param failures - why, address by address */
function connectFailed (addresses: readonly Address[], failures: unknown[]): JugglerClientError {
  const reasons = addresses.map(({ url }, i) => `${url.host}${url.pathname} (${(failures[i] as Error).message})`)
  return new JugglerClientError('JUGGLER_CONNECT_FAILED', `cannot connect to ${reasons.join(', ')}`, failures.length === 1 ? failures[0] : new AggregateError(failures))
}
