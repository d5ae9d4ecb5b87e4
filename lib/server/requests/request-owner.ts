/** What the requests of a connection stand on: the connection itself, and what all of a registration have in common. */
import type { RequestMessage } from '../../../types/protocol.ts'
import type { Connection } from '../../../types/server.ts'
import type { LimitName } from '../../../types/stats.ts'
import type { ShapeLimits } from '../../protocol/json-shape.ts'
import type { InputBudget } from './input-budget.ts'
import type { RateLimits } from './rates.ts'
import type { RequestRunner } from './runner.ts'

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
  /** The client asks for other parts of the state. */
  watch (request: RequestMessage): void
  /** Input was paused, or is to go on. */
  reading (on: boolean): void
  /** A fault of the peer whose turn has come: the connection is to be closed. */
  fail (fault: unknown): void
  /** The connection is to be closed, since all connections together hold too much input. */
  shed (): void
  /** The peer has run into a limit, so that it is read no more for now. */
  reached (limit: LimitName): void
  /** No handler runs any more after `stop`. */
  idle (): void
}

/** What all connections of a registration have in common here. */
export interface RequestSettings {
  readonly runner: RequestRunner
  readonly parallelRequests: boolean
  readonly maxPayload: number
  readonly limits: ShapeLimits & RateLimits & { readonly requestsInFlight: number }
  readonly budget: InputBudget
}
