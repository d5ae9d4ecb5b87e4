/** One attempt at one server, and the connection that it becomes: socket, decoder and watchdog. */
import type { CloseInfo, ServerMessage } from '../../types/protocol.ts'
import { JugglerClientError } from '../errors.ts'
import * as closeCodes from '../protocol/close-codes.ts'
import { ProtocolFault } from '../protocol/fault.ts'
import { encodeRequest, parseServerMessage } from '../protocol/messages.ts'
import { plainDecoder } from '../protocol/plain.ts'
import { encodeSegments, headerPing, headerPong, segmentedDecoder } from '../protocol/segmented.ts'
import type { Environment, Failure, Socket } from './environment.ts'
import type { Settings } from './options.ts'
import { createWatchdog } from './watchdog.ts'

/** How long (ms) a server may take to answer a close before the socket is dropped. */
const closeTimeout = 1000

/** How long (ms) an attempt may take where no keepalive says how long a server may be silent. */
const handshakeTimeout = 10_000

/** How long (ms) an attempt may take. */
export const attemptLimit = ({ pingDelay, pingTimeout }: Settings): number =>
  pingDelay ? pingDelay + pingTimeout : handshakeTimeout

/** The id of our probes in plain framing. Requests of callers have ids from 1, so nobody waits for the answer. */
const probeId = 0

/*
 *   connecting ──> proving ──> open ──> closing
 *       └─────────────┴──────────┴────────^
 *
 * Only where the framing is in doubt is there a `proving`.
 */
const connecting = 0
const proving = 1
const open = 2
const closing = 3

export interface SessionEvents {
  /**
   * The session can be used: the socket is open and, where the framing was in doubt, the server has sent a frame of it.
   *
   * @returns whether a caller waits for that, who must not miss what comes with the opening
   */
  onOpen (): boolean
  /** @throws what makes the message one that a server must not send */
  onMessage (message: ServerMessage): void
  /**
   * The session cannot be used any longer, though the socket may take a moment more to close. Called once, unless `end`
   * was called before.
   *
   * @param fault - how the server broke the protocol, where that is why
   */
  onLost (info: CloseInfo, fault?: JugglerClientError): void
}

export interface Session extends Failure {
  /** Resolves when the socket is gone. */
  readonly ended: Promise<void>
  /** How it ended; before that, what is known of it. */
  info: CloseInfo
  /** When it opened for use; 0: only the WebSocket did; undefined: not even that. */
  openedAt: number | undefined
  /** Whether the server was sent something, and has said nothing so far. */
  unanswered: boolean
  send (text: string): void
  /** The machine may have slept, or the network has changed: ask at once whether the server is still there. */
  wake (): void
  /** Closes. The socket is gone at the latest when `closeTimeout` is over. */
  end (info: CloseInfo): void
}

export interface SessionOptions {
  readonly environment: Environment
  readonly settings: Settings
  readonly url: string
  /** The framing: plain, or else segmented. */
  readonly plain: boolean
  /** Whether the framing is in doubt. Then the session opens only when the server has shown that it speaks it. */
  readonly prove: boolean
  /** How many times its usual time the server has for its answer to a probe. */
  readonly patience: number
  readonly events: SessionEvents
}

export function openSession (options: SessionOptions): Session {
  const { environment, settings, url, plain, prove, patience, events } = options
  const { maxPayload, maxSegmentSize, pingDelay, pingTimeout } = settings
  const decode = plain ? plainDecoder(maxPayload) : segmentedDecoder(maxPayload)
  /** How long (ms) an attempt may take, and after that the proof of its framing. */
  const limit = attemptLimit(settings)
  let socket: Socket
  let phase = connecting
  let timer: ReturnType<typeof setTimeout> | undefined
  /** Resolves when everybody who waits for the opening has had a turn. What comes in waits for that. */
  let callersTurn: Promise<void> | false | undefined
  let finish!: () => void
  /** Whether the server has said anything. */
  let heard = false

  const fail = (cause: Error) => {
    const message = `the server broke the protocol: ${cause.message}`
    const fault = session.trouble = new JugglerClientError('JUGGLER_PROTOCOL_ERROR', message, cause)
    lose((cause as Partial<ProtocolFault>).close ?? closeCodes.protocolError, fault)
  }
  const lose = (info: CloseInfo, fault?: JugglerClientError) => {
    if (phase === closing) return
    session.end(info)
    events.onLost(info, fault)
  }
  const probe = () => {
    if (phase === connecting) return
    write(plain ? encodeRequest(() => probeId, '', null)('') : headerPing)
  }
  const write = (frame: string) => {
    if (!heard) session.unanswered = true
    socket.send(frame)
  }
  const watchdog = createWatchdog(pingDelay, pingTimeout * patience, probe, () => lose(closeCodes.pingTimeout))
  const opened = () => {
    phase = open
    session.openedAt = Date.now()
    callersTurn = events.onOpen() && new Promise((resolve) => { setTimeout(resolve) })
  }
  const read = (data: unknown) => {
    if (typeof data !== 'string') throw new ProtocolFault(closeCodes.unsupportedData)
    return decode(data)
  }

  const session: Session = {
    ended: new Promise((resolve) => {
      finish = () => {
        clearTimeout(timer)
        resolve()
      }
    }),
    info: { code: 1006, reason: '' },
    trouble: undefined,
    status: undefined,
    unanswered: false,
    openedAt: undefined,

    send (text) {
      for (const frame of plain ? [text] : encodeSegments(text, maxSegmentSize)) write(frame)
    },

    wake: watchdog.wake,

    end (info) {
      if (phase === closing) return
      phase = closing
      session.info = info
      watchdog.stop()
      timer = setTimeout(finish, closeTimeout)
      try {
        socket.close(info.code, info.reason)
      } catch {
        // A page may send 1000 and the codes from 3000 on, no others.
        socket.close(closeCodes.protocolError.code, info.reason)
      }
    }
  }

  try {
    // What came before the fault that the platform found is handled before it here as well.
    socket = environment.open(url, settings, async (fault) => {
      await callersTurn
      fail(fault)
    }, session)
  } catch (error) {
    session.trouble = error
    phase = closing
    finish()
    return session
  }
  socket.onopen = () => {
    if (phase !== connecting) return
    if (!prove) {
      watchdog.heard()
      return opened()
    }
    session.openedAt = 0
    phase = proving
    watchdog.expect(limit * patience)
    probe()
  }
  socket.onmessage = async ({ data }) => {
    if (phase === closing) return
    heard = true
    session.unanswered = false
    watchdog.heard()
    try {
      const proof = phase === proving && read(data)
      if (proof) opened()
      await callersTurn
      // What came before may have closed the session. This frame is decoded only now, so that a fault in it comes after
      // the messages before it.
      if (phase === closing) return
      const { text, ping } = proof || read(data)
      if (text !== undefined) events.onMessage(parseServerMessage(text))
      if (ping !== undefined) socket.send(headerPong + ping)
    } catch (error) {
      fail(error as Error)
    }
  }
  socket.onclose = async ({ code, reason }) => {
    await callersTurn
    // Closing what is closed already does nothing.
    lose({ code, reason })
    finish()
  }
  watchdog.expect(limit)
  return session
}
