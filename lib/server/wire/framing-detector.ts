/** Finds out which framing a peer speaks, and puts what it sends together into messages of the protocol. */
import type { WebSocket } from 'ws'
import type { Framing } from '../../../types/protocol.ts'
import { closeCodes } from '../../protocol/close-codes.ts'
import { ProtocolFault } from '../../protocol/fault.ts'
import { framingOf } from '../../protocol/framing.ts'
import type { GuardedDecoder, WeighedInbound } from './guarded-decoder.ts'
import type { Outbox } from './outbox.ts'
import type { Codecs } from './codecs.ts'

/**
 * The first WebSocket message tells the framings apart without doubt. Where the framing is not known before, nothing is
 * sent until that message has come, or for as long as `wait` was told.
 */
export class FramingDetector {
  readonly #codecs: Codecs
  readonly #ws: WebSocket
  readonly #outbox: Outbox
  #decoder: GuardedDecoder | undefined
  #heard = false
  #timer: NodeJS.Timeout | undefined

  /** @param framing - `undefined`: to be learned from the first message */
  constructor (codecs: Codecs, ws: WebSocket, outbox: Outbox, framing: Framing | undefined) {
    this.#codecs = codecs
    this.#ws = ws
    this.#outbox = outbox
    if (framing !== undefined) this.#decoder = codecs.decoder(framing)
  }

  /** Waits for the first message where the framing is not known, then takes plain framing. */
  wait (timeout: number): void {
    if (this.#decoder === undefined) this.#timer = setTimeout(takePlain, timeout, this)
  }

  /** Waits no more. */
  end (): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  /**
   * @param text - of one WebSocket message
   * @param bytes - its length
   * @returns a message of the protocol, where this completes one, or how much has come of it; pings are answered
   * @throws ProtocolFault
   */
  read (text: string, bytes: number): WeighedInbound {
    const first = !this.#heard
    this.#heard = true
    if (this.#decoder === undefined) this.choose(framingOf(text) ?? 'plain')
    let inbound: WeighedInbound
    try {
      inbound = this.#decoder!(text, bytes)
    } catch (error) {
      const spoken = framingOf(text)
      if (!first || spoken === undefined || !isWrongFraming(error) || !this.#outbox.untouched) throw error
      // The peer speaks the other framing, and has not been sent anything that it would have misread.
      this.choose(spoken)
      inbound = this.#decoder!(text, bytes)
    }
    if (inbound.ping !== undefined) this.#outbox.pong(inbound.ping)
    if (inbound.pong !== undefined) this.#outbox.answered(inbound.pong)
    return inbound
  }

  choose (framing: Framing): void {
    this.end()
    this.#decoder = this.#codecs.decoder(framing)
    this.#outbox.setEncoding(this.#codecs.encoding(framing, this.#ws))
  }
}

// Not a closure, so that a timer holds nothing but its detector.
function takePlain (detector: FramingDetector): void {
  detector.choose('plain')
}

const isWrongFraming = (error: unknown): boolean =>
  error instanceof ProtocolFault && error.close.code === closeCodes.wrongFraming.code
