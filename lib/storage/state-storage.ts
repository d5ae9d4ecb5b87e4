/** What `connect({ storage })` takes: when the state is kept, shown again, and thrown away. */
import type { StateStorage, StateStorageOptions, StorageHost, TextStore } from '../../types/storage.ts'
import { digest } from '../json/digest.ts'
import { closeCodes } from '../protocol/close-codes.ts'
import { refuse } from '../refuse.ts'
import { headOf, keptText, placeOf, readHead, readState } from './kept-text.ts'

const defaults = { interval: 5000, maxBytes: 4_194_304, patience: 200 }

/** The longest time that `setTimeout` knows. */
const longest = 2 ** 31 - 1

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
  const { key, user = null } = options
  const { interval, maxBytes, patience } = { ...defaults, ...withoutGaps(options) }
  for (const [name, value, least, most] of [['interval', interval, 1, longest], ['maxBytes', maxBytes, 1, Infinity], ['patience', patience, 0, longest]] as const) {
    if (!(Number.isInteger(value) && value >= least && value <= most)) refuse(name, value, `an integer from ${least} to ${most}`)
  }
  if (key !== undefined && (typeof key !== 'string' || key === '')) refuse('key', key, 'a name')
  if (user !== null && typeof user !== 'string') refuse('user', user, 'a name')
  if (typeof store !== 'function' && !isStore(store)) refuse('store', typeof store, 'a Storage, or an object with get, set and remove')
  const texts = textStoreOf(store)
  return (host) => keep(host, texts, { key: key ?? keyOf(host.url), user, interval, maxBytes, patience })
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

async function keep (host: StorageHost, store: Required<TextStore>, settings: Settings): Promise<(error: unknown) => void> {
  const { key, user, interval, maxBytes, patience } = settings
  let isDirty = false
  let hasEnded = false
  let timer: ReturnType<typeof setTimeout> | undefined
  /** What is done to the store is done in order. */
  let last: Promise<unknown> = Promise.resolve()
  const next = (act: () => unknown): Promise<unknown> => {
    last = last.then(act).catch(() => {})
    return last
  }

  const forget = () => {
    // What has come until now is not to be written after all.
    isDirty = false
    void next(() => store.remove(key))
  }

  const write = () => {
    const [place, epoch] = host.at()
    // A server that names places, and a state that has none: something is wrong with that state.
    if (!isDirty || (place === '' && epoch !== undefined)) return
    isDirty = false
    const head = headOf(user, place)
    const text = keptText(head, host.state.stringify())
    if (text.length * 2 > maxBytes) {
      forget()
      return
    }
    void next(async () => {
      let isForeign = false
      try {
        await store.update(key, (before) => {
          const kept = typeof before === 'string' ? readHead(before) : undefined
          isForeign = kept === undefined || kept.user !== user || kept.epoch !== head.epoch
          // Another tab may be further.
          return isForeign || head.epoch === '' || kept!.revision < head.revision ? text : undefined
        })
      } catch {
        // Where there is no room, what is older stays, but nothing of somebody else or of another history.
        if (isForeign) await store.remove(key)
      }
    })
  }

  const load = async () => {
    const text = await store.get(key)
    if (typeof text !== 'string' || hasEnded) return
    try {
      const head = readHead(text)
      if (head === undefined || head.user !== user || text.length * 2 > maxBytes) throw new Error('it is not to be used')
      host.restore(readState(text), placeOf(head))
    } catch {
      await store.remove(key)
    }
  }

  const watch = new AbortController()
  const writeIfHidden = () => { if (page.document?.visibilityState !== 'visible') write() }
  page.addEventListener?.('pagehide', write, watch)
  page.document?.addEventListener('visibilitychange', writeIfHidden, watch)
  host.state.onChange(() => {
    isDirty = true
    timer ??= setTimeout(() => {
      timer = undefined
      write()
    }, interval)
    ;(timer as { unref?: () => void }).unref?.()
  })
  host.onStatus((status, info) => {
    if (info?.code === closeCodes.unauthorized.code) forget()
    if (status !== 'closed') return
    hasEnded = true
    write()
    clearTimeout(timer)
    watch.abort()
  })

  let waited: ReturnType<typeof setTimeout> | undefined
  await Promise.race([
    next(load),
    new Promise((resolve) => { waited = setTimeout(resolve, patience) })
  ])
  clearTimeout(waited)
  return (error) => { if (Object(error).code === 'JUGGLER_LOGIN_REQUIRED') forget() }
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
      return before instanceof Promise ? before.then(put) : put(before)
    }
  }
}
