/** The requests of one connection: which run, which wait, and in what order they are answered. */
import type { RequestMessage } from '../../../types/protocol.ts'
import type { LimitName } from '../../../types/stats.ts'
import type { ProtocolFault } from '../../protocol/fault.ts'
import { shapeOf } from '../../protocol/json-shape.ts'
import { encodeAnswer, parseRequest, parseUrgent, stringify } from '../../protocol/messages.ts'
import * as reserved from '../../protocol/reserved-names.ts'
import type { BudgetHolder } from './input-budget.ts'
import { RatePause } from './rates.ts'
import { isCommand } from './runner.ts'
import type { RequestOwner, RequestSettings } from './request-owner.ts'
import { bytesPerRequest, largestTree, weigh } from './weight.ts'

/** A request whose turn has not come: its text, since a tree takes many times as much. Or a fault of the peer. */
interface Waiting {
  readonly text: string
  readonly fault: ProtocolFault | undefined
  /** The name of one that does not wait for handlers. */
  urgent: string | undefined
  /** Bytes of heap that it takes while it waits. */
  readonly bytes: number
  /** Bytes of heap that its tree may take. */
  readonly treeBytes: number
}

/** Longest that an urgent request waits for its turn, in ms. */
const urgentPatience = 1000
/**
 * One after the other, or with `parallelRequests` at once. Input stops being read while too much is pending, so that a
 * flood is left in the client's own buffers by TCP. A handler that returns no promise is answered in the same turn.
 *
 * An echo waits for its turn like any request, but not for long: it is how clients of plain framing find out whether
 * the server is alive, and a handler that takes its time must not make them give up a healthy connection. Nor does who
 * asks for other parts of the state.
 */
export class RequestQueue implements BudgetHolder {
  readonly #owner: RequestOwner
  readonly #settings: RequestSettings
  #running = 0
  #waiting: Waiting[] = []
  /** Bytes of heap of what waits. */
  #queuedBytes = 0
  /** Bytes of heap of the segments of a message that is not complete. */
  #partBytes = 0
  /** Bytes of a WebSocket message that is not whole. */
  #fragmentBytes = 0
  /** Bytes of heap that handlers which run were given. */
  #runningBytes = 0
  #paused = false
  #stopped = false
  #refusing = false
  #urgentTimer: NodeJS.Timeout | undefined
  /** While it is on nothing is read, since too much has come. */
  #rest: RatePause | undefined

  constructor (owner: RequestOwner, settings: RequestSettings) {
    this.#owner = owner
    this.#settings = settings
  }

  /** Handlers that run. */
  get running (): number {
    return this.#running
  }

  /** Whether what waits is so much that not even a glance at the input should add to it. */
  get isFull (): boolean {
    return this.#over(2)
  }

  get waitingBytes (): number {
    return this.#queuedBytes + this.#partBytes + this.#fragmentBytes
  }

