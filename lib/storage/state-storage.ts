/** What `connect({ storage })` takes: when the state is kept, shown again, and thrown away. */
import type { ClientStatus } from '../../types/client.ts'
import type { StateStorage, StateStorageOptions, StorageHost, TextStore } from '../../types/storage.ts'
import { checkInteger } from '../client/options.ts'
import { digest } from '../json/digest.ts'
import * as closeCodes from '../protocol/close-codes.ts'
import { refuse } from '../refuse.ts'
import { headOf, keptText, partsOf, placeOf, readHead, readState } from './kept-text.ts'

const defaults = { interval: 5000, maxBytes: 4_194_304, patience: 200 }

/** Longest name of a history, in characters: it goes into an address. */
const longestEpoch = 200

/** In the query of an address what the client itself puts there, which says nothing of the state. */
const ownParameters = ['framing', 'announce', 'journal']

const page = globalThis as Partial<Pick<EventTarget, 'addEventListener'>> & { document?: EventTarget & { visibilityState: string } }

/**
 * Keeps the last state of a client in a store, and shows it at the next start until the server has told what has
 * changed. Anything that is in doubt is thrown away; what goes wrong with the store is no error of the page.
 *
 * @param store - `localStorage`, `indexedDb()`, or what has `get`, `set` and `remove`; or a function that gives it, since
 * a page that may not use `localStorage` cannot even name it
 * @throws JugglerClientError `JUGGLER_OPTION_INVALID`
 */
export function stateStorage (store: Storage | TextStore | (() => Storage | TextStore), options: StateStorageOptions = {}): StateStorage {
  if (typeof options !== 'object' || options === null) refuse('options', typeof options, 'an object')
  const { key, user = null } = options
  const { interval, maxBytes, patience } = { ...defaults, ...withoutGaps(options) }
  checkInteger('interval', interval)
  checkInteger('maxBytes', maxBytes, 1, Infinity)
  checkInteger('patience', patience, 0)
  if (key !== undefined && (typeof key !== 'string' || key === '')) refuse('key', key, 'a name')
  if (user !== null && typeof user !== 'string') refuse('user', user, 'a name')
  if (typeof store !== 'function' && !isStore(store)) refuse('store', typeof store, 'a Storage, or an object with get, set and remove')
  const texts = textStoreOf(store)
  return (host) => new Keeping(host, texts, { key: key ?? keyOf(host.url), user, interval, maxBytes, patience }).begin()
}

const withoutGaps = (options: object): Partial<typeof defaults> =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))

interface Settings { readonly key: string, readonly user: string | null, readonly interval: number, readonly maxBytes: number, readonly patience: number }

/** The state of an address depends on its query, which may hold a secret: that is not for a key that stays. */
function keyOf (url: URL): string {
  const query = new URLSearchParams(url.search)
  for (const name of ownParameters) query.delete(name)
  query.sort()
  return `fastify-juggler ${url.origin}${url.pathname} ${digest(query.toString())}`
}

/** What one client keeps. */
class Keeping {
  readonly #host: StorageHost
  readonly #store: Required<TextStore>
  readonly #settings: Settings
  readonly #watch = new AbortController()
  #status: ClientStatus = 'connecting'
  /** Whether the state has changed since it was written, and whether that is under way. */
  #isDirty = false
  #isWriting = false
  /** Whether what was kept may still be shown. */
  #mayShow = true
  #timer: ReturnType<typeof setTimeout> | undefined
  /** When a state that was too large may be looked at again. */
  #tooLargeUntil = -Infinity
  /** What is done to the store is done in order. */
  #last: Promise<unknown> = Promise.resolve()

  constructor (host: StorageHost, store: Required<TextStore>, settings: Settings) {
    this.#host = host
    this.#store = store
    this.#settings = settings
  }

