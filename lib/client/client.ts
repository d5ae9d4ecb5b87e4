/** The client: one state, one connection at a time, and what happens between two connections. */
import type { Client, ClientStatus, ConnectOptions, NotifyListener } from '../../types/client.ts'
import type { CloseInfo, ServerMessage } from '../../types/protocol.ts'
import { ConnectionClosedError, JugglerClientError } from '../errors.ts'
import { closeCodes } from '../protocol/close-codes.ts'
import { utf8Length } from '../protocol/framing.ts'
import { applyOperations } from '../state/patching/apply.ts'
import { createReplicaTree } from '../state/replica/replica-tree.ts'
import { createListeners } from '../state/reading/listeners.ts'
import { createReplica } from '../state/replica/replica.ts'
import { reportError } from '../state/reading/report.ts'
import { addressesOf, urlOf } from './address.ts'
import type { Address } from './address.ts'
import { afterClose, mayBeFraming } from './after-close.ts'
import { backoff, overloadSteps, stableAfter } from './backoff.ts'
import type { Environment } from './environment.ts'
import { checkInteger, settingsOf } from './options.ts'
import { createPause } from './pause.ts'
import { createRequests } from './requests.ts'
import { openSession } from './session.ts'
import type { Session } from './session.ts'

/**
 * How many times its usual time a server gets at most, after it did not answer in time: a whole message may need long
 * on a slow line.
 */
const mostPatient = 16

