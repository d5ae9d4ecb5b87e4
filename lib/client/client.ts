/** The client: one state, one connection at a time, and what happens between two connections. */
import type { Client, ClientStatus, ConnectOptions, NotifyListener } from '../../types/client.ts'
import type { CloseInfo, ServerMessage, StateMessage } from '../../types/protocol.ts'
import type { StorageHost } from '../../types/storage.ts'
import { JugglerClientError, JugglerError } from '../errors.ts'
import * as closeCodes from '../protocol/close-codes.ts'
import { utf8Length } from '../protocol/framing.ts'
import { paths as pathsName } from '../protocol/reserved-names.ts'
import { applyOperations } from '../state/patching/apply.ts'
import { createReplicaTree } from '../state/replica/replica-tree.ts'
import { createListeners } from '../state/reading/listeners.ts'
import { createReplica } from '../state/replica/replica.ts'
import { reportError } from '../state/reading/report.ts'
import { addressesOf } from './address.ts'
import { afterClose } from './after-close.ts'
import { randomName } from './commands.ts'
import { createConnecting } from './connecting.ts'
import type { Environment } from './environment.ts'
import { checkInteger, settingsOf } from './options.ts'
import { covers, pathsOf, queryOf } from './parts.ts'
import type { Paths } from './parts.ts'
import { quiet } from './quiet.ts'
import { createReady } from './ready.ts'
import { createRequests } from './requests.ts'

/** Resolves with a client when the first connection is open; every address is tried once. */
export async function connectIn<S> (
  environment: Environment,
  address: unknown,
  options?: ConnectOptions
): Promise<Client<S>> {
  const settings = settingsOf(options)
  environment.check(settings)
  const addresses = addressesOf(address, settings.framing, environment.base, randomName())
  const { onNotify, onError = reportError, signal } = settings
  signal?.throwIfAborted()

  const replica = createReplica<S>(onError)
  const ready = createReady(replica.state)
  const notifyListeners = createListeners<Parameters<NotifyListener>>(onError)
  const statusListeners = createListeners<[ClientStatus, CloseInfo | undefined]>(onError)
  if (onNotify) notifyListeners.add(onNotify)
  const requests = createRequests(() => status === 'open' ? connecting.session!.send : undefined)
  /*
   *   connecting ──> open <──> reconnecting
   *       │            │            │
   *       └────────────┴─────┬──────┘
   *                          v
   *                        closed
   */
  let status: ClientStatus = 'connecting'
  let stale = false
  /** Where the state stands in the server's history: the name of that, and the two as they are told in a query. */
  let epoch: unknown
  let place = ''
  /** The parts of the state that are asked for, and those that the state is of; undefined: all. */
  let asked = pathsOf(settings.paths)
  let covered = asked
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
    if (lost) stale = true
    if (next === 'open') requests.opened()
    else if (info) requests.lost(info, next === 'closed')
    statusListeners.emit([next, info])
  }

  /** Decides how the client ends; what is under way ends at once. */
  const stop = (info: CloseInfo) => {
    if (!connecting.end(info)) return
    unwatch?.()
    signal?.removeEventListener('abort', abort)
    ready.end(info)
    move('closed', info)
  }

  const abort = () => {
    rejectOpened(signal!.reason)
    stop({ code: 1000, reason: '' })
  }

  const lose = (info: CloseInfo, fault?: JugglerClientError) => {
    // A guess at the framing that fails is not told: the other framing is tried next.
    if (status !== 'open') return
    if (!settings.reconnect || afterClose[info.code] === 'stop') stop(info)
    else move('reconnecting', info)
    if (fault) statusListeners.report(fault)
  }

  /**
   * Applies a patch. After a reconnect the first one, unless it is for the state that is there, makes the new state in a
   * tree of its own, so that nobody sees the old state go before the new one is whole.
   */
  const patch = ({ diff, since, revision, epoch: named, check, paths }: StateMessage) => {
    let operations: readonly unknown[] = diff
    // Should it not apply, there is no place to come back to.
    place = ''
    // The first message of a connection names it, where the server names places at all.
    epoch = named ?? (stale ? undefined : epoch)
    // The first one of other parts does so as well.
    if (stale || !replica.state.revision || paths !== undefined) covered = paths as Paths
    if (stale) {
      if (since === undefined) {
        const aside = createReplicaTree()
        applyOperations(aside, diff)
        operations = [{ op: 'replace', path: '', value: aside.root }]
      }
      // Set before the listeners are called, which ask for it. Should the patch not apply after all, the connection is
      // lost at once.
      stale = false
    }
    replica.follow(operations)
    if (check && !replica.agrees(check)) {
      // Without a place it takes the whole when it comes back.
      const info = closeCodes.stateDrifted
      connecting.session?.end(info)
      return lose(info, new JugglerClientError('JUGGLER_STATE_DRIFTED', info.reason, check))
    }
    if (revision as number >= 0) place = `${encodeURIComponent(epoch as string)}&revision=${revision}`
    ready.stateCame()
  }

  const host: StorageHost = {
    url: addresses[0]!.where,
    state: replica.state,
    at: () => [place, epoch],
    paths: () => [asked, covered],
    onStatus: statusListeners.add,

    restore (value, at) {
      if (replica.state.revision) return
      replica.follow([{ op: 'replace', path: '', value }])
      stale = true
      place = at
      covered = asked
      connecting.persist()
      resolveOpened()
    }
  }

  const connecting = createConnecting(environment, settings, addresses, {
    place: () => (settings.resume ? '&epoch=' + (place || '&revision=') : '') + queryOf(asked),

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
      else patch(message)
    },

    onLost: lose,
    onObstacle (error) {
      statusListeners.report(error)
      host.onTrouble?.(error)
    },
    onGivenUp (info, error) {
      host.onTrouble?.(error)
      if (error) rejectOpened(error)
      stop(info)
    }
  })

  signal?.addEventListener('abort', abort)
  const unwatch = environment.watchPage?.({
    onWake: connecting.wake,

    // A browser may keep the page, and its connection with it, for minutes: the server would count a viewer who has left.
    onLeave: () => lose(connecting.pause()),

    onReturn: connecting.resume
  })
  // Where a state was kept, or the caller has given up, nobody waits for the rest.
  if (settings.storage) await Promise.race([settings.storage(host), opened])
  const closed = connecting.run()
  await opened
  return {
    state: replica.state,
    get ready () { return ready.promise },
    get stale () { return stale },
    get status () { return status },
    closed,

    send: requests.send,

    watch: (paths) => quiet((async () => {
      const now = asked = pathsOf(paths)
      try {
        await requests.send(pathsName, now ?? null)
      } catch (error) {
        // The next connection asks for them, where there will be one.
        if (!(error instanceof JugglerError) && /ing/.test(status)) return
        if (asked === now) asked = covered
        throw error
      }
    })()),
    covers: (path) => covers(covered, path),

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
