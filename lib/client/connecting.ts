/** Connects, and connects again: which address is tried when, with which framing, and after how long a wait. */
import type { CloseInfo } from '../../types/protocol.ts'
import { ConnectionClosedError, JugglerClientError } from '../errors.ts'
import * as closeCodes from '../protocol/close-codes.ts'
import { urlOf } from './address.ts'
import type { Address } from './address.ts'
import { afterClose, closedWithoutReason, mayBeFraming } from './after-close.ts'
import { createBackoff, stableAfter } from './backoff.ts'
import type { Environment } from './environment.ts'
import { createObstacles, obstacleOf } from './obstacles.ts'
import type { Settings } from './options.ts'
import { createPause } from './pause.ts'
import { attemptLimit, openSession } from './session.ts'
import type { Session, SessionEvents } from './session.ts'

/**
 * How many times its usual time a server gets at most, after it did not answer in time: a whole message may need long
 * on a slow line.
 */
const mostPatient = 16

export interface ConnectingEvents extends SessionEvents {
  /** What to add to the query of an address: which state the client has. */
  place (): string
  /** Something keeps the client from its server, which goes on trying. */
  onObstacle (error: JugglerClientError): void
  /**
   * It is of no use to go on.
   *
   * @param error - why there was no first connection, if there was none
   */
  onGivenUp (info: CloseInfo, error?: JugglerClientError): void
}

export interface Connecting {
  /** The attempt, or connection, that is under way. */
  readonly session: Session | undefined
  /** Tries the addresses, one session at a time, until `end` is called. To be called once. */
  run (): Promise<CloseInfo>
  /** Ends for good, at once. @returns whether that was not decided before */
  end (info: CloseInfo): boolean
  /** Goes on for as long as it takes, as after a first connection. */
  persist (): void
  /** The machine may have slept, or the network has come back: a wait is cut short. */
  wake (): void
  /** Closes what is open, and tries nothing until `resume` is called. @returns how what was open ended */
  pause (): CloseInfo
  resume (): void
}

/** What came of an attempt. */
type Outcome = Pick<Session, 'info' | 'openedAt' | 'trouble'>

/** How an attempt ends of which nothing is known. */
const noCode: CloseInfo = { code: 1006, reason: '' }

