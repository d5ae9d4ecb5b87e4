/** A client of a run: the library's own, over simulated lines, with everything that it shows held against its server. */
import { connectIn } from '../../lib/client/client.ts'
import type { Environment, PageEvents, Socket } from '../../lib/client/environment.ts'
import { ProtocolFault } from '../../lib/protocol/fault.ts'
import { closeCodeOf } from '../../lib/protocol/ws-errors.ts'
import { stateStorage } from '../../lib/storage/index.ts'
import type { JsonValue } from '../../types/json.ts'
import type { Client, SendOptions } from '../../types/client.ts'
import { fingerprint } from './history.ts'
import { Link } from './link.ts'
import type { ClientOptions } from './script.ts'
import type { Side } from './server.ts'
import { ClientSocket } from './sockets.ts'
import type { World } from './world.ts'

/** The part of a client's state that shows what it holds without taking a snapshot. */
interface Holding { readonly tree: { readonly root: JsonValue } }

export interface News { readonly n: number, readonly at: number, readonly m?: number }

export class SimClient {
  readonly index: number
  readonly options: ClientOptions
  readonly #world: World
  #client: Client | undefined
  #phase: 'idle' | 'connecting' | 'there' | 'closing' = 'idle'
  /** Whether it takes its time to read. */
  isSlow = false
  isAway = false
  /** Tells it what happens to its page. */
  page: PageEvents | undefined
  /** The newest line, and what the server has at its other end. */
  link: Link | undefined
  side: Side | undefined
  /** The connection whose states it has shown, and where in their history it is. */
  #shown: Side | undefined
  #at = 0
  /** Which of the parts that it has asked for on this connection it shows. */
  #sight = 0
  #ready = false
  /** Whether it has lost a connection, and shows nothing new since. */
  #isBack = false
  /** How often it was begun. Without a user each is somebody else. */
  #times = 0
  #socket: ClientSocket['ws'] | undefined

  constructor (world: World, index: number, options: ClientOptions) {
    this.#world = world
    this.index = index
    this.options = options
  }

  get isThere (): boolean {
    return this.#phase === 'there'
  }

  /** Whose commands its own are. */
  get scope (): string {
    return this.options.user ?? `client ${this.index} for the ${this.#times}. time`
  }

  get client (): Client | undefined {
    return this.#client
  }

  get print (): number {
    return fingerprint((this.#client!.state as unknown as Holding).tree.root)
  }

  async connect (): Promise<void> {
    if (this.#phase !== 'idle') return
    this.#phase = 'connecting'
    this.#times++
    const { framing, addresses, user, stores, paths, ...options } = this.options
    const as = this.#world.script.views.length > 0 ? `as=${options.view}` : ''
    const query = user === null && as === '' ? '' : `?${[user === null ? '' : `user=${user}`, as].filter(Boolean).join('&')}`
    const list = ['ws://a/ws', 'ws://b/ws'].slice(0, addresses).map((address) => address + query)
    this.#ready = false
    this.#shown = undefined
    try {
      const client = await connectIn<JsonValue>(this.#environment(), list, {
        framing,
        paths,
        maxSegmentSize: options.maxSegmentSize,
        pingDelay: options.pingDelay,
        pingTimeout: options.pingTimeout,
        reconnect: { minDelay: options.minDelay, maxDelay: options.maxDelay },
        onError: (error) => this.#error(error),
        storage: stores ? stateStorage(this.#world.store, { user: user ?? undefined, interval: 100 }) : undefined
      })
      this.#watch(client as Client)
    } catch (error) {
      if (Object(error).code !== 'JUGGLER_CONNECT_FAILED') this.#world.fail(`client ${this.index} cannot connect: ${error}`)
      this.#world.log(() => `client ${this.index}: no connection`)
      if (this.#phase === 'connecting') this.#phase = 'idle'
    }
  }

  async close (): Promise<void> {
    if (this.#phase !== 'there') return
    this.#phase = 'closing'
    await this.#client!.close()
    this.#left()
  }

  #left (): void {
    this.#client = undefined
    this.#phase = 'idle'
  }

  send (name: string, data: unknown, options: SendOptions): Promise<JsonValue> {
    return this.#client!.send(name, data, options)
  }

  /** The page that it is in is left, and shown again. */
  leavePage (ms: number): void {
    const { page } = this
    if (page === undefined || this.isAway) return
    this.#world.counts.pageLeft++
    this.isAway = true
    if (this.link !== undefined) this.link.isTouched = true
    page.onLeave()
    this.#world.clock.after(ms, () => {
      this.isAway = false
      page.onReturn()
    })
  }

  /** Stops reading for a while. */
  slow (ms: number): void {
    const { link } = this
    const socket = this.#socket
    if (link === undefined || link.isOver || socket?.readyState !== 1 || this.isSlow) return
    this.#world.counts.slow++
    link.isTouched = true
    this.isSlow = true
    socket.pause()
    this.#world.clock.after(ms, () => {
      this.isSlow = false
      socket.resume()
    })
  }

