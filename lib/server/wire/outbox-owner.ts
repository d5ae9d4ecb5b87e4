/** What an outbox is given by its connection, and what it tells it. */

import type { Monitor } from '../operations/monitor.ts'
import type { OutputBudget } from './output-budget.ts'

/** What an outbox tells its connection. One object for all the outbox's life, so that no connection needs closures. */
export interface OutboxOwner {
  /** More than `maxQueuedBytes` wait. What waited is dropped; the connection is to be closed with 4429. */
  overflow (): void
  /** The state cannot be sent at all. */
  crash (error: unknown): void
  /**
   * The state is to be brought up to date now, by `writeState`: a message waits that speaks of it.
   *
   * @returns false: that cannot be, since the connection does not follow a state any more
   */
  bringState (): boolean
  /** The outbox was not writable and now is. May come once too often. */
  drained (): void
  /** The peer answers no pings: see `AgeGate`. */
  unanswered (): void
}

export interface OutboxLimits {
  readonly monitor: Pick<Monitor, 'delivered' | 'answered'>
  readonly output: Pick<OutputBudget, 'grew'>
  /** Unsent bytes in the socket beyond which everything but control frames waits. */
  readonly maxBufferedBytes: number
  /** Bytes of responses and notifications that may wait. One message alone may be longer. */
  readonly maxQueuedBytes: number
  /** Quiet time in ms before a ping; `null`: none is ever sent. */
  readonly pingDelay: number | null
  /** Wait in ms for a sign of life after it. */
  readonly pingTimeout: number
}
