/** The server of a run: the engine with an app that does a little of everything, and counts what it has done. */
import type { FastifyBaseLogger, FastifyRequest } from 'fastify'
import { JugglerError } from '../../lib/errors.ts'
import { encodeNotify } from '../../lib/protocol/messages.ts'
import { Engine } from '../../lib/server/engine.ts'
import { readOptions } from '../../lib/server/options.ts'
import { syncGroupOf } from '../../lib/server/sync/registry.ts'
import type { StateBinding } from '../../lib/server/connection/arrival.ts'
import { framingOf } from '../../lib/server/upgrade/framing-query.ts'
import { readPathSet } from '../../lib/server/views/path-set.ts'
import type { ChosenView } from '../../lib/server/views/sight.ts'
import { createState } from '../../lib/state/state.ts'
import type { Store } from '../../lib/state/store/store.ts'
import type { JsonValue } from '../../types/json.ts'
import type { Connection } from '../../types/server.ts'
import type { State } from '../../types/state.ts'
import { filterOf, slowProjection } from '../helpers/projections.ts'
import type { SlowRule } from '../helpers/projections.ts'
import { make } from '../helpers/making-edits.ts'
import type { Edit } from '../helpers/making-edits.ts'
import { fingerprint, History } from './history.ts'
import type { Link } from './link.ts'
import type { ServerOptions } from './script.ts'
import { serverSocket } from './sockets.ts'
import type { World } from './world.ts'

/** A connection, as the server sees it, and what it should have sent. */
export class Side {
  readonly connection: Connection
  readonly link: Link
  readonly server: SimServer
  /** What it sees of its state: at first, and later where it asks for other parts. */
  readonly sights: Sight[]
  /** Of the state that it sees. */
  shared: History | undefined
  #own: History | undefined
  /** What it has seen since it came, each with what its state was when it came, or asked for other parts. */
  readonly pasts: Array<{ readonly history: History, readonly start: number }> = []
  /** Notifications, by their numbers; and how many of them have come. */
  readonly sent: Array<{ readonly n: number, readonly flush: boolean }> = []
  received = 0
  /** Of the newest request that has begun to run, its number among those of its client. */
  lastRun = 0
  /** Counts what was said at once, answers and notifications together. */
  said = 0

  constructor (server: SimServer, connection: Connection, link: Link, sight: Sight) {
    this.server = server
    this.connection = connection
    this.link = link
    this.sights = [sight]
    this.shared = server.history && server.world.seenOf(server.history.state, sight)
    if (this.shared !== undefined) this.#sees(this.shared)
  }

  /** It asks for other parts. */
  watch (paths: string[] | null): void {
    const sight = { ...this.sights.at(-1)!, paths }
    this.sights.push(sight)
    if (this.past === undefined) return
    const { state } = this.past
    if (this.shared === undefined) this.#own = new History(state, (value) => seen(value, sight))
    else this.shared = this.server.world.seenOf(state, sight)
    this.#sees(this.past)
  }