  /** What it still lacks to be at rest. */
  lacks (): string | undefined {
    if (this.#phase === 'connecting' || this.#phase === 'closing') return this.#phase
    const client = this.#client
    if (this.#phase !== 'there' || client === undefined) return undefined
    if (client.status !== 'open') return client.status
    if (this.side === undefined) return 'no connection'
    const { past, received, sent } = this.side
    if (past === undefined) {
      if (this.print !== fingerprint(null)) return 'the state is not null'
    } else if (this.print !== past.now) return 'the state is another one'
    if (client.stale) return 'stale'
    if (!this.#ready) return 'not ready'
    if (received !== sent.length) return 'a notification is missing'
    if (this.link!.isPaused()) return 'its server does not read'
    return undefined
  }

  #watch (client: Client): void {
    const world = this.#world
    this.#client = client
    this.#phase = 'there'
    client.state.onChange(({ patch }) => {
      // A client that comes back is sent the whole, or else what has changed.
      if (this.#isBack && (patch.length !== 1 || patch[0]!.path !== '')) world.counts.resumed++
      this.#isBack = false
      this.#changed()
    })
    client.onNotify((name, data) => this.#heard(name, data as unknown as News))
    client.onStatus((status, info) => {
      world.log(() => `client ${this.index}: ${status} ${info?.code ?? ''} ${info?.reason ?? ''}`)
      if (status === 'reconnecting') {
        world.counts.reconnects++
        this.#isBack = true
        if (!client.stale) world.fail(`client ${this.index} has no connection and does not say that its state is stale`)
        if (!this.link!.isTouched) world.fail(`client ${this.index} lost a connection that nothing has happened to: ${info?.code} ${info?.reason}`)
      }
      if (status !== 'closed' || this.#phase !== 'there') return
      world.fail(`client ${this.index} has given up: ${info?.code} ${info?.reason}`)
    })
    void client.ready.then(() => { this.#ready = true }, () => {})
    // what came before anybody could listen is there already
    if (client.state.revision === 0) return
    if (client.status === 'connecting') this.#restored(client)
    else this.#changed()
  }

  /** What was kept is shown. */
  #restored (client: Client): void {
    const world = this.#world
    world.log(() => `client ${this.index}: shows what was kept, ${this.print}`)
    world.counts.restored++
    this.#isBack = true
    if (!client.stale) world.fail(`client ${this.index} shows what was kept, and does not say that it is stale`)
    if (!world.store.shown.has(this.print)) world.fail(`client ${this.index} shows as kept what nobody has seen`)
  }

  #error (error: unknown): void {
    const { code } = Object(error) as { code?: string }
    this.#world.log(() => `client ${this.index}: ${code}`)
    if (code !== 'JUGGLER_FRAMING_SUSPECTED') this.#world.fail(`client ${this.index}: ${error} ${(error as { cause?: unknown }).cause}`)
  }

  /** Another state is shown: one that the server had, and not before the last one. */
  #changed (): void {
    const world = this.#world
    const { side, print } = this
    world.log(() => `client ${this.index}: state ${print}`)
    if (this.#phase !== 'there') {
      world.fail(`client ${this.index} changes its state, and is closed`)
      return
    }
    if (side === undefined) {
      world.fail(`client ${this.index} changes its state without a connection`)
      return
    }
    world.counts.states++
    world.store.shown.add(print)
    const { pasts } = side
    if (pasts.length === 0) {
      if (print !== fingerprint(null)) world.fail(`client ${this.index} shows a state, and there is none`)
      return
    }
    const isFirst = this.#shown !== side
    if (isFirst) this.#sight = 0
    this.#shown = side
    // Of the parts that it asked for before, as long as none of the new ones have come.
    let at = -1
    let isOther = isFirst
    for (let i = this.#sight; i < pasts.length && at === -1; i++) {
      isOther ||= i > this.#sight
      at = pasts[i]!.history.find(print, isOther ? pasts[i]!.start : this.#at)
      if (at !== -1) this.#sight = i
    }
    const past = pasts[this.#sight]!.history
    if (at === -1) {
      world.fail(`client ${this.index} shows a state that the server has not had${past.find(print, 0) === -1 ? '' : ' since'}`)
      return
    }
    // Where it has asked for other parts, and they look like the old ones, nobody knows which these are.
    if (!isOther && this.#sight === pasts.length - 1 && at > this.#at + 1 && this.#keepsUp) {
      const before = past.prints[this.#at]!
      const isStep = past.prints.some((each, i) => i >= this.#at && each === before && past.prints[i + 1] === print)
      if (!isStep) world.fail(`client ${this.index} keeps up and is not shown every change`)
    }
    this.#at = at
  }

  /** Whether each change should be shown by itself. */
  get #keepsUp (): boolean {
    const { options } = this.side!.server
    const { line, isTouched } = this.link!
    return options.autoflushDelay === 0 && options.maxBufferedBytes > 100_000 && !isTouched && line.bandwidth === 0 && line.buffer > 10_000 && line.latency <= 5
  }

  #heard (name: string, { n, at }: News): void {
    const world = this.#world
    const { side } = this
    world.counts.notifications++
    world.log(() => `client ${this.index}: ${name} ${n}`)
    const problem = side === undefined ? 'is notified without a connection' : side.hears(n)
    if (problem !== undefined) world.fail(`client ${this.index} ${problem}`)
    if (side === undefined) return
    const { past } = side
    // places of other parts are other ones
    if (at === -1 || past === undefined || side.sights.length > 1) return
    if (past.find(this.print, at) === -1) world.fail(`client ${this.index} is notified of a state that it has not got`)
  }

  #environment (): Environment {
    return {
      check () {},
      watchPage: (events) => {
        this.page = events
        return () => { this.page = undefined }
      },
      open: (url, { maxPayload }, onFault, failure) => {
        const world = this.#world
        const { line } = this.options
        const link = this.link = new Link(world.clock, world.runtime, line, world.counts)
        link.isTouched = line.bandwidth > 0 || (line.buffer < 10_000 && line.latency > 0)
        world.links.add(link)
        this.side = undefined
        const socket = new ClientSocket(link.client, maxPayload + 1)
        socket.ws.on('error', (error: Error & { code?: string }) => {
          if (error.code?.startsWith('WS_ERR_')) onFault(new ProtocolFault(closeCodeOf(error)))
          else if (failure.info.code !== 4408) failure.trouble ??= error
        })
        world.arrive(link, socket, new URL(url), `client ${this.index}`, (side) => { if (this.link === link) this.side = side })
        this.#socket = socket.ws
        return socket.ws as Socket
      }
    }
  }
}