/** Resolves with a client when the first connection is open; every address is tried once. */
export async function connectIn<S> (
  environment: Environment,
  address: unknown,
  options?: ConnectOptions
): Promise<Client<S>> {
  const settings = settingsOf(options)
  environment.check(settings)
  const addresses = addressesOf(address, settings.framing, environment.base)
  const { onNotify, onError = reportError, signal } = settings
  signal?.throwIfAborted()

  const replica = createReplica<S>(onError)
  const notifyListeners = createListeners<Parameters<NotifyListener>>(onError)
  const statusListeners = createListeners<[ClientStatus, CloseInfo | undefined]>(onError)
  if (onNotify) notifyListeners.add(onNotify)
  const requests = createRequests(() => status === 'open' ? session!.send : undefined)
  const pause = createPause()
  /*
   *   connecting ──> open <──> reconnecting
   *       │            │            │
   *       └────────────┴─────┬──────┘
   *                          v
   *                        closed
   */
  let status: ClientStatus = 'connecting'
  let stale = false
  let session: Session | undefined
  /** How the client ended, once it is decided. */
  let final: CloseInfo | undefined
  let resolveOpened!: () => void
  let rejectOpened!: (error: unknown) => void
  const opened = new Promise<void>((resolve, reject) => {
    resolveOpened = resolve
    rejectOpened = reject
  })

  /** The one place where the status changes. */
  const move = (next: ClientStatus, info?: CloseInfo) => {
    const lost = status === 'open'
    status = next
    if (lost) {
      stale = true
      requests.rejectAll(info!)
    }
    statusListeners.emit([next, info])
  }

  /** Decides how the client ends; what is under way ends at once. */
  const stop = (info: CloseInfo) => {
    if (final) return
    final = info
    unwatch?.()
    signal?.removeEventListener('abort', abort)
    session?.end(info)
    pause.stop()
    move('closed', info)
  }

  const abort = () => {
    rejectOpened(signal!.reason)
    stop({ code: 1000, reason: '' })
  }

  const events = {
    onOpen () {
      move('open')
      resolveOpened()
      // Only for the first connection does a caller wait, and only then is it worth a timer: that may come late in a
      // hidden page.
      return !stale
    },

    onMessage (message: ServerMessage) {
      if (message.type === 'response') requests.answer(message)
      else if (message.type === 'notify') notifyListeners.emit([message.name, message.data])
      else patch(message.diff)
    },

    onLost (info: CloseInfo, fault?: JugglerClientError) {
      // A guess at the framing that fails is not told: the other framing is tried next.
      if (status !== 'open') return
      if (!settings.reconnect || afterClose[info.code] === 'stop') stop(info)
      else move('reconnecting', info)
      if (fault) statusListeners.report(fault)
    }
  }

  /**
   * Applies a patch. After a reconnect the first one makes the new state in a tree of its own, so that nobody sees the
   * old state go before the new one is whole.
   */
  const patch = (diff: readonly unknown[]) => {
    if (stale) {
      const aside = createReplicaTree()
      applyOperations(aside, diff)
      diff = [{ op: 'replace', path: '', value: aside.root }]
      // Set before the listeners are called, which ask for it. Should the patch not apply after all, the connection is
      // lost at once.
      stale = false
    }
    replica.follow(diff)
  }

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
      events,
      url: urlOf(address),
      plain: address.plain,
      prove: address.auto,
      patience: address.patience
    })
    await current.ended
    session = undefined
    // The server may be well, and one message may take the line longer than it had time.
    if (current.info === closeCodes.pingTimeout) {
      const connected = status !== 'connecting' && current.openedAt !== undefined
      if (connected && address.patience < mostPatient) address.patience *= 2
    } else if (current.openedAt) {
      address.patience = 1
    }
    if (sure || final || current.openedAt !== 0 || !mayBeFraming(current.info.code)) return current
    address.plain = !address.plain
    const second = await attempt(address, true)
    if (!second.openedAt) address.plain = !address.plain
    // 'Wrong framing' after the second guess explains nothing: the first end may.
    return second.info.code === closeCodes.wrongFraming.code ? current : second
  }

  /** Tries the addresses, one session at a time, until it is decided that the client has ended. */
  const run = async (): Promise<CloseInfo> => {
    const reasons: unknown[] = []
    let index = 0
    // How many addresses have failed since the last wait. Each gets its turn before the next one.
    let failed = 0
    let waits = 0
    while (!final) {
      const { info, openedAt, trouble } = await attempt(addresses[index]!)
      if (final) break
      const then = afterClose[info.code]
      const lasted = openedAt && Date.now() - openedAt >= stableAfter
      failed = openedAt ? 0 : failed + 1
      if (!lasted || then === 'next') index = (index + 1) % addresses.length
      if (status === 'connecting') {
        reasons.push(trouble ?? new ConnectionClosedError(info.code, info.reason))
        if (failed < addresses.length) continue
        rejectOpened(connectFailed(addresses, reasons))
        stop(info)
      } else if (then === 'stop') {
        stop(info)
      } else if (!(failed % addresses.length)) {
        failed = 0
        if (lasted) waits = 0
        if (then === 'later') waits += overloadSteps
        await pause.rest(backoff(settings, waits++))
      }
    }
    return final
  }

  signal?.addEventListener('abort', abort)
  const unwatch = environment.watchWake?.(() => {
    session?.wake()
    pause.renew(backoff(settings, 0))
  })
  const closed = run()
  await opened
  return {
    state: replica.state,
    get stale () { return stale },
    get status () { return status },
    closed,

    send: requests.send,

    onNotify: (listener) => notifyListeners.add(listener),
    onStatus: (listener) => statusListeners.add(listener),

    async close (code = 1000, reason = '') {
      if (code !== 1000) checkInteger('code', code, 3000, 4999)
      checkInteger('bytes of reason', typeof reason === 'string' ? utf8Length(reason) : NaN, 0, 123)
      stop({ code, reason })
      await closed
    }
  }
}

/** @param reasons - why, address by address */
function connectFailed (addresses: readonly Address[], reasons: unknown[]): JugglerClientError {
  const list = addresses.map(({ where }, i) => `${where.host}${where.pathname} (${(reasons[i] as Error).message})`)
  const cause = reasons.length === 1 ? reasons[0] : new AggregateError(reasons)
  return new JugglerClientError('JUGGLER_CONNECT_FAILED', `cannot connect to ${list.join(', ')}`, cause)
}
