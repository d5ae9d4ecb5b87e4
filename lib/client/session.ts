/** One attempt at one server, and the connection that it becomes: socket, codec and watchdog until the socket is gone. */
import type { CloseCode, CloseInfo, Framing, ServerMessage } from '../../types/protocol.ts'
import { JugglerClientError } from '../errors.ts'
import { closeCodes } from '../protocol/close-codes.ts'
import { ProtocolFault } from '../protocol/fault.ts'
import type { Decoder } from '../protocol/framing.ts'
import { encodeRequest, parseServerMessage } from '../protocol/messages.ts'
import { PlainDecoder } from '../protocol/plain.ts'
import { encodeSegments, SegmentedDecoder, segmentHeader } from '../protocol/segmented.ts'
import type { Environment, Socket } from './environment.ts'
import type { Settings } from './options.ts'
import { Watchdog } from './watchdog.ts'

/** How long (ms) a peer may take to answer a close before the socket is dropped. */
const closeTimeout = 1000

/** The handshake of an attempt, where no keepalive says how long a peer may be silent (ms). */
const handshakeTimeout = 10_000

/** Of our probes in plain framing: requests of callers have ids from 1, so the answer means nothing to anyone. */
const probeId = 0

export interface SessionEvents {
  /** It can be used: the socket is open and, where the framing is in doubt, a frame of the server has settled it. */
  onOpen (): void
  /** @throws what makes the message one that a server must not send */
  onMessage (message: ServerMessage): void
  /**
   * It cannot be used any longer; the socket may take a moment more to close. Called once, unless `end` was called.
   *
   * @param fault - how the server broke the protocol, where that is why
   */
  onLost (info: CloseInfo, fault?: JugglerClientError): void
}

/** What became of a session. */
export interface Outcome {
  readonly info: CloseInfo
  /** Whether the WebSocket opened. */
  readonly connected: boolean
  /** Whether it opened for use. */
  readonly opened: boolean
  /** How long it was open (ms). */
  readonly lasted: number
  /** Why it failed, where the platform says so. */
  readonly error: unknown
}

/**
 *   connecting ──> proving ──> open ──> closing ──> ended
 *       └─────────────┴──────────┴──────────┴────────^
 *
 * `proving` is for a framing in doubt only.
 */
type Phase = 'connecting' | 'proving' | 'open' | 'closing' | 'ended'

export class Session {
  /** Resolves when the socket is gone. */
  readonly ended: Promise<Outcome>
  readonly #events: SessionEvents
  readonly #socket: Socket
  readonly #decoder: Decoder
  readonly #watchdog: Watchdog
  readonly #settings: Settings
  readonly #framing: Framing
  readonly #prove: boolean
  #phase: Phase = 'connecting'
  #info: CloseInfo | undefined
  #connected = false
  #openedAt = 0
  #error: unknown
  #timer: ReturnType<typeof setTimeout> | undefined
  #finish!: (outcome: Outcome) => void

  /**
   * @param prove - the framing is in doubt: open only when the server has shown that it speaks it
   * @throws whatever the platform throws for an address that it does not take
   */
  constructor (environment: Environment, url: string, framing: Framing, prove: boolean, settings: Settings, events: SessionEvents) {
    this.#settings = settings
    this.#framing = framing
    this.#prove = prove
    this.#events = events
    this.#decoder = new (framing === 'plain' ? PlainDecoder : SegmentedDecoder)(settings.maxPayload)
    this.ended = new Promise((resolve) => { this.#finish = resolve })
    this.#watchdog = new Watchdog(settings.pingDelay, settings.pingTimeout, {
      probe: () => this.#probe(),
      dead: () => this.#lose(closeCodes.pingTimeout)
    })
    this.#socket = environment.openSocket(url, settings, {
      onOpen: () => this.#onOpen(),
      onText: (text, bytes) => this.#onText(text, bytes),
      onFault: (close) => this.#fault(close, close.reason),
      onClose: (code, reason, error) => this.#onClose(code, reason, error)
    })
    this.#watchdog.expect(settings.pingDelay === null ? handshakeTimeout : settings.pingDelay + settings.pingTimeout)
  }

  send (text: string): void {
    if (this.#framing === 'plain') this.#socket.send(text)
    else for (const frame of encodeSegments(text, this.#settings.maxSegmentSize)) this.#socket.send(frame)
  }

  /** The machine may have slept, or the network has changed: ask at once whether the server is still there. */
  wake (): void {
    this.#watchdog.wake()
  }

  /** Closes. `ended` follows at the latest when `closeTimeout` is over. */
  end (code: number, reason: string): void {
    if (this.#phase === 'closing' || this.#phase === 'ended') return
    this.#phase = 'closing'
    this.#info = { code, reason }
    this.#watchdog.stop()
    this.#timer = setTimeout(() => {
      this.#socket.terminate()
      this.#settle()
    }, closeTimeout)
    this.#socket.close(code, reason)
  }

  #onOpen (): void {
    if (this.#phase !== 'connecting') return
    this.#connected = true
    this.#watchdog.heard()
    if (this.#prove) {
      this.#phase = 'proving'
      this.#watchdog.expect(this.#settings.pingTimeout)
      this.#probe()
    } else {
      this.#opened()
    }
  }

  #opened (): void {
    this.#phase = 'open'
    this.#openedAt = Date.now()
    this.#events.onOpen()
  }

  #onText (frame: string, bytes: number | undefined): void {
    if (this.#phase !== 'open' && this.#phase !== 'proving') return
    this.#watchdog.heard()
    try {
      const inbound = this.#decoder.decode(frame, bytes)
      const message = inbound.kind === 'message' ? parseServerMessage(inbound.text) : undefined
      if (this.#phase === 'proving') this.#opened()
      if (message !== undefined) this.#events.onMessage(message)
      else if (inbound.kind === 'ping') this.#socket.send(segmentHeader.pong + inbound.payload)
    } catch (error) {
      if (error instanceof ProtocolFault) this.#fault(error.close, error.message)
      else this.#fault(closeCodes.protocolError, (error as Error).message, error)
    }
  }

  #probe (): void {
    if (this.#phase !== 'open' && this.#phase !== 'proving') return
    if (this.#framing === 'segmented') this.#socket.send(segmentHeader.ping)
    else this.#socket.send(encodeRequest(probeId, '', null))
  }

  /** @param cause - where the fault is not one of the message itself */
  #fault ({ code, reason }: CloseCode, message: string, cause?: unknown): void {
    if (this.#phase === 'closing' || this.#phase === 'ended') return
    const fault = new JugglerClientError('JUGGLER_PROTOCOL_ERROR', `the server broke the protocol: ${message}`, cause)
    this.#error = fault
    this.#lose({ code, reason }, fault)
  }

  #lose (info: CloseInfo, fault?: JugglerClientError): void {
    this.end(info.code, info.reason)
    this.#events.onLost(info, fault)
  }

  #onClose (code: number, reason: string, error: unknown): void {
    this.#error ??= error
    const lost = this.#info === undefined
    this.#info ??= { code, reason }
    this.#settle()
    if (lost) this.#events.onLost(this.#info)
  }

  #settle (): void {
    if (this.#phase === 'ended') return
    this.#phase = 'ended'
    this.#watchdog.stop()
    clearTimeout(this.#timer)
    this.#finish({
      info: this.#info!,
      connected: this.#connected,
      opened: this.#openedAt > 0,
      lasted: this.#openedAt > 0 ? Date.now() - this.#openedAt : 0,
      error: this.#error
    })
  }
}
