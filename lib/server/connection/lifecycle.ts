/** How one connection ends: its phases, the closing handshake, and what the app can ask about its end. */
import type { WebSocket } from 'ws'
import type { CloseInfo } from '../../../types/protocol.ts'
import { Ending } from './ending.ts'

/** Reads and answers. */
const OPEN = 0
/** Closing has begun: nothing is read, handlers that run may still answer. */
const DRAINING = 1
/** The close frame is on its way behind everything else. */
const CLOSING = 2
/** The socket is gone. */
const CLOSED = 3

/** The code of a connection whose peer has sent no close frame. */
const unclean = 1006

/** A peer that is still taking what it was sent is given at least this long between two looks, in ms. */
const leastPatience = 1000

export interface LifecycleSettings {
  readonly shutdownTimeout: number
}

/**
 * ```
 *      close(), a fault          handlers done, or      close frame
 *      of the peer               shutdownTimeout        answered, or cut
 *  OPEN ───────────▶ DRAINING ─────────────▶ CLOSING ────────────▶ CLOSED
 *    └────────────── the peer closed, or is gone ────────────────────▲
 * ```
 *
 * A base class and not a part: every connection has one, and this way it costs no object of its own.
 */
export abstract class Lifecycle {
  protected readonly settings: LifecycleSettings
  protected readonly ws: WebSocket
  #phase = OPEN
  /** Whether the peer began to close before this side did: then its code counts. */
  #peerFirst = false
  #timer: NodeJS.Timeout | undefined
  #ending: Ending | undefined

  constructor (settings: LifecycleSettings, ws: WebSocket) {
    this.settings = settings
    this.ws = ws
  }

  /** Whether anything may be asked of the connection: neither side has begun to close. */
  get isOpen (): boolean {
    return this.#phase === OPEN && this.ws.readyState === this.ws.OPEN
  }

  /** Aborted when closing begins. */
  get signal (): AbortSignal {
    return this.ending.signal
  }

  /** Resolves when the socket is gone. */
  get closed (): Promise<CloseInfo> {
    return this.ending.closed
  }

  /** Begins to close; does nothing where that has begun already. */
  close (info: CloseInfo): void {
    if (this.#phase !== OPEN) return
    this.#begin(info, this.#isFirst)
    if (this.isAnswering) this.#timer = setTimeout(sendClose, this.settings.shutdownTimeout, this)
    else this.#sendClose()
  }

  /**
   * Begins to close without waiting for handlers.
   *
   * @param isFirst - whether the peer has not begun to close before
   */
  closeNow (info: CloseInfo, isFirst = this.#isFirst): void {
    if (this.#phase === OPEN) this.#begin(info, isFirst)
    this.sendClose()
  }

  /** Ends what has not ended by itself. */
  terminate (): void {
    this.ws.terminate()
  }

  /** The socket is gone. */
  ended (code: number, reason: string): void {
    if (this.#phase === OPEN) this.#begin({ code, reason })
    // what the peer closed with, unless it never said that to the end
    else if (this.#peerFirst && code !== unclean) this.ending.info = { code, reason }
    clearTimeout(this.#timer)
    this.#phase = CLOSED
    const { ending } = this
    this.finished(ending.info!)
    ending.finish()
  }

  /** Sends the close frame, unless that has been done. */
  sendClose (): void {
    if (this.#phase === OPEN || this.#phase === DRAINING) this.#sendClose()
  }

  /** Cuts a peer that neither answers the close frame nor goes on taking what was sent before it. */
  cut (): void {
    if (this.progressed()) this.#timer = setTimeout(cut, Math.max(this.settings.shutdownTimeout, leastPatience), this)
    else this.ws.terminate()
  }

  /** Whether the peer is still taking what it was sent. */
  abstract progressed (): boolean

  /** Whether handlers run. */
  protected abstract readonly isAnswering: boolean
  /** OPEN has been left: from here on nothing is read and nothing new is taken. */
  protected abstract began (): void
  /** Hands everything that waits to the socket, and the close frame behind it. */
  protected abstract finish (code: number, reason: string): void
  /** The socket is gone. */
  protected abstract finished (info: CloseInfo): void

  /** Whether closing has not begun on this side; the peer's may have. */
  protected get isReceiving (): boolean {
    return this.#phase === OPEN
  }

  /** Whether closing has begun, and handlers that run may still answer. */
  protected get isDraining (): boolean {
    return this.#phase === DRAINING
  }

  protected get ending (): Ending {
    return (this.#ending ??= new Ending())
  }

  /** Whether the peer has not begun to close. */
  get #isFirst (): boolean {
    return this.ws.readyState === this.ws.OPEN
  }

  #begin (info: CloseInfo, isFirst = true): void {
    this.#phase = DRAINING
    this.#peerFirst = !isFirst
    this.began()
    this.ending.begin(info)
  }

  #sendClose (): void {
    this.#phase = CLOSING
    clearTimeout(this.#timer)
    const { code, reason } = this.ending.info!
    this.finish(code, reason)
    if (this.#phase === CLOSING) this.#timer = setTimeout(cut, this.settings.shutdownTimeout, this)
  }
}

// Not closures, so that a timer holds nothing but its connection.

function sendClose (connection: Lifecycle): void {
  connection.sendClose()
}

function cut (connection: Lifecycle): void {
  connection.cut()
}