  /** Resolves when what was kept is shown, or the store takes too long. */
  async begin (): Promise<void> {
    page.addEventListener?.('pagehide', () => this.#write(), this.#watch)
    page.document?.addEventListener('visibilitychange', () => { if (page.document?.visibilityState !== 'visible') this.#write() }, this.#watch)
    this.#host.state.onChange(() => {
      // Not what was kept itself.
      if (this.#status !== 'open') return
      this.#isDirty = true
      this.#schedule()
    })
    this.#host.onStatus((status, info) => this.#changed(status, info?.code))
    this.#host.onTrouble = (error) => { if (wantsLogin(error)) this.#forget() }
    let timer: ReturnType<typeof setTimeout> | undefined
    await Promise.race([
      this.#next(() => this.#load()),
      new Promise((resolve) => { timer = setTimeout(resolve, this.#settings.patience) })
    ])
    clearTimeout(timer)
  }

  #next (act: () => unknown): Promise<unknown> {
    this.#last = this.#last.then(act).catch(() => {})
    return this.#last
  }

  async #load (): Promise<void> {
    const { key, user, maxBytes } = this.#settings
    const text = await this.#store.get(key)
    if (typeof text !== 'string' || !this.#mayShow) return
    try {
      const head = readHead(text)
      if (head === undefined || head.user !== user || text.length * 2 > maxBytes) throw new Error('it is not to be used')
      // Of other parts it is right, and of no use.
      if (head.parts === partsOf(this.#host.paths()[0])) this.#host.restore(readState(text), placeOf(head))
    } catch {
      await this.#store.remove(key)
    }
  }

  #changed (status: ClientStatus, code: number | undefined): void {
    const wasOpen = this.#status === 'open'
    this.#status = status
    // What is not to be seen any more, and what has turned out to be wrong.
    if (code === closeCodes.unauthorized.code || code === closeCodes.stateDrifted.code) this.#forget()
    // The last that is known of this history: later another tab may know more.
    if (wasOpen) this.#write()
    if (status !== 'closed') return
    this.#mayShow = false
    clearTimeout(this.#timer)
    this.#watch.abort()
  }

  #forget (): void {
    this.#mayShow = false
    this.#isDirty = false
    void this.#next(() => this.#store.remove(this.#settings.key))
  }

  #schedule (): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      if (this.#status === 'open') this.#write()
    }, this.#settings.interval)
    ;(this.#timer as { unref?: () => void }).unref?.()
  }

  /** Writes what is not written yet. Of a store that takes long nothing is asked meanwhile. */
  #write (): void {
    if (!this.#isDirty || this.#isWriting) return
    this.#isWriting = true
    void this.#next(() => this.#put()).then(() => {
      this.#isWriting = false
      if (!this.#isDirty) return
      if (this.#status === 'open') this.#schedule()
      else this.#write()
    })
  }

  async #put (): Promise<void> {
    const { key, user, maxBytes, interval } = this.#settings
    const [place, epoch] = this.#host.at()
    if (!this.#isDirty) return
    // Whether it is kept or not: who finds it dirty afterwards writes again, at once where there is no connection.
    this.#isDirty = false
    // A server that names places, and a state that has none: something is wrong with that state.
    if (place === '' && epoch !== undefined) return
    if (performance.now() < this.#tooLargeUntil) return
    const head = headOf(user, place, partsOf(this.#host.paths()[1]))
    const text = keptText(head, this.#host.state.stringify())
    if (text.length * 2 > maxBytes || head.epoch.length > longestEpoch) {
      this.#tooLargeUntil = performance.now() + interval * 12
      await this.#store.remove(key)
      return
    }
    let isForeign = false
    try {
      await this.#store.update(key, (before) => {
        const kept = typeof before === 'string' ? readHead(before) : undefined
        isForeign = kept === undefined || kept.user !== user || kept.epoch !== head.epoch || kept.parts !== head.parts
        // Another tab may be further.
        return isForeign || head.epoch === '' || kept!.revision < head.revision ? text : undefined
      })
    } catch {
      // Where there is no room, what is older stays, but nothing of somebody else or of another history.
      if (isForeign) await this.#store.remove(key)
    }
  }
}

/** An error that says so, or one of a first connection that was refused for it, or for what the user may see. */
function wantsLogin (error: unknown): boolean {
  const { code, status, cause } = Object(error) as { code?: unknown, status?: unknown, cause?: unknown }
  return code === 'JUGGLER_LOGIN_REQUIRED' || status === 401 || status === 403 || (cause !== undefined && wantsLogin(cause))
}

const isStore = (store: unknown): boolean => {
  const { getItem, get, set, remove } = Object(store) as Partial<Storage & TextStore>
  return typeof getItem === 'function' || [get, set, remove].every((method) => typeof method === 'function')
}

/** A store whose methods are all there. What it throws becomes a rejection where it is called. */
function textStoreOf (given: Storage | TextStore | (() => Storage | TextStore)): Required<TextStore> {
  const found = () => typeof given === 'function' ? given() : given
  const asTexts = (): TextStore => {
    const store = found()
    return 'getItem' in store
      ? { get: (key) => store.getItem(key), set: (key, text) => store.setItem(key, text), remove: (key) => store.removeItem(key) }
      : store
  }
  return {
    get: (key) => asTexts().get(key),
    set: (key, text) => asTexts().set(key, text),
    remove: (key) => asTexts().remove(key),
    update (key, change) {
      const store = asTexts()
      if (store.update !== undefined) return store.update(key, change)
      const put = (before: string | null | undefined): unknown => {
        const text = change(before)
        return text === undefined ? undefined : store.set(key, text)
      }
      const before = store.get(key)
      // It may be a promise of another realm.
      return typeof (before as PromiseLike<string> | undefined)?.then === 'function' ? (before as Promise<string>).then(put) : put(before as string)
    }
  }
}