export function createConnecting (
  environment: Environment,
  settings: Settings,
  addresses: readonly Address[],
  events: ConnectingEvents
): Connecting {
  const rest = createPause()
  const backoff = createBackoff(settings)
  const obstacles = createObstacles(events.onObstacle)
  /** Addresses whose last upgrade failed without a code: perhaps the page's login is no longer good. */
  const shut = new Set<Address>()
  let connected = false
  let session: Session | undefined
  let final: CloseInfo | undefined
  /** The outcome of what was ended because the page is left, which says nothing of the server. */
  const left: Outcome = { info: { code: 1000, reason: 'the page was left' }, openedAt: undefined, trouble: undefined }
  /** Resolves when the page is shown again; undefined while it is shown. */
  let away: Promise<void> | undefined
  let comeBack: (() => void) | undefined
  /** Ends the request by which a login is renewed. */
  let renewal: AbortController | undefined

  /**
   * Opens a session, and waits for its end. Where its framing was a guess that may have been wrong, opens a second one
   * with the other framing.
   *
   * @param sure - there is no other to try
   */
  const attempt = async (address: Address, sure = !address.auto): Promise<Session> => {
    const current = session = openSession({
      environment,
      settings,
      url: urlOf(address) + events.place(),
      plain: address.plain,
      prove: address.auto,
      patience: address.patience,
      events: {
        ...events,
        onOpen () {
          connected = true
          obstacles.opened(address)
          return events.onOpen()
        }
      }
    })
    await current.ended
    session = undefined
    if (final || current.info === left.info) return current
    // The server may be well, and one message may take the line longer than it had time.
    if (current.info === closeCodes.pingTimeout) {
      if (connected && current.openedAt !== undefined && address.patience < mostPatient) address.patience *= 2
    } else if (current.openedAt) {
      address.patience = 1
      if (current.unanswered && closedWithoutReason(current.info.code)) obstacles.framing(address)
    }
    if (sure || current.openedAt !== 0 || !mayBeFraming(current.info.code)) return current
    address.plain = !address.plain
    const second = await attempt(address, true)
    if (!second.openedAt) address.plain = !address.plain
    // 'Wrong framing' after the second guess explains nothing: the first end may.
    return second.info.code === closeCodes.wrongFraming.code ? current : second
  }

  /** Asks for a new login. `error` is what stands in the way, and `refused` that it is of no use to upgrade. */
  const renewLogin = async (address: Address) => {
    renewal = new AbortController()
    const { signal } = renewal
    const timer = setTimeout(() => renewal!.abort(), attemptLimit(settings))
    // Where nobody answers, or the page's policy forbids to ask, the upgrade itself says what there is to say.
    const answer = await environment.renewLogin!(urlOf(address), signal).catch(() => undefined)
    clearTimeout(timer)
    const renewed = answer === 'renewed'
    const refused = answer === 'refused'
    const error = answer && !renewed && !final && obstacles.login(address, refused ? 'login' : answer)
    return { renewed, refused, error: error || undefined }
  }

  /**
   * One try. Where an upgrade failed without a code, it may have been for want of a login, which is asked for once:
   * before the next try, or at once where there has been no connection yet and there may be no other try.
   */
  const tryOnce = async (address: Address): Promise<Outcome> => {
    if (shut.delete(address)) {
      const { refused, error } = await renewLogin(address)
      if (away || final) return left
      if (refused) {
        // An upgrade would have the same credentials checked again, and the server counts what is wrong.
        shut.add(address)
        return { ...left, info: noCode, trouble: error }
      }
    }
    const ended = await attempt(address)
    // Browsers do not tell it.
    const obstacle = globalThis.process && obstacleOf(ended.status)
    if (obstacle && connected) obstacles.login(address, obstacle)
    const mayLackLogin = ended.openedAt === undefined && ended.info.code === noCode.code
    if (!mayLackLogin || !environment.renewLogin || final || away) return ended
    if (connected) {
      shut.add(address)
      return ended
    }
    const { renewed, error } = await renewLogin(address)
    if (away || final) return left
    return renewed ? attempt(address) : { ...ended, trouble: error ?? ended.trouble }
  }

  return {
    get session () { return session },

    async run () {
      const reasons: unknown[] = []
      let index = 0
      // How many addresses have failed since the last wait. Each gets its turn before the next one.
      let failed = 0
      while (!final) {
        if (away) {
          await away
          continue
        }
        if (backoff.tooEarly() > 0) {
          await rest.rest(backoff.tooEarly())
          continue
        }
        const address = addresses[index]!
        const { info, openedAt, trouble } = await tryOnce(address)
        if (final) break
        if (info === left.info) continue
        const then = afterClose[info.code]
        const lasted = !!openedAt && Date.now() - openedAt >= stableAfter
        backoff.ended(info.code, !!openedAt, lasted)
        failed = openedAt ? 0 : failed + 1
        if (!lasted || then === 'next') index = (index + 1) % addresses.length
        if (!connected) {
          reasons.push(trouble ?? new ConnectionClosedError(info.code, info.reason))
          if (failed === addresses.length) events.onGivenUp(info, connectFailed(addresses, reasons))
        } else if (then === 'stop' && !address.auto) {
          events.onGivenUp(info)
        } else if (!(failed % addresses.length)) {
          failed = 0
          await rest.rest(backoff.next())
        }
      }
      return final
    },

    end (info) {
      if (final) return false
      final = info
      session?.end(info)
      renewal?.abort()
      rest.stop()
      comeBack?.()
      return true
    },

    persist () { connected = true },

    wake () {
      session?.wake()
      rest.renew(backoff.soon())
    },

    pause () {
      away ??= new Promise((resolve) => { comeBack = resolve })
      session?.end(left.info)
      renewal?.abort()
      rest.stop()
      return left.info
    },

    resume () {
      if (!away) return
      away = undefined
      comeBack!()
      rest.renew(backoff.soon())
    }
  }
}

/** @param reasons - why, address by address */
function connectFailed (addresses: readonly Address[], reasons: unknown[]): JugglerClientError {
  const list = addresses.map(({ where }, i) => `${where.host}${where.pathname} (${(reasons[i] as Error).message})`)
  const cause = reasons.length === 1 ? reasons[0] : new AggregateError(reasons)
  return new JugglerClientError('JUGGLER_CONNECT_FAILED', `cannot connect to ${list.join(', ')}`, cause)
}
