/** One attempt at one server, and the connection that it becomes: socket, decoder and watchdog until the socket is gone. */
import type { CloseInfo, Framing, ServerMessage } from '../../types/protocol.ts'
import { JugglerClientError } from '../errors.ts'
import { closeCodes } from '../protocol/close-codes.ts'
import { ProtocolFault } from '../protocol/fault.ts'
import type { Decoder } from '../protocol/framing.ts'
import { encodeRequest, parseServerMessage } from '../protocol/messages.ts'
import { PlainDecoder } from '../protocol/plain.ts'
import { encodeSegments, SegmentedDecoder } from '../protocol/segmented.ts'
import type { Environment, Socket } from './environment.ts'
import type { Settings } from './options.ts'
import { Watchdog } from './watchdog.ts'

/** How long (ms) a server may take to answer a close before the socket is dropped. */
const closeTimeout = 1000

/** How long (ms) an attempt may take where no keepalive says how long a server may be silent. */
const handshakeTimeout = 10_000

/** Of our probes in plain framing: requests of callers have ids from 1, so the answer means nothing to anyone. */
const probeId = 0

/*
 *   connecting ──> proving ──> open ──> closing ──> ended
 *       └─────────────┴──────────┴──────────┴────────^
 *
 * `proving` is for a framing in doubt alone.
 */
const connecting = 0
const proving = 1
const open = 2
const closing = 3
const ended = 4

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

export class Session {
  /** Resolves when the socket is gone. */
  readonly ended: Promise<void>
  /** How it ended; before that, what is known of it. */
  info: CloseInfo = { code: 1006, reason: '' }
  /** Why it failed, where the platform says so. */
  error: unknown
  /** Whether the WebSocket opened. */
  connected = false
  /** When it opened for use; 0: it never did. */
  openedAt = 0
  readonly #environment: Environment
  readonly #settings: Settings
  readonly #framing: Framing
  readonly #events: SessionEvents
  readonly #decoder: Decoder
  readonly #watchdog: Watchdog
  #socket: Socket | undefined
  #phase = connecting
  #timer: ReturnType<typeof setTimeout> | undefined
  #resolve!: () => void

  /** @param prove - the framing is in doubt: open only when the server has shown that it speaks it */
  constructor (environment: Environment, url: string, framing: Framing, prove: boolean, settings: Settings, events: SessionEvents) {
    const { maxPayload, pingDelay, pingTimeout } = settings
    this.#environment = environment
    this.#settings = settings
    this.#framing = framing
    this.#events = events
    this.#decoder = new (framing === 'plain' ? PlainDecoder : SegmentedDecoder)(maxPayload)
    this.#watchdog = new Watchdog(pingDelay, pingTimeout, () => this.#probe(), () => this.#lose(closeCodes.pingTimeout))
    this.ended = new Promise((resolve) => { this.#resolve = resolve })
    try {
      this.#socket = environment.open(url, settings)
    } catch (error) {
      this.error = error
      this.#finish()
      return
    }
    this.#socket.onopen = () => this.#onOpen(prove)
    this.#socket.onmessage = ({ data }) => this.#onFrame(data)
    this.#socket.onerror = ({ error }) => {
      const close = environment.faultOf?.(error)
      if (close !== undefined) this.#fault(new ProtocolFault(close))
      this.error ??= error
    }
    this.#socket.onclose = ({ code, reason }) => {
      if (this.#phase < closing) {
        this.info = { code, reason }
        this.#phase = closing
        events.onLost(this.info)
      }
      this.#finish()
    }
    this.#watchdog.expect(pingDelay === null ? handshakeTimeout : pingDelay + pingTimeout)
  }

  send (text: string): void {
    const frames = this.#framing === 'plain' ? [text] : encodeSegments(text, this.#settings.maxSegmentSize)
    for (const frame of frames) this.#socket!.send(frame)
  }

  /** The machine may have slept, or the network has changed: ask at once whether the server is still there. */
  wake (): void {
    this.#watchdog.wake()
  }

  /** Closes. The socket is gone at the latest when `closeTimeout` is over. */
  end (info: CloseInfo): void {
    if (this.#phase >= closing) return
    this.#phase = closing
    this.info = info
    this.#watchdog.stop()
    this.#timer = setTimeout(() => {
      this.#environment.drop?.(this.#socket!)
      this.#finish()
    }, closeTimeout)
    try {
      this.#socket!.close(info.code, info.reason)
    } catch {
      // A page may send 1000 and codes of its own, no others.
      this.#socket!.close(closeCodes.protocolError.code, info.reason)
    }
  }

  #onOpen (prove: boolean): void {
    if (this.#phase !== connecting) return
    this.connected = true
    this.#phase = proving
    if (prove) {
      this.#watchdog.expect(this.#settings.pingTimeout)
      this.#probe()
    } else {
      this.#heard()
    }
  }

  #heard (): void {
    this.#watchdog.heard()
    if (this.#phase !== proving) return
    this.#phase = open
    this.openedAt = Date.now()
    this.#events.onOpen()
  }

  #onFrame (frame: unknown): void {
    if (this.#phase >= closing) return
    try {
      if (typeof frame !== 'string') throw new ProtocolFault(closeCodes.unsupportedData)
      const inbound = this.#decoder.decode(frame)
      const message = inbound.kind === 'message' ? parseServerMessage(inbound.text) : undefined
      this.#heard()
      if (message !== undefined) this.#events.onMessage(message)
      else if (inbound.kind === 'ping') this.#socket!.send(`3${inbound.payload}`)
    } catch (error) {
      this.#fault(error as Error)
    }
  }

  #probe (): void {
    if (this.#phase === connecting) return
    this.#socket!.send(this.#framing === 'plain' ? encodeRequest(probeId, '', null) : '2')
  }

  #fault (cause: Error): void {
    const close = cause instanceof ProtocolFault ? cause.close : closeCodes.protocolError
    this.#lose(close, this.error = new JugglerClientError('JUGGLER_PROTOCOL_ERROR', `the server broke the protocol: ${cause.message}`, cause))
  }

  #lose (info: CloseInfo, fault?: JugglerClientError): void {
    if (this.#phase >= closing) return
    this.end(info)
    this.#events.onLost(info, fault)
  }

  #finish (): void {
    this.#phase = ended
    this.#watchdog.stop()
    clearTimeout(this.#timer)
    this.#resolve()
  }
}
