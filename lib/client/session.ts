/** One attempt at one server, and the connection that it becomes: socket, decoder and watchdog until the socket is gone. */
import type { CloseInfo, ServerMessage } from '../../types/protocol.ts'
import { JugglerClientError } from '../errors.ts'
import { closeCodes } from '../protocol/close-codes.ts'
import { ProtocolFault } from '../protocol/fault.ts'
import { encodeRequest, parseServerMessage } from '../protocol/messages.ts'
import { plainDecoder } from '../protocol/plain.ts'
import { encodeSegments, headerPing, headerPong, segmentedDecoder } from '../protocol/segmented.ts'
import type { Environment, Socket } from './environment.ts'
import type { Settings } from './options.ts'
import { createWatchdog } from './watchdog.ts'

/** How long (ms) a server may take to answer a close before the socket is dropped. */
const closeTimeout = 1000

/** How long (ms) an attempt may take where no keepalive says how long a server may be silent. */
const handshakeTimeout = 10_000

/** Of our probes in plain framing: requests of callers have ids from 1, so the answer means nothing to anyone. */
const probeId = 0

/*
 *   connecting ──> proving ──> open ──> closing
 *       └─────────────┴──────────┴────────^
 *
 * `proving` is for a framing in doubt alone.
 */
const connecting = 0
const proving = 1
const open = 2
const closing = 3

export interface SessionEvents {
  /**
   * It can be used: the socket is open and, where the framing is in doubt, a frame of the server has settled it.
   *
   * @returns whether somebody waits for that, who must not miss what comes with it
   */
  onOpen (): boolean
  /** @throws what makes the message one that a server must not send */
  onMessage (message: ServerMessage): void
  /**
   * It cannot be used any longer; the socket may take a moment more to close. Called once, unless `end` was called.
   *
   * @param fault - how the server broke the protocol, where that is why
   */
  onLost (info: CloseInfo, fault?: JugglerClientError): void
}

export interface Session {
  /** Resolves when the socket is gone. */
  readonly ended: Promise<void>
  /** How it ended; before that, what is known of it. */
  info: CloseInfo
  /** Why it failed, where the platform says so. */
  trouble: unknown
  /** When it opened for use; 0: only the WebSocket did; undefined: not even that. */
  openedAt: number | undefined
  send (text: string): void
  /** The machine may have slept, or the network has changed: ask at once whether the server is still there. */
  wake (): void
  /** Closes. The socket is gone at the latest when `closeTimeout` is over. */
  end (info: CloseInfo): void
}

/**
 * @param plain - the framing: plain, or segmented
 * @param prove - the framing is in doubt: open only when the server has shown that it speaks it
 * @param patience - how many times its usual time the server has for its answer to a probe
 */
export function openSession (environment: Environment, url: string, plain: boolean, prove: boolean, settings: Settings, patience: number, events: SessionEvents): Session {
  const { maxPayload, maxSegmentSize, pingDelay, pingTimeout } = settings
  const decode = (plain ? plainDecoder : segmentedDecoder)(maxPayload)
  /** How long an attempt may take; the same for the proof of its framing. */
  const limit = pingDelay ? pingDelay + pingTimeout : handshakeTimeout
  let socket: Socket
  let phase = connecting
  let timer: ReturnType<typeof setTimeout> | undefined
  /** What comes in waits until everybody who waits for the opening has had a turn. */
  let settled: Promise<void> | false | undefined
  let finish!: () => void

  const fail = (cause: Error) => {
    lose((cause as Partial<ProtocolFault>).close ?? closeCodes.protocolError, session.trouble = new JugglerClientError('JUGGLER_PROTOCOL_ERROR', `the server broke the protocol: ${cause.message}`, cause))
  }
  const lose = (info: CloseInfo, fault?: JugglerClientError) => {
    if (phase === closing) return
    session.end(info)
    events.onLost(info, fault)
  }
  const probe = () => {
    if (phase !== connecting) socket.send(plain ? encodeRequest(() => probeId, '', null) : headerPing)
  }
  const watchdog = createWatchdog(pingDelay, pingTimeout * patience, probe, () => lose(closeCodes.pingTimeout))
  const opened = () => {
    phase = open
    session.openedAt = Date.now()
    settled = events.onOpen() && new Promise((resolve) => { setTimeout(resolve) })
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
    openedAt: undefined,

    send (text) {
      for (const frame of plain ? [text] : encodeSegments(text, maxSegmentSize)) socket.send(frame)
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
        // A page may send 1000 and codes of its own, no others.
        socket.close(closeCodes.protocolError.code, info.reason)
      }
    }
  }

  try {
    // What came before the platform found a fault comes first here as well.
    socket = environment.open(url, settings, async (fault) => {
      await settled
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
    watchdog.heard()
    try {
      const proof = phase === proving && read(data)
      if (proof) opened()
      await settled
      // What came before may have closed it; what comes after is not even read until this is dealt with.
      if (phase === closing) return
      const { text, ping } = proof || read(data)
      if (text !== undefined) events.onMessage(parseServerMessage(text))
      if (ping !== undefined) socket.send(headerPong + ping)
    } catch (error) {
      fail(error as Error)
    }
  }
  socket.onclose = async ({ code, reason }) => {
    await settled
    // Closing what is closed already does nothing.
    lose({ code, reason })
    finish()
  }
  watchdog.expect(limit)
  return session
}
