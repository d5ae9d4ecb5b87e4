/** The requests of one connection: which run, which wait, and in what order they are answered. */
import type { CloseCode, RequestMessage } from '../../../types/protocol.ts'
import type { Connection } from '../../../types/server.ts'
import { encodeResponse } from '../../protocol/messages.ts'
import { encodeFailure } from './failures.ts'
import type { FailureSettings } from './failures.ts'
import type { PoisoningGuard } from './poisoning.ts'
import type { Router } from './router.ts'

/** What the requests need of their connection. */
export interface RequestOwner {
  /** What handlers are given. */
  readonly facade: Connection
  /**
   * Whether the output takes more. Where it does not, the next request waits, so that a client is only served as fast
   * as it reads.
   */
  readonly writable: boolean
  reply (text: string): void
  /** Input was paused, or is to go on. */
  reading (on: boolean): void
  /** A fault whose turn has come: the connection is to be closed. */
  fail (fault: CloseCode): void
  /** No handler runs any more after `stop`. */
  idle (): void
}

/** What all connections of a registration have in common here. */
export interface RequestSettings extends FailureSettings {
  readonly router: Router
  readonly guard: PoisoningGuard
  readonly parallelRequests: boolean
  readonly maxPayload: number
}

interface Waiting { readonly request: RequestMessage | undefined, readonly fault: CloseCode | undefined, readonly text: string }

/** Requests that may wait, or run in parallel, before no more input is read. At half of it reading goes on. */
const maxPending = 1024
/** Longest that an echo waits for its turn, in ms. */
const echoPatience = 1000

/**
 * One after the other, or with `parallelRequests` at once. Input stops being read while too many are pending, so
 * that a flood is left in the client's own buffers by TCP.
 *
 * A handler that returns no promise is answered at once, in the same turn.
 *
 * An echo waits for its turn like any request, but not for long: it is how clients of plain framing find out whether
 * the server is alive, and a handler that takes its time must not make them give up a healthy connection.
 */
export class RequestQueue {
  readonly #owner: RequestOwner
  readonly #settings: RequestSettings
  #running = 0
  #waiting: Waiting[] = []
  /** Characters of what is pending. */
  #pendingLength = 0
  #paused = false
  #stopped = false
  #echoTimer: NodeJS.Timeout | undefined

  constructor (owner: RequestOwner, settings: RequestSettings) {
    this.#owner = owner
    this.#settings = settings
  }

  /** Handlers that run. */
  get running (): number {
    return this.#running
  }

  /** Takes a request. @param text - the message that it came in */
  push (request: RequestMessage, text: string): void {
    if (this.#stopped) return
    if (this.#settings.parallelRequests || this.#free) {
      this.#run(request, text)
      return
    }
    this.#wait({ request, fault: undefined, text })
    if (request.name === '') this.#echoTimer ??= setTimeout(answerEchoes, echoPatience, this)
  }

  /** Takes a fault of the peer: it waits for what came before it to be answered, unless requests run in parallel. */
  fault (fault: CloseCode): void {
    if (this.#stopped) return
    if (this.#settings.parallelRequests || this.#free) this.#owner.fail(fault)
    else this.#wait({ request: undefined, fault, text: '' })
  }

  /** The output takes more again. */
  resume (): void {
    while (this.#waiting.length > 0 && this.#running === 0 && !this.#stopped && this.#owner.writable) {
      const { request, fault, text } = this.#waiting.shift()!
      this.#pendingLength -= text.length
      if (request === undefined) {
        this.#owner.fail(fault!)
        return
      }
      this.#run(request, text)
    }
    this.#unpause()
  }

  /** What waits is dropped, and nothing new starts; handlers that run may still answer. */
  stop (): void {
    this.#stopped = true
    this.#waiting = []
    clearTimeout(this.#echoTimer)
    this.#echoTimer = undefined
  }

  /** Answers the echoes that wait, ahead of the rest. */
  answerEchoes (): void {
    this.#echoTimer = undefined
    const waiting: Waiting[] = []
    for (const entry of this.#waiting) {
      if (entry.request?.name === '') {
        this.#pendingLength -= entry.text.length
        this.#respond(entry.request, entry.request.data)
      } else {
        waiting.push(entry)
      }
    }
    this.#waiting = waiting
    this.#unpause()
  }

  get #free (): boolean {
    return this.#running === 0 && this.#waiting.length === 0 && this.#owner.writable
  }

  #wait (entry: Waiting): void {
    this.#waiting.push(entry)
    this.#pendingLength += entry.text.length
    this.#pause()
  }

  #run (request: RequestMessage, text: string): void {
    const { name, data } = request
    const { router, guard, parallelRequests } = this.#settings
    if (name === '') {
      this.#respond(request, data)
      if (parallelRequests) this.#pause()
      return
    }
    // counted while it runs, so that a handler which closes its connection may still answer
    this.#running++
    let result: unknown
    try {
      guard(data, text)
      result = router.call(this.#owner.facade, name, data)
      if (isThenable(result)) {
        this.#pendingLength += text.length
        Promise.resolve(result).then(
          (value) => this.#answer(request, text, value),
          (error: unknown) => this.#answer(request, text, undefined, { error }))
        if (parallelRequests) this.#pause()
        return
      }
    } catch (error) {
      this.#fail(request, error)
      this.#ended()
      return
    }
    this.#respond(request, result)
    this.#ended()
    if (parallelRequests) this.#pause()
  }

  /** The promise of a handler has resolved or rejected. */
  #answer (request: RequestMessage, text: string, value: unknown, failure?: { error: unknown }): void {
    this.#pendingLength -= text.length
    if (failure === undefined) this.#respond(request, value)
    else this.#fail(request, failure.error)
    this.#ended()
    if (!this.#stopped) this.resume()
  }

  #ended (): void {
    this.#running--
    if (this.#stopped && this.#running === 0) this.#owner.idle()
  }

  #respond (request: RequestMessage, data: unknown): void {
    let text: string
    try {
      text = encodeResponse(request.id, true, data)
    } catch (error) {
      this.#fail(request, error)
      return
    }
    this.#owner.reply(text)
  }

  #fail (request: RequestMessage, error: unknown): void {
    this.#owner.reply(encodeFailure(request, error, this.#settings, this.#owner.facade))
  }

  /** Whether more is pending than this part of the limits. In parallel nothing waits, so a full output counts as well. */
  #over (part: number): boolean {
    const { maxPayload, parallelRequests } = this.#settings
    return this.#waiting.length + this.#running > maxPending * part || this.#pendingLength > maxPayload * part ||
      (parallelRequests && !this.#owner.writable)
  }

  #pause (): void {
    if (this.#paused || this.#stopped || !this.#over(1)) return
    this.#paused = true
    this.#owner.reading(false)
  }

  #unpause (): void {
    if (!this.#paused || this.#stopped || this.#over(0.5)) return
    this.#paused = false
    this.#owner.reading(true)
  }
}

// Not a closure, so that a timer holds nothing but its queue.
function answerEchoes (requests: RequestQueue): void {
  requests.answerEchoes()
}

function isThenable (value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'
}