  #sees (history: History): void {
    this.pasts.push({ history, start: history.last })
  }

  /** A notification has come. @returns what is wrong with that */
  hears (n: number): string | undefined {
    // of what waits behind the state is dropped where the connection closes before that could go
    while (this.sent[this.received]?.flush === true && this.sent[this.received]!.n < n && !this.connection.isOpen) this.received++
    const expected = this.sent[this.received++]?.n
    return expected === n ? undefined : `is notified of ${n} and not of ${expected}`
  }

  /** The state that it sees; one of its own begins with the first look. */
  get history (): History {
    if (this.past === undefined) {
      this.#own = new History(this.connection.state, (value) => seen(value, this.sights.at(-1)!))
      this.pasts.push({ history: this.#own, start: 0 })
    }
    return this.past!
  }

  /** The states that it has seen; undefined: none but null. */
  get past (): History | undefined {
    return this.shared ?? this.#own
  }
}

/** What is seen of a state: by the rules of a view, and of that the parts that are asked for; null: all. */
export interface Sight { readonly rules: readonly SlowRule[] | null, readonly paths: readonly string[] | null }

const everything: Sight = { rules: null, paths: null }

export function seen (value: JsonValue, { rules, paths }: Sight): JsonValue {
  const allowed = rules === null ? value : slowProjection(value, rules, 'hide') ?? null
  return paths === null ? allowed : slowProjection(allowed, paths.map((pattern) => ({ pattern, allow: true })), 'show') ?? null
}

/** What a request carries. */
export interface RequestData { readonly t: number, readonly ms: number, readonly edits?: Edit[], readonly flush?: boolean }
/** What a command carries whose key others have as well. */
export interface PressData { readonly k: string, readonly v: number, readonly ms: number }

export class SimServer {
  readonly world: World
  readonly engine: Engine
  readonly options: ServerOptions
  readonly history: History | undefined
  readonly #binding: StateBinding | undefined
  readonly #views: readonly ChosenView[]
  readonly sides = new Map<Connection, Side>()
  /** Commands under keys of several clients: when each began last, and whether it still runs. */
  readonly #presses = new Map<string, { began: number, isOver: boolean }>()
  isDown = false
  /** Whether it has begun to end: what it does not run any more it refuses at once. */
  isLeaving = false

  constructor (world: World, options: ServerOptions, state: State<JsonValue> | undefined) {
    this.world = world
    this.options = options
    const { requestsInFlight, bufferedBytes, requestsPerSecond, ...rest } = options
    const settings = readOptions({
      ...rest,
      exposeErrors: true,
      limits: { requestsInFlight, bufferedBytes, requestsPerSecond },
      user: (request) => (request.query as { user?: string }).user
    })
    this.engine = new Engine({ settings, poisoning: {}, warn: (_details, text) => world.fail(`the server warns: ${text}`) })
    this.#views = world.script.views.map((rules, i) => ({ key: `${i}`, filter: filterOf(rules, 'hide'), onHiddenArray () {} }))
    if (state !== undefined) {
      this.#binding = { state, store: state as unknown as Store }
      this.history = world.historyOf(state)
    }
    this.#handle()
  }

  /** @throws where connections are refused */
  accept (link: Link, query: Record<string, string | string[]>, remote: string): Side {
    const { engine, options, world } = this
    engine.connections.admit(() => remote)
    // where little may wait connections are closed for it
    if (options.maxQueuedBytes < 10_000 || options.bufferedBytes < 10_000) link.isTouched = true
    const ws = serverSocket(link.server, 4_194_304)
    const pause = ws.pause.bind(ws)
    // what is not read keeps nobody alive
    ws.pause = () => {
      link.isTouched = true
      pause()
    }
    const request = { raw: {}, query, log: this.#log() } as unknown as FastifyRequest
    const framing = world.script.reads
      ? framingOf(request, options.framing)
      : options.framing === 'auto' ? undefined : options.framing
    const asked = query['path'] as string[]
    const paths = asked.length === 0 ? undefined : readPathSet(asked)
    const view = this.#views[Number(query['as'] ?? 0)]
    const connection = engine.accept({ ws, socket: link.server, request, remote, framing, state: this.#binding, view, paths })
    const rules = world.script.views[Number(query['as'] ?? 0)] ?? null
    const side = new Side(this, connection, link, { rules, paths: paths === undefined ? null : asked })
    // Nobody is told of that from outside.
    for (const inner of engine.connections.open()) {
      if (inner.facade !== connection) continue
      const watch = inner.watch.bind(inner)
      inner.watch = (request) => {
        side.watch(request.data as string[] | null)
        watch(request)
      }
    }
    this.sides.set(connection, side)
    link.isPaused = () => ws.isPaused
    void connection.closed.then((info) => {
      this.sides.delete(connection)
      world.log(() => `server: connection of ${remote} ended with ${info.code} ${info.reason}`)
    })
    return side
  }

  /** Those who are open, in order. */
  get open (): Side[] {
    return [...this.sides.values()].filter(({ connection }) => connection.isOpen)
  }

  notify (side: Side | undefined, flush: boolean, size: number): void {
    const n = this.world.next()
    const pad = 'é'.repeat(size)
    const sides = side === undefined ? this.open : side.connection.isOpen ? [side] : []
    for (const each of sides) each.sent.push({ n, flush })
    if (side === undefined) {
      // Where not all see the same the places are not the same.
      const isSame = this.world.script.views.length === 0 && this.open.every(({ sights }) => sights.every(({ paths }) => paths === null))
      const at = flush && isSame && this.history !== undefined ? this.world.seenOf(this.history.state, everything).last : -1
      this.engine.connections.broadcast(encodeNotify('news', { n, at, pad }), undefined, flush)
    } else {
      const at = flush ? side.past?.last ?? -1 : -1
      side.connection.notify('news', { n, at, pad, m: ++side.said }, { flush }).catch(() => {})
    }
  }

  /** Ends properly, or with the process. */
  async stop (graceful: boolean): Promise<void> {
    this.isLeaving = true
    for (const side of this.sides.values()) side.link.isTouched = true
    if (!graceful) {
      this.isDown = true
      for (const side of this.sides.values()) side.link.crash()
      return
    }
    await this.engine.retire()
    await this.engine.close()
    if (this.engine.connections.view.size > 0) this.world.fail('a server that has closed has connections')
  }

  /** What is kept of those who were connected. */
  leftovers (): string[] {
    const found: string[] = []
    const { autoflushDelay, autoflushLeading } = this.options
    if (this.engine.connections.view.size > 0) found.push('connections')
    if (this.#binding === undefined) return found
    const { state, store } = this.#binding as { state: State, store: Store }
    if (syncGroupOf(store, state, autoflushDelay, autoflushLeading).size > 0) found.push('members of the sync group')
    if (store.tree.recorders.length > this.world.historiesOf(state)) found.push('recorders of the state')
    if (store.tree.touches !== undefined) found.push('touched places')
    return found
  }

  #log (): FastifyBaseLogger {
    const { world } = this
    const log = {
      info () {},
      debug () {},
      warn (_details: unknown, text: string) { world.log(() => `server warns: ${text}`) },
      error (details: { err?: Error }, text: string) {
        if (details.err?.message !== 'boom') world.fail(`the server logs an error: ${text} ${details.err?.stack}`)
      },
      child: () => log
    }
    return log as unknown as FastifyBaseLogger
  }

  #handle (): void {
    const { router, hooks } = this.engine
    const { world } = this
    if (world.script.hooks) hooks.add('preRequest', () => {})
    const sleep = (ms: number) => new Promise<void>((resolve) => { setTimeout(resolve, ms) })
    const began = (connection: Connection, { t }: RequestData): Side => {
      const side = this.sides.get(connection)!
      world.began(side, t)
      return side
    }
    const handle = (name: string, run: (side: Side, data: RequestData) => unknown, options = {}) =>
      router.handle(name, options, (connection, data) => {
        const request = data as unknown as RequestData
        return run(began(connection, request), request)
      })
    handle('now', (side, { t }) => ({ t, m: ++side.said }))
    handle('slow', (_side, { t, ms }) => ms === 0 ? { t } : sleep(ms).then(() => ({ t })))
    handle('fail', () => { throw new JugglerError('no') })
    handle('boom', () => { throw new Error('boom') })
    handle('edit', (side, { t, edits }) => {
      world.edit(side.history.state, edits!)
      return { t }
    })
    handle('tell', (side, { t, edits, flush }) => {
      world.edit(side.history.state, edits!)
      this.notify(side, flush!, 0)
      if (flush!) side.connection.flush().catch(() => {})
      return { t }
    })
    const act = async (side: Side, { t, ms }: RequestData) => {
      const { expect } = world.tokens.get(t)!
      if (expect !== undefined && fingerprint(side.connection.view.get(expect.path) as JsonValue) !== fingerprint(expect.value)) {
        world.fail(`command ${t} runs though the state is not what it expects`)
      }
      if (ms > 0) await sleep(ms)
      return { t }
    }
    handle('act', act, { once: true })
    handle('act in time', act, { once: true, timeout: 700 })
    router.handle('press', { once: true }, (_connection, data) => {
      const { k, v, ms } = data as unknown as PressData
      const known = this.#presses.get(k)
      if (known !== undefined && (!known.isOver || world.clock.now < known.began + this.options.onceWindow)) world.fail(`command ${k} runs twice`)
      world.pressed(k, v)
      const press = { began: world.clock.now, isOver: false }
      this.#presses.set(k, press)
      const n = world.next()
      const end = () => {
        press.isOver = true
        return { v, n }
      }
      return ms === 0 ? end() : sleep(ms).then(end)
    })
  }
}

export const newState = (initial: JsonValue): State<JsonValue> => createState<JsonValue>(initial)

/** Edits, without letting a state grow for ever. */
export function editState (state: State<JsonValue>, edits: readonly Edit[]): void {
  for (const edit of edits) {
    if (state.stringify().length > 3000) state.set('', [edit.key])
    make(state, edit)
  }
}
