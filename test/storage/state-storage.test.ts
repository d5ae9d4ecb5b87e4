import t from 'tap'
import { stateStorage } from '../../lib/storage/index.ts'
import type { ClientStatus } from '../../types/client.ts'
import type { JsonValue } from '../../types/json.ts'
import type { CloseInfo } from '../../types/protocol.ts'
import type { StateStorageOptions, StorageHost, TextStore } from '../../types/storage.ts'
import { createReplica } from '../../lib/state/replica/replica.ts'

/** A `localStorage` with room for so many code units. */
class WebStore {
  readonly items = new Map<string, string>()
  room = Infinity
  getItem (key: string): string | null { return this.items.get(key) ?? null }
  removeItem (key: string): void { this.items.delete(key) }
  setItem (key: string, text: string): void {
    if (text.length > this.room) throw new DOMException('full', 'QuotaExceededError')
    this.items.set(key, text)
  }

  get only (): string | undefined { return [...this.items.values()][0] }
}

/** What a client is for its storage. */
function clientOf (address = 'wss://host/ws?plant=north&framing=plain&announce=1&journal=8-7') {
  const replica = createReplica(() => {})
  const listeners: Array<(status: ClientStatus, info?: CloseInfo) => void> = []
  let place: [string, unknown] = ['', undefined]
  let paths: ReturnType<StorageHost['paths']> = [undefined, undefined]
  const restored: Array<[JsonValue, string]> = []
  const host: StorageHost = {
    url: new URL(address),
    state: replica.state,
    at: () => place,
    paths: () => paths,
    onStatus: (listener) => {
      listeners.push(listener)
      return () => {}
    },
    restore: (state, at) => { restored.push([state, at]) }
  }
  /** The first connection is open. */
  const open = () => { for (const listener of listeners) listener('open') }
  return {
    host,
    restored,
    tell: (error: unknown) => host.onTrouble!(error),
    become (value: JsonValue, revision?: number, epoch = 'E') {
      open()
      replica.follow([{ op: 'replace', path: '', value }])
      place = revision === undefined ? ['', undefined] : [`${epoch}&revision=${revision}`, epoch]
    },
    watch (asked: string[], covered: string[] | undefined = asked) { paths = [asked, covered] },
    doubt () { place = ['', 'E'] },
    status (status: ClientStatus, code?: number) { for (const listener of listeners) listener(status, code === undefined ? undefined : { code, reason: '' }) }
  }
}

const soon = () => new Promise((resolve) => setTimeout(resolve, 30))
const quick: StateStorageOptions = { interval: 5 }
const anyStore = (store: WebStore): Storage => store as unknown as Storage

/** Keeps a state as a client does, and ends. */
async function keep (store: Storage | TextStore, value: JsonValue, revision?: number, options = quick, epoch?: string): Promise<void> {
  const client = clientOf()
  await stateStorage(store, options)(client.host)
  client.become(value, revision, epoch)
  client.status('closed', 1000)
  await soon()
}

t.test('the last state is kept, whole, and the next client gets it', async (t) => {
  const store = new WebStore()
  const first = clientOf()
  await stateStorage(anyStore(store), quick)(first.host)
  t.same(first.restored, [])
  first.become({ a: 1 }, 4)
  first.become({ a: 2 }, 5)
  await soon()
  t.equal(store.only, '[2,null,"E",5,""]\n{"a":2}')
  const next = clientOf()
  await stateStorage(anyStore(store), quick)(next.host)
  t.same(next.restored, [[{ a: 2 }, 'E&revision=5']])
})

t.test('so seldom, and at the end of the client', async (t) => {
  const store = new WebStore()
  const client = clientOf()
  await stateStorage(anyStore(store), { interval: 60_000 })(client.host)
  client.become(1, 1)
  await soon()
  t.equal(store.only, undefined)
  client.status('closed', 1000)
  await soon()
  t.equal(store.only, '[2,null,"E",1,""]\n1')
})

t.test('one item for an address; its query is not to be read in the key, and the own parameters do not count', async (t) => {
  const store = new WebStore()
  for (const address of ['wss://host/ws?token=secret', 'wss://host/ws?token=secret&framing=segmented&announce=1&journal=1', 'wss://host/ws?token=other', 'wss://host/b/ws?token=secret', 'wss://other/ws?token=secret']) {
    const client = clientOf(address)
    await stateStorage(anyStore(store), quick)(client.host)
    client.become(1, 1)
    client.status('closed', 1000)
    await soon()
  }
  t.equal(store.items.size, 4)
  t.notMatch([...store.items.keys()].join(), /secret|token/)
  await keep(anyStore(store), 2, 1, { ...quick, key: 'mine' })
  t.ok(store.items.has('mine'))
})

