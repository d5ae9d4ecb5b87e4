/** All connections of one registration: how they come, whom a broadcast reaches, and how they go when the app closes. */
import type { WebSocket } from 'ws'
import type { Connection } from '../../../types/server.ts'
import type { JugglerStats } from '../../../types/stats.ts'
import { closeCodes } from '../../protocol/close-codes.ts'
import { EncodedMessage } from '../wire/encoded-message.ts'
import { OutputBudget } from '../wire/output-budget.ts'
import { FST_JUGGLER_CLOSING } from '../errors.ts'
import type { Monitor } from '../operations/monitor.ts'
import { InputBudget } from '../requests/input-budget.ts'
import { Announcements } from '../sync/announcements.ts'
import type { SyncGroup } from '../sync/sync-group.ts'
import { Admission } from './admission.ts'
import type { AdmissionLimits } from './admission.ts'
import type { Arrival, ConnectionSettings, EndingConnection } from './arrival.ts'
import { Keepalive } from './keepalive.ts'
import type { KeepaliveOptions } from './keepalive.ts'
import { ServerConnection } from './connection.ts'

const kConnection = Symbol('juggler.connection')
type ConnectedWebSocket = WebSocket & { [kConnection]: ServerConnection }

/** How often (ms) more connections are ended while they are drained. */
const drainStep = 20

/** What connections tell this. */
type Told = 'closing' | 'closed' | 'isNewStranger'

/** Addresses of clients of the other framing that are remembered, so that each is logged once. */
const maxStrangers = 1000

/** What a registration says of its connections. */
type ConnectionsSettings = KeepaliveOptions & Omit<ConnectionSettings, 'announcements' | 'budget' | 'output' | Told> & {
  readonly limits: AdmissionLimits & { readonly bufferedBytes: number }
  /** Writes a line of the log that is of no connection. */
  readonly warn: (details: object, message: string) => void
}

export class Connections {
  /** The open ones, as the app sees them. */
  readonly view: ReadonlySet<Connection>
  readonly #open = new Map<Connection, ServerConnection>()
  readonly #leaving = new Set<EndingConnection>()
  readonly #strangers = new Set<string>()
  readonly #keepalive: Keepalive
  readonly #admission: Admission
  readonly #monitor: Monitor
  readonly #budget: InputBudget
  readonly #output: OutputBudget
  readonly #settings: ConnectionSettings
  #closing = false
  #draining = false
  readonly #whenEmpty = new Set<() => void>()

  constructor (settings: ConnectionsSettings) {
    const open = this.#open
    this.view = new ConnectionSet(open)
    this.#monitor = settings.monitor
    this.#budget = new InputBudget(settings.limits.bufferedBytes, () => open.values())
    this.#output = new OutputBudget(settings.limits.bufferedBytes, () => [...open.values(), ...this.#leaving])
    this.#admission = new Admission(settings.limits, settings.monitor, settings.warn)
    this.#keepalive = new Keepalive({ [Symbol.iterator]: () => open.values() }, settings)
    this.#settings = {
      ...settings,
      budget: this.#budget,
      output: this.#output,
      announcements: new Announcements(settings.autoflushDelay),
      closing: (connection) => {
        open.delete(connection.facade)
        this.#leaving.add(connection)
      },
      closed: (connection) => {
        this.#leaving.delete(connection)
        this.#admission.delete(connection.remote)
        if (this.#leaving.size === 0 && open.size === 0) for (const callback of this.#whenEmpty) callback()
      },
      isNewStranger: (remote) => this.#isNewStranger(remote)
    }
  }

  /** Whether new ones are turned away. */
  get closing (): boolean {
    return this.#closing || this.#draining
  }

  /** The open ones, as the server sees them. */
  open (): Iterable<ServerConnection> {
    return this.#open.values()
  }

  /**
   * Whether a connection may come.
   *
   * @param remote - tells its address
   * @throws FST_JUGGLER_CLOSING, FST_JUGGLER_CONNECTIONS_FULL, FST_JUGGLER_ADDRESS_FULL
   */
  admit (remote: () => string): void {
    if (this.closing) {
      this.#monitor.refused()
      throw new FST_JUGGLER_CLOSING()
    }
    this.#admission.check(remote)
  }