  /**
   * Takes a message of the client.
   *
   * @param bytes - of heap that the text takes
   * @throws ProtocolFault the message is over the limits
   */
  push (text: string, bytes: number): void {
    if (this.#stopped) return
    if (this.#partBytes > 0) this.part(0)
    const { limits, parallelRequests } = this.#settings
    const { shape, treeBytes } = weigh(text, bytes, limits)
    if (parallelRequests || this.#refusing || this.#free) {
      this.#run(text, treeBytes)
      return
    }
    const { urgent } = shape ?? shapeOf(text, limits)
    this.#wait({ text, fault: undefined, urgent, bytes: bytes + bytesPerRequest, treeBytes })
    if (urgent !== undefined && !this.#stopped) this.#urgentTimer ??= setTimeout(answerUrgents, urgentPatience, this)
  }

  /**
   * Counts what has come against the rates. Where that is too much, nothing is read for a while.
   *
   * @throws ProtocolFault it is far too much
   */
  spend (requests: number, bytes: number): void {
    const { limits } = this.#settings
    if ((limits.requestsPerSecond === null && limits.bytesPerSecond === null) || this.#stopped) return
    this.#rest ??= new RatePause(limits, () => this.#unpause())
    this.#rest.spend(requests, bytes)
    this.#pause()
  }

  /** A part of a message has come. @param bytes - of heap that all its parts take */
  part (bytes: number): void {
    if (this.#grow(bytes - this.#partBytes)) this.#partBytes = bytes
  }

  /** A WebSocket message is not whole yet, or is now. @param bytes - that have come of it; 0: it is whole */
  fragments (bytes: number): void {
    if (this.#grow(bytes - this.#fragmentBytes)) this.#fragmentBytes = bytes
  }

  /** Takes a fault of the peer: it waits for what came before it to be answered, unless requests run in parallel. */
  fault (fault: ProtocolFault): void {
    if (this.#stopped) return
    if (this.#settings.parallelRequests || this.#free) this.#owner.fail(fault)
    else this.#wait({ text: '', fault, urgent: undefined, bytes: bytesPerRequest, treeBytes: 0 })
  }

  /** The output takes more again. */
  resume (): void {
    while (this.#waiting.length > 0 && this.#running === 0 && !this.#stopped && this.#owner.writable) {
      const { text, fault, bytes, treeBytes } = this.#waiting.shift()!
      this.#unqueued(bytes)
      if (fault === undefined) this.#run(text, treeBytes)
      else this.#owner.fail(fault)
    }
    this.#unpause()
  }

  /** Nothing new starts: what waits, and what comes, is told so. Handlers that run may still answer. */
  refuse (): void {
    this.#refusing = true
    for (const { text, fault, bytes, treeBytes } of this.#waiting.splice(0)) {
      // An answer that cannot be sent, or a fault, closes the connection, and what it held has been given back by then.
      if (this.#stopped) return
      this.#unqueued(bytes)
      if (fault === undefined) this.#run(text, treeBytes)
      else this.#owner.fail(fault)
    }
  }

  /** What waits is dropped, and nothing new starts; handlers that run may still answer. */
  stop (): void {
    this.#stopped = true
    this.#waiting = []
    const { budget } = this.#settings
    budget.release(this)
    budget.give(this.waitingBytes)
    this.#queuedBytes = this.#partBytes = this.#fragmentBytes = 0
    this.#rest?.stop()
    clearTimeout(this.#urgentTimer)
    this.#urgentTimer = undefined
  }

  /** Answers the urgent requests that wait, ahead of the rest. */
  answerUrgents (): void {
    this.#urgentTimer = undefined
    const waiting = this.#waiting
    const rest = waiting.filter((entry) => {
      // An answer that cannot be sent closes the connection, and what it held has been given back by then.
      if (this.#stopped) return false
      // Other parts could not go anyway while nothing is read.
      if (entry.urgent === undefined || (entry.urgent !== reserved.echo && !this.#owner.writable)) return true
      const request = parseUrgent(entry.text)
      // What is wrong with it is found when its turn comes.
      if (request === undefined) {
        entry.urgent = undefined
        return true
      }
      this.#unqueued(entry.bytes)
      this.#answerUrgent(request)
      return false
    })
    if (this.#stopped) return
    this.#waiting = rest
    if (rest.some(({ urgent }) => urgent !== undefined)) this.#urgentTimer ??= setTimeout(answerUrgents, urgentPatience, this)
    this.#unpause()
  }

  shed (): void {
    this.#owner.shed()
  }

  relieved (): void {
    this.#unpause()
  }

  #grow (more: number): boolean {
    if (more > 0) return this.#take(more)
    this.#settings.budget.give(-more)
    return true
  }

  get #free (): boolean {
    return this.#running === 0 && this.#waiting.length === 0 && this.#owner.writable
  }

  #wait (entry: Waiting): void {
    if (!this.#take(entry.bytes)) return
    this.#waiting.push(entry)
    this.#queuedBytes += entry.bytes
    this.#pause()
  }

  /** Takes room for input; where all connections have none left, and this one has nothing else to give, it goes. */
  #take (bytes: number): boolean {
    if (!this.#settings.budget.take(bytes)) this.#owner.shed()
    else if (this.#stopped) this.#settings.budget.give(bytes)
    return !this.#stopped
  }

  #unqueued (bytes: number): void {
    this.#queuedBytes -= bytes
    this.#settings.budget.give(bytes)
  }

  #run (text: string, treeBytes: number): void {
    let request: RequestMessage
    try {
      request = parseRequest(text)
    } catch (fault) {
      this.#owner.fail(fault)
      return
    }
    const { runner, parallelRequests } = this.#settings
    if (reserved.isUrgent(request.name)) {
      this.#answerUrgent(request)
      if (parallelRequests) this.#pause()
      return
    }
    const { facade } = this.#owner
    if (this.#refusing && !isCommand(request)) {
      this.#owner.reply(runner.refuse(facade, request, text) as string)
      return
    }
    if (!this.#take(treeBytes)) return
    // counted while it runs, so that a handler which closes its connection may still answer
    this.#running++
    this.#runningBytes += treeBytes
    // What has become of a command is told to the end.
    const answer = this.#refusing ? runner.refuse(facade, request, text) : runner.run(facade, request, text)
    if (typeof answer === 'string') {
      this.#owner.reply(answer)
      this.#ended(treeBytes)
    } else {
      answer.then((answer) => this.#answered(answer, treeBytes))
    }
    if (parallelRequests) this.#pause()
  }

  /** The answer of a request that took its time is there. */
  #answered (answer: string, treeBytes: number): void {
    this.#owner.reply(answer)
    this.#ended(treeBytes)
    if (!this.#stopped) this.resume()
  }

  #ended (treeBytes: number): void {
    this.#running--
    this.#runningBytes -= treeBytes
    this.#settings.budget.give(treeBytes)
    if ((this.#stopped || this.#refusing) && this.#running === 0) this.#owner.idle()
  }

  /**
   * What the protocol itself asks, for which no handler runs: its echo, with which clients ask whether the server is alive
   * (with a key it tells of commands), and other parts of the state.
   */
  #answerUrgent (request: RequestMessage): void {
    if (request.name !== reserved.echo) return this.#owner.watch(request)
    const { id, data, key } = request
    this.#owner.reply(encodeAnswer(id, true, stringify(data), key === undefined ? '' : this.#settings.runner.commandMembers(this.#owner.facade)))
  }

  /** Whether more is pending than this part of the limits. In parallel a full output counts as well. */
  #over (part: number): boolean {
    const { maxPayload, parallelRequests, limits, budget } = this.#settings
    const waits = parallelRequests ? this.#running > 0 : this.#waiting.length > 0
    // one message alone is never too much, whatever tree it makes
    const largest = largestTree(maxPayload, limits)
    return this.#rest?.isOn === true || this.#waiting.length + this.#running > limits.requestsInFlight * part || this.#queuedBytes > maxPayload * part ||
      this.#runningBytes > largest * part || (waits && budget.isTight) || (parallelRequests && !this.#owner.writable)
  }

  /** The limit that is why nothing is read; undefined: the output takes no more, or what waits is worth a whole message. */
  get #reached (): LimitName | undefined {
    const { limits, budget } = this.#settings
    if (this.#rest?.isOn === true) return this.#rest.limit
    if (this.#waiting.length + this.#running > limits.requestsInFlight) return 'requestsInFlight'
    return budget.isTight ? 'bufferedBytes' : undefined
  }

  #pause (): void {
    if (this.#paused || this.#stopped || !this.#over(1)) return
    this.#paused = true
    const limit = this.#reached
    if (limit !== undefined) this.#owner.reached(limit)
    if (this.#settings.budget.isTight) this.#settings.budget.hold(this)
    this.#owner.reading(false)
  }

  #unpause (): void {
    if (!this.#paused || this.#stopped || this.#over(0.5)) return
    this.#paused = false
    this.#settings.budget.release(this)
    this.#owner.reading(true)
  }
}

// Not a closure, so that a timer holds nothing but its queue.
function answerUrgents (requests: RequestQueue): void {
  requests.answerUrgents()
}