t.test('an older revision of the same history never replaces a newer one; another history does', async (t) => {
  const store = new WebStore()
  await keep(anyStore(store), 'newer', 9)
  await keep(anyStore(store), 'older', 8)
  t.match(store.only, /newer/)
  await keep(anyStore(store), 'other', 1, quick, 'F')
  t.match(store.only, /other/)
  await keep(anyStore(store), 'without a place')
  t.match(store.only, /without a place/)
})

t.test('a state whose place is in doubt is not kept', async (t) => {
  const store = new WebStore()
  const client = clientOf()
  await stateStorage(anyStore(store), quick)(client.host)
  client.become('right', 1)
  await soon()
  client.become('wrong', 2)
  client.doubt()
  await soon()
  t.match(store.only, /right/)
  client.status('reconnecting', 4409)
  await soon()
  t.equal(store.only, undefined, 'it may have been wrong before')
})

t.test('what was kept for somebody else is removed, not shown', async (t) => {
  const store = new WebStore()
  await keep(anyStore(store), 'of ann', 9, { ...quick, user: 'ann' })
  const bob = clientOf()
  await stateStorage(anyStore(store), { ...quick, user: 'bob' })(bob.host)
  t.same(bob.restored, [])
  t.equal(store.items.size, 0)
})

t.test('nothing is left after 4401, or when a login is asked for; what came before is not written late', async (t) => {
  for (const end of ['4401', 'login'] as const) {
    const store = new WebStore()
    const client = clientOf()
    await stateStorage(anyStore(store), quick)(client.host)
    client.become(1, 1)
    await soon()
    t.equal(store.items.size, 1)
    client.become(2, 2)
    client.tell(Object.assign(new Error('other'), { code: 'JUGGLER_FRAMING_SUSPECTED' }))
    if (end === '4401') client.status('reconnecting', 4401)
    else client.tell(Object.assign(new Error(), { code: 'JUGGLER_LOGIN_REQUIRED' }))
    await soon()
    t.equal(store.items.size, 0, end)
    client.become(3, 3)
    await soon()
    t.equal(store.items.size, 1, 'a new login, a new state')
  }
})

t.test('a state that is too large is not kept, nor what was there before', async (t) => {
  const store = new WebStore()
  const options = { ...quick, maxBytes: 200 }
  await keep(anyStore(store), 'small', 1, options)
  t.equal(store.items.size, 1)
  await keep(anyStore(store), 'large'.repeat(40), 2, options)
  t.equal(store.items.size, 0)
})

t.test('a full store is no error: the old text stays, but none of another history', async (t) => {
  const store = new WebStore()
  await keep(anyStore(store), 'old', 1)
  store.room = 30
  await keep(anyStore(store), 'x'.repeat(100), 2)
  t.match(store.only, /old/)
  await keep(anyStore(store), 'x'.repeat(100), 1, quick, 'F')
  t.equal(store.items.size, 0)
})

t.test('what is no kept state is thrown away', async (t) => {
  const store = new WebStore()
  await keep(anyStore(store), 1, 1)
  const [key] = [...store.items.keys()] as [string]
  for (const text of ['', 'nonsense', '[1,null,"E",1]\n{}', '[2,null,"E",1,""]\n{"cut', store.only! + 'more']) {
    store.items.set(key, text)
    const client = clientOf()
    await stateStorage(anyStore(store), quick)(client.host)
    t.same(client.restored, [], text)
    t.equal(store.items.has(key), false, text)
  }
  store.items.set(key, '[2,null,"E",1,""]\n1')
  const client = clientOf()
  client.host.restore = () => { throw new Error('it cannot be a state') }
  await stateStorage(anyStore(store), quick)(client.host)
  t.equal(store.items.has(key), false)
})

t.test('a store with promises, one that fails, and one that cannot even be named', async (t) => {
  const store = new WebStore()
  const async: TextStore = {
    get: async (key) => store.getItem(key),
    set: async (key, text) => { store.setItem(key, text) },
    remove: async (key) => { store.removeItem(key) }
  }
  await keep(async, { a: 1 }, 3)
  const client = clientOf()
  await stateStorage(async, quick)(client.host)
  t.same(client.restored, [[{ a: 1 }, 'E&revision=3']])
  const broken: TextStore = { get: async () => { throw new Error('broken') }, set: () => { throw new Error('broken') }, remove: async () => { throw new Error('broken') } }
  await keep(broken, 1, 1)
  await keep(broken, 'x'.repeat(1000), 1, { ...quick, maxBytes: 10 })
  await keep((() => { throw new DOMException('denied', 'SecurityError') }) as () => Storage as unknown as Storage, 1, 1)
})

t.test('a slow store is not waited for, and a client that has ended gets nothing', async (t) => {
  let give!: (text: string) => void
  const slow: TextStore = { get: () => new Promise((resolve) => { give = resolve }), set () {}, remove () {} }
  const late = clientOf()
  await stateStorage(slow, { patience: 5 })(late.host)
  t.same(late.restored, [])
  give('[2,null,"E",1,""]\n1')
  await soon()
  t.same(late.restored, [[1, 'E&revision=1']], 'whether it is still of use is for the client to say')
  const ended = clientOf()
  await stateStorage(slow, { patience: 5 })(ended.host)
  ended.status('closed', 1000)
  give('[2,null,"E",1,""]\n1')
  await soon()
  t.same(ended.restored, [])
})