  /** Takes a connection over; its first message cannot come before this returns. */
  accept (arrival: Arrival): Connection {
    const { ws } = arrival
    const connection = new ServerConnection(this.#settings, arrival)
    ;(ws as ConnectedWebSocket)[kConnection] = connection
    ws.on('message', onMessage)
    ws.on('pong', onPong)
    ws.on('ping', onPing)
    ws.on('error', onError)
    ws.on('close', onClose)
    this.#open.set(connection.facade, connection)
    connection.opened()
    this.#keepalive.watch()
    const hasRoom = this.#admission.add(arrival.remote)
    if (!hasRoom) connection.closeNow(closeCodes.tryAgainLater)
    else if (!connection.hasRoom) connection.refuseParts()
    else if (this.closing) connection.closeNow(this.#closing ? closeCodes.goingAway : closeCodes.tryAgainLater)
    return connection.facade
  }

  /**
   * @param text - a message, sent to everybody, or to those who see a state
   * @param flush - behind the state as it is now
   */
  broadcast (text: string, state: unknown, flush: boolean): void {
    const message = new EncodedMessage(text)
    // one message of the state for all; then nobody is behind but who is slow
    if (flush) this.flush(state).catch(() => {})
    for (const connection of this.#open.values()) {
      if (state === undefined || connection.sees(state)) connection.post(message, flush)
    }
  }

  /**
   * Ends the windows of a state, or of all.
   *
   * @returns resolves when everybody's socket was handed what it did not have
   */
  async flush (state: unknown): Promise<void> {
    if (state === undefined) this.#settings.announcements.flush()
    const groups = new Set<SyncGroup>()
    for (const connection of this.#open.values()) {
      if (connection.group !== undefined && (state === undefined || connection.sees(state))) groups.add(connection.group)
    }
    await Promise.all([...groups].map((group) => group.flushAll()))
  }

  /** Turns new connections away, and lets each that is there end when none of its handlers runs any more. */
  retire (): void {
    this.#closing = true
    for (const connection of this.#open.values()) connection.retire(closeCodes.goingAway)
  }

  /**
   * Turns new connections away, and ends those that are there one after the other, so that their clients do not come to
   * another server all at once.
   *
   * @param over - the time in ms that the ends are spread over
   * @param timeout - longest wait in ms for handlers that run when the last one's turn has come
   * @returns resolves when none is left
   */
  async drain (over: number, timeout: number): Promise<void> {
    this.#draining = true
    const connections = [...this.#open.values()]
    const began = performance.now()
    for (let next = 0; next < connections.length; await new Promise((resolve) => setTimeout(resolve, drainStep))) {
      const due = over === 0 ? 1 : Math.min(1, (performance.now() - began) / over)
      while (next < connections.length * due) connections[next++]!.retire(closeCodes.tryAgainLater)
    }
    const deadline = setTimeout(() => {
      for (const connection of this.#open.values()) connection.retireNow(closeCodes.tryAgainLater)
    }, timeout)
    await this.#empty()
    clearTimeout(deadline)
  }

  /**
   * Closes all connections for good.
   *
   * @param timeout - longest wait for the closing handshakes; then sockets are terminated
   * @returns resolves when none is left
   */
  async close (timeout: number): Promise<void> {
    this.#closing = true
    this.#keepalive.stop()
    for (const connection of [...this.#open.values()]) connection.retireNow(closeCodes.goingAway)
    for (const connection of this.#leaving) connection.closeNow(closeCodes.goingAway)
    if (this.#leaving.size === 0) return
    const deadline = setTimeout(() => { for (const connection of this.#leaving) connection.terminate() }, timeout)
    await this.#empty()
    clearTimeout(deadline)
  }

  /** What has happened on all connections, and what is there now. It asks each of them. */
  read (): Pick<JugglerStats, 'connections' | 'traffic' | 'flushes' | 'behind' | 'buffered' | 'roundTrips' | 'limits'> {
    const open = [...this.#open.values()]
    const all = [...open, ...this.#leaving]
    const ages = open.filter(({ isBehind }) => isBehind).map(({ unansweredFor }) => unansweredFor)
    const behind = { connections: ages.length, age: ages.reduce((oldest, age) => Math.max(oldest, age), 0) }
    const { connections, ...counted } = this.#monitor.read(all.map(({ traffic }) => traffic))
    return {
      connections: { open: open.length, closing: this.#leaving.size, ...connections },
      ...counted,
      behind,
      buffered: { input: this.#budget.used, output: this.#output.measure() }
    }
  }

  /** Resolves when there is no connection. */
  async #empty (): Promise<void> {
    if (this.#leaving.size === 0 && this.#open.size === 0) return
    await new Promise<void>((resolve) => {
      const callback = () => {
        this.#whenEmpty.delete(callback)
        resolve()
      }
      this.#whenEmpty.add(callback)
    })
  }

  #isNewStranger (remote: string): boolean {
    if (this.#strangers.has(remote)) return false
    if (this.#strangers.size >= maxStrangers) this.#strangers.clear()
    this.#strangers.add(remote)
    return true
  }
}

/** The keys of a map as a set that nobody can write to. */
class ConnectionSet implements ReadonlySet<Connection> {
  readonly #connections: ReadonlyMap<Connection, ServerConnection>

  constructor (connections: ReadonlyMap<Connection, ServerConnection>) {
    this.#connections = connections
  }

  get size (): number {
    return this.#connections.size
  }

  has (connection: Connection): boolean {
    return this.#connections.has(connection)
  }

  forEach (callback: (value: Connection, key: Connection, set: ReadonlySet<Connection>) => void, thisArg?: unknown): void {
    for (const connection of this.#connections.keys()) callback.call(thisArg, connection, connection, this)
  }

  keys (): MapIterator<Connection> {
    return this.#connections.keys()
  }

  values (): MapIterator<Connection> {
    return this.#connections.keys()
  }

  * entries (): MapIterator<[Connection, Connection]> {
    for (const connection of this.#connections.keys()) yield [connection, connection]
  }

  [Symbol.iterator] (): MapIterator<Connection> {
    return this.#connections.keys()
  }
}

// Listeners shared by all sockets: a closure for each event of each connection would be most of what one weighs.

function onMessage (this: WebSocket, data: Buffer, isBinary: boolean): void {
  (this as ConnectedWebSocket)[kConnection].receive(data, isBinary)
}

function onPing (this: WebSocket): void {
  (this as ConnectedWebSocket)[kConnection].heard()
}

function onPong (this: WebSocket, payload: Buffer): void {
  (this as ConnectedWebSocket)[kConnection].answered(payload)
}

function onError (this: WebSocket, error: Error): void {
  (this as ConnectedWebSocket)[kConnection].broken(error)
}

function onClose (this: WebSocket, code: number, reason: Buffer): void {
  (this as ConnectedWebSocket)[kConnection].ended(code, reason.toString())
}
