/** The way into one socket for state: shut while what is on its way to the peer may be old. */
import type { FrameSink } from './sending-socket.ts'
import { SocketGate } from './socket-gate.ts'

/** When a probe goes with the next bytes: behind so many since the last one, or after so many ms. */
const due = { quick: { bytes: 96 * 1024, ms: 3000 }, slow: { bytes: 32 * 1024, ms: 1000 } }
/** An answer within so many ms is quick: what went long before it has been read long ago. */
const quick = 100
/** Connections that came together are not to be answered by all of their peers at once: their first probes are spread. */
const spread = 1000
/** Bytes that may be on their way without an answer, once a probe has been out for a little while; one message more is. */
const mostUnproven = 32 * 1024
/** How long in ms a probe may be out before state waits: with more than that many bytes on their way, and else. */
const patience = { many: 20, few: 500 }

/** In whole milliseconds, since the process began: for 24 days a small integer, which takes no memory of its own. */
const now = () => Math.floor(performance.now())

/** Numbers of probes, all of six digits: so a ping is always as long, however many went before it. */
const firstProbe = 36 ** 5
const mostProbes = 0x3fffffff - firstProbe
let probes = 0

/** The number of a new probe: many connections can be sent the same one. */
export function newProbe (): number {
  probes = (probes + 1) % mostProbes
  return firstProbe + probes
}

/** What a ping of this number holds. No digit comes first: a segment `2…` could be taken for a JSON number. */
export const probePayload = (number: number): string => `p${number.toString(36)}`

function probeOf (payload: string): number | undefined {
  return /^p[0-9a-z]{1,6}$/.test(payload) ? Number.parseInt(payload.slice(1), 36) : undefined
}

/**
 * What a socket has taken is not yet delivered: the buffers of systems and proxies hold megabytes, which on a slow line
 * are minutes of state. So now and then a ping goes behind what was written, as a probe. Its answer says that the peer
 * has read all before it. State waits while the answer is late, and then goes as one message of what is new by then.
 *
 * ```
 * written ──────────────▶ probe ─────────────────────────▶ answer
 *    for 1 s, or 32 kB; where  out for 500 ms, or for 20 ms with
 *    answers are quick, 3 s    32 kB on their way: state waits
 *    or 96 kB
 * ```
 *
 * A base class and not a part, as the gate below it.
 */
export abstract class AgeGate extends SocketGate {
  /** How long a peer that has never answered is waited for in ms; 0: it is never asked, and nothing waits. */
  #patience: number
  /** The newest probe while it has no answer; 0: none. */
  #awaited = 0
  /** When the oldest probe without an answer went, or the last one. */
  #probedAt = now() + Math.floor(Math.random() * spread)
  /** Bytes without an answer before the awaited probe, of the message that it went with, and behind it. */
  #before = 0
  #probedBytes = 0
  #behind = 0
  #held = false
  #isQuick = false
  /** Whether the peer's answers cannot be seen, since nothing is read. */
  #blind = false
  #hasAnswered = false
  /** Whether a ping without a payload went behind the awaited probe: a peer may answer the newest ping alone. */
  #hasBare = false
  /** When the newest ping went that has no answer; 0: there is none. */
  #pingedAt = 0

  /** @param patience - ms after which a peer that has answered none of its pings is asked no more; 0: it never is */
  constructor (socket: FrameSink, limit: number, patience: number) {
    super(socket, limit)
    this.#patience = patience
  }

  /** The peer has answered the newest ping. @param ms - since that went */
  protected abstract roundTrip (ms: number): void

  /** The peer answers no pings, so that the age of what it shows is not bounded any more. Called once. */
  protected abstract unanswered (): void

  /** Whether state is to wait, since what is on its way may be old. Once it has said so, `opened` follows the answer. */
  protected get isLate (): boolean {
    if (this.#awaited === 0) return false
    const age = now() - this.#probedAt
    const onTheWay = this.#behind + (this.#isQuick ? this.#probedBytes : this.#before)
    if (age <= (onTheWay > mostUnproven ? patience.many : patience.few)) return false
    if (age > this.#patience && !this.#hasAnswered) {
      this.#patience = this.#awaited = 0
      this.unanswered()
      return false
    }
    this.#held = true
    return true
  }

  /** Whether state has had to wait, and waits still. */
  protected get isHeld (): boolean {
    return this.#held
  }

  /** For how long in ms the peer has not said that it has read what it was sent; 0: nothing is asked. */
  get unansweredFor (): number {
    return this.#awaited === 0 ? 0 : now() - this.#probedAt
  }

  /** Whether a probe is to go behind the bytes that are written next. */
  protected isProbeDue (bytes: number): boolean {
    if (this.#awaited !== 0 || this.#patience === 0 || this.#blind || this.untouched) return false
    const { bytes: most, ms } = this.#isQuick ? due.quick : due.slow
    return this.#behind + bytes >= most || now() - this.#probedAt >= ms
  }

  /**
   * Takes the ping that goes now for a probe of everything before it.
   *
   * @param bytes - of the message that it goes with
   */
  protected probed (number: number, bytes = 0): void {
    if (this.#patience === 0 || this.#blind) return
    this.#pingedAt = now()
    if (this.#awaited === 0) this.#probedAt = this.#pingedAt
    this.#awaited = number
    this.#probedBytes = bytes
    this.#before += this.#behind
    this.#behind = 0
    this.#hasBare = false
  }

  /** A ping without a payload goes now. */
  protected beaten (): void {
    this.#hasBare = true
    this.#pingedAt = now()
  }

  protected override write (buffer: Buffer, messages: number): void {
    this.#behind += buffer.length
    super.write(buffer, messages)
  }

  /** The peer has answered a ping with this payload. */
  answered (payload: string): void {
    const number = payload === '' && this.#hasBare ? this.#awaited : probeOf(payload)
    if (number === undefined) return
    this.#hasAnswered = true
    if (this.#pingedAt !== 0 && (payload === '' || (number === this.#awaited && !this.#hasBare))) {
      this.roundTrip(now() - this.#pingedAt)
      this.#pingedAt = 0
    }
    if (number !== this.#awaited || number === 0) return
    this.#isQuick = now() - this.#probedAt <= quick
    this.#awaited = this.#before = 0
    this.#letGo()
  }

  /** The peer has said something else: one that says much and answers no pings is not waited for for ever. */
  heard (): void {
    if (this.#held && !this.isLate) this.#letGo()
  }

  /** Whether the connection is read: while it is not, no answer can come. */
  reads (on: boolean): void {
    this.#blind = !on
    this.#awaited = this.#before = this.#behind = 0
    this.#letGo()
  }

  #letGo (): void {
    if (!this.#held) return
    this.#held = false
    this.opened()
  }
}
