/** Messages that wait for a socket, in order, with what they count. */
import type { EncodedMessage } from './encoded-message.ts'

export interface Waiter { resolve (): void, reject (error: Error): void }

/** A message that waits, or that is on its way in pieces. */
export interface QueuedMessage {
  readonly encoded: EncodedMessage
  /** What it counts as waiting. */
  bytes: number
  /** Encoded, once it is on its way. */
  buffers: readonly Buffer[] | undefined
  /** How many of the buffers are gone. */
  sent: number
  /** Whether somebody waits for it to be prepared. */
  preparing: boolean
  /** Whether the state has to be brought up to date before it goes. */
  behindState: boolean
  readonly waiter: Waiter | undefined
  next: QueuedMessage | undefined
}

export class MessageQueue {
  #head: QueuedMessage | undefined
  #tail: QueuedMessage | undefined
  #bytes = 0

  get head (): QueuedMessage | undefined {
    return this.#head
  }

  /** Sum of what the messages count that are not on their way. */
  get bytes (): number {
    return this.#bytes
  }

  push (encoded: EncodedMessage, bytes: number, waiter: Waiter | undefined, behindState = false): void {
    const message: QueuedMessage = {
      encoded, bytes, buffers: undefined, sent: 0, preparing: false, behindState, waiter, next: undefined
    }
    this.#bytes += bytes
    if (this.#tail === undefined) this.#head = message
    else this.#tail.next = message
    this.#tail = message
  }

  /** Puts a message before the head. It counts nothing. */
  unshift (encoded: EncodedMessage): void {
    this.#head = {
      encoded, bytes: 0, buffers: undefined, sent: 0, preparing: false, behindState: false, waiter: undefined, next: this.#head
    }
    this.#tail ??= this.#head
  }

  /** The head is on its way: it does not count any more. */
  start (buffers: readonly Buffer[]): void {
    const head = this.#head!
    head.buffers = buffers
    this.#bytes -= head.bytes
    head.bytes = 0
  }

  /** Removes the head. */
  shift (): void {
    this.#bytes -= this.#head!.bytes
    this.#head = this.#head!.next
    if (this.#head === undefined) this.#tail = undefined
  }
}