t.test('what cannot be an option is refused', async (t) => {
  const store = anyStore(new WebStore())
  for (const options of [{ interval: 0 }, { interval: 2 ** 31 }, { maxBytes: 0 }, { maxBytes: 1.5 }, { patience: -1 }, { key: '' }, { key: 5 }, { user: 5 }]) {
    t.throws(() => stateStorage(store, options as StateStorageOptions), { code: 'JUGGLER_OPTION_INVALID' }, JSON.stringify(options))
  }
  for (const wrong of [undefined, null, 5, {}, { get () {}, set () {} }]) {
    t.throws(() => stateStorage(wrong as unknown as Storage), { code: 'JUGGLER_OPTION_INVALID' })
  }
  for (const options of [null, 5]) t.throws(() => stateStorage(store, options as never), { code: 'JUGGLER_OPTION_INVALID' })
  t.doesNotThrow(() => stateStorage(store, { interval: undefined, user: undefined }))
})

t.test('what is late is not shown to who has been shut out meanwhile, and it is removed', async (t) => {
  const store = new WebStore()
  await keep(anyStore(store), 'of ann', 1)
  for (const end of ['4401', 'login', 'first connection']) {
    const [key, text] = [...store.items][0]!
    const slow: TextStore = {
      get: () => new Promise((resolve) => setTimeout(resolve, 40, text)), set () {}, remove: (key) => { store.removeItem(key) }
    }
    const client = clientOf()
    await stateStorage(slow, { patience: 1 })(client.host)
    if (end === '4401') client.status('reconnecting', 4401)
    else if (end === 'login') client.tell(Object.assign(new Error(), { code: 'JUGGLER_LOGIN_REQUIRED' }))
    else client.tell(Object.assign(new Error(), { code: 'JUGGLER_CONNECT_FAILED', cause: Object.assign(new Error(), { status: 401 }) }))
    await new Promise((resolve) => setTimeout(resolve, 60))
    t.same(client.restored, [], end)
    t.equal(store.items.size, 0, end)
    store.items.set(key, text)
  }
})

t.test('of a store that takes long no more is asked than one write, and the last state is written in the end', async (t) => {
  const written: string[] = []
  let done: (() => void) | undefined
  const slow: TextStore = { get: () => null, set: (_key, text) => { written.push(text); return new Promise<void>((resolve) => { done = resolve }) }, remove () {} }
  const client = clientOf()
  await stateStorage(slow, quick)(client.host)
  for (let i = 1; i <= 10; i++) {
    client.become(i, i)
    await soon()
  }
  t.equal(written.length, 1)
  client.status('closed', 1000)
  done!()
  await soon()
  t.match(written, [/\n1$/, /\n10$/])
})

t.test('who has lost the connection writes at once, and never later over what another tab knows', async (t) => {
  const store = new WebStore()
  const [lost, other] = [clientOf(), clientOf()]
  await stateStorage(anyStore(store), { interval: 40 })(lost.host)
  await stateStorage(anyStore(store), quick)(other.host)
  lost.become('old', 5, 'E1')
  lost.status('reconnecting', 1006)
  await soon()
  t.match(store.only, /old/)
  other.become('new', 1, 'E2')
  await soon()
  await new Promise((resolve) => setTimeout(resolve, 60))
  t.match(store.only, /new/)
})

t.test('what was kept of other parts of the state is not shown, and what is kept says of which it is', async (t) => {
  const store = new WebStore()
  const client = clientOf()
  client.watch(['/b', '/a', '/a/c'], ['/a', '/b'])
  await stateStorage(anyStore(store), quick)(client.host)
  client.become({ a: 1, b: 2 }, 5)
  client.status('closed')
  await soon()
  t.equal(store.only, '[2,null,"E",5,"[\\"/a\\",\\"/b\\"]"]\n{"a":1,"b":2}')
  for (const asked of [['/a'], []]) {
    const other = clientOf()
    other.watch(asked)
    await stateStorage(anyStore(store), quick)(other.host)
    t.same(other.restored, [])
  }
  const same = clientOf()
  same.watch(['/a', '/b'])
  await stateStorage(anyStore(store), quick)(same.host)
  t.same(same.restored, [[{ a: 1, b: 2 }, 'E&revision=5']])
})

t.test('a state that is in doubt when the connection is lost is not written again and again', async (t) => {
  const store = new WebStore()
  const client = clientOf()
  await stateStorage(anyStore(store), quick)(client.host)
  client.become({ a: 1 }, 1)
  client.doubt()
  client.status('reconnecting')
  // all of it would be microtasks
  await soon()
  t.equal(store.only, undefined)
})
