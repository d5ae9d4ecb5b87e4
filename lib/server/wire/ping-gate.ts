/** Pings and pongs of one connection: in segmented framing they are messages of that framing's own. */
import type { WebSocket } from 'ws'
import { headerPing, headerPong } from '../../protocol/segmented.ts'
import { AgeGate, newProbe } from './age-gate.ts'
import { probePing } from './encoded-message.ts'
import type { MessageEncoding } from './encoded-message.ts'
import type { FrameSink } from './sending-socket.ts'
import { textFrame } from './ws-frame.ts'

/** Pongs that are sent one by one in a turn. */
const pongsPerTurn = 16

/** A base class and not a part, as the gates below it. All it sends goes past the gate, in which state and answers wait. */
export abstract class PingGate extends AgeGate {
  protected readonly ws: WebSocket
  #pongs = 0
  /** What a pong is to hold that had to wait. */
  #pong: string | undefined

  constructor (ws: WebSocket, socket: FrameSink, limit: number, patience: number) {
    super(socket, limit, patience)
    this.ws = ws
  }

  /** `undefined`: not known yet. */
  abstract readonly encoding: MessageEncoding | undefined
  /** Whether anything may be sent. */
  protected abstract readonly isOpen: boolean

  /** Asks the peer for a sign of life: by WebSocket's ping, or in segmented framing by that framing's own. */
  ping (): void {
    this.progressed() // from here on
    this.beaten()
    if (this.encoding?.framing === 'segmented') this.#control(headerPing)
    else this.ws.ping()
  }

  /**
   * Segmented framing: answers a ping. A peer that floods with pings, or does not read its pongs, gets the newest ones
   * only.
   */
  pong (payload: string): void {
    if (this.isJammed || this.#pongs === pongsPerTurn) {
      this.#pong = payload
      return
    }
    if (this.#pongs++ === 0) process.nextTick(endTurn, this)
    this.#control(headerPong + payload)
  }

  /** Sends the pong that had to wait for the end of the turn. */
  flushPong (): void {
    this.#pongs = 0
    if (this.#pong === undefined || this.isShut) return
    this.#control(headerPong + this.#pong)
    this.#pong = undefined
  }

  /** A ping whose answer says that what was written before has been read. */
  protected sendProbe (): void {
    const number = newProbe()
    this.writeControl(probePing(this.encoding!, number))
    this.probed(number)
  }

  #control (text: string): void {
    if (this.isOpen) this.writeControl(textFrame('', text))
  }
}

// A function with an argument, not a closure, for nextTick.
const endTurn = (gate: PingGate) => gate.flushPong()
