/** All connections of one registration: how they come, whom a broadcast reaches, and how they go when the app closes. */
import type { Duplex } from 'node:stream'
import type { FastifyRequest } from 'fastify'
import type { WebSocket } from 'ws'
import type { Framing } from '../../../types/protocol.ts'
import type { Connection } from '../../../types/server.ts'
import { closeCodes } from '../../protocol/close-codes.ts'
import { Frame } from '../wire/encoded-message.ts'
import { Keepalive } from './keepalive.ts'
import type { KeepaliveOptions } from './keepalive.ts'
import { Link } from './connection.ts'
import type { LinkSettings, LinkState } from './connection.ts'

/** What a new connection brings along. */
export interface Arrival {
  readonly ws: WebSocket
  /** What `ws` writes to. */
  readonly socket: Duplex
  readonly request: FastifyRequest
  readonly remote: string
  /** `undefined`: to be learned from the first frame. */
  readonly framing: Framing | undefined
  /** `undefined`: a state of its own, once somebody asks for it. */
  readonly state: LinkState | undefined
}

const kLink = Symbol('juggler.link')
type LinkedWebSocket = WebSocket & { [kLink]: Link }

/** Addresses of clients of the other framing that are remembered, so that each is logged once. */
const maxStrangers = 1000

export class Connections {
  /** The open ones, as the app sees them. */
  readonly view: ReadonlySet<Connection>
  readonly #open = new Map<Connection, Link>()
  readonly #leaving = new Set<Link>()
  readonly #strangers = new Set<string>()
  readonly #keepalive: Keepalive
  readonly #settings: LinkSettings
  #closing = false
  #whenEmpty: (() => void) | undefined

  constructor (settings: Omit<LinkSettings, 'closing' | 'closed' | 'isNewStranger'> & KeepaliveOptions) {
    const open = this.#open
    this.view = new ConnectionSet(open)
    this.#keepalive = new Keepalive({ [Symbol.iterator]: () => open.values() }, settings)
    this.#settings = {
      ...settings,
      closing: (link) => {
        open.delete(link.connection)
        this.#leaving.add(link)
      },
      closed: (link) => {
        this.#leaving.delete(link)
        if (this.#leaving.size === 0 && open.size === 0) this.#whenEmpty?.()
      },
      isNewStranger: (remote) => this.#isNewStranger(remote)
    }
  }

  /** Whether new ones are turned away. */
  get closing (): boolean {
    return this.#closing
  }

  /** The open ones. */
  links (): Iterable<Link> {
    return this.#open.values()
  }

  /** Takes a connection over; its first message cannot come before this returns. */
  accept ({ ws, socket, request, remote, framing, state }: Arrival): Connection {
    const link = new Link(this.#settings, ws, socket, request, remote, framing, state)
    ;(ws as LinkedWebSocket)[kLink] = link
    ws.on('message', onMessage)
    ws.on('pong', onSign)
    ws.on('ping', onSign)
    ws.on('error', onError)
    ws.on('close', onClose)
    this.#open.set(link.connection, link)
    this.#keepalive.watch()
    if (this.#closing) link.closeNow(closeCodes.goingAway)
    return link.connection
  }

  /** @param text - a message, sent to everybody, or to those who see a state */
  broadcast (text: string, state?: unknown): void {
    const frame = new Frame(text)
    for (const link of this.#open.values()) {
      if (state === undefined || link.sees(state)) link.post(frame)
    }
  }

  /**
   * Closes all connections for good.
   *
   * @param timeout - longest wait for the closing handshakes; then sockets are terminated
   * @returns resolves when none is left
   */
  close (timeout: number): Promise<void> {
    this.#closing = true
    this.#keepalive.stop()
    for (const link of [...this.#open.values(), ...this.#leaving]) link.closeNow(closeCodes.goingAway)
    if (this.#leaving.size === 0) return Promise.resolve()
    return new Promise((resolve) => {
      const deadline = setTimeout(() => { for (const link of this.#leaving) link.terminate() }, timeout)
      this.#whenEmpty = () => {
        clearTimeout(deadline)
        resolve()
      }
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
  readonly #links: ReadonlyMap<Connection, Link>

  constructor (links: ReadonlyMap<Connection, Link>) {
    this.#links = links
  }

  get size (): number {
    return this.#links.size
  }

  has (connection: Connection): boolean {
    return this.#links.has(connection)
  }

  forEach (callback: (value: Connection, key: Connection, set: ReadonlySet<Connection>) => void, thisArg?: unknown): void {
    for (const connection of this.#links.keys()) callback.call(thisArg, connection, connection, this)
  }

  keys (): MapIterator<Connection> {
    return this.#links.keys()
  }

  values (): MapIterator<Connection> {
    return this.#links.keys()
  }

  * entries (): MapIterator<[Connection, Connection]> {
    for (const connection of this.#links.keys()) yield [connection, connection]
  }

  [Symbol.iterator] (): MapIterator<Connection> {
    return this.#links.keys()
  }
}

// Listeners shared by all sockets: a closure for each event of each connection would be most of what one weighs.

function onMessage (this: WebSocket, data: Buffer, isBinary: boolean): void {
  (this as LinkedWebSocket)[kLink].receive(data, isBinary)
}

function onSign (this: WebSocket): void {
  (this as LinkedWebSocket)[kLink].heard()
}

function onError (this: WebSocket, error: Error): void {
  (this as LinkedWebSocket)[kLink].broken(error)
}

function onClose (this: WebSocket, code: number, reason: Buffer): void {
  (this as LinkedWebSocket)[kLink].ended(code, reason.toString())
}
