/** What an implementation of the protocol provides so that the suites of this folder can run on it. */
import type { Connection } from '../../../types/server.ts'
import type { JsonValue } from '../../../types/json.ts'
import type { Framing } from '../../../types/protocol.ts'
import type { State } from '../../../types/state.ts'

/** What the suites use of a connection. */
export type Peer = Pick<Connection, 'state' | 'flush' | 'notify' | 'close' | 'isOpen' | 'signal' | 'closed'>

/** The application that a case wants to be served. Durations are milliseconds. */
export interface Application {
  /** Shared by all connections; without it each has its own, initially `null`. */
  state?: State
  /** @defaultValue `200` */
  autoflushDelay?: number | null
  /** @defaultValue `false` */
  parallelRequests?: boolean
  /** @defaultValue `100` */
  shutdownTimeout?: number
  /** @defaultValue `'plain'` */
  framing?: Framing
  maxSegmentSize?: number
  pingDelay?: number | null
  pingTimeout?: number
  onConnection? (peer: Peer): unknown
  /** Answers every request; without it the server has no handler at all. */
  onRequest? (peer: Peer, name: string, data: JsonValue): unknown
}

/** One line that the server logged: its level as pino counts it (30 is info, 40 warn, 50 error) and its whole text. */
export interface LogLine { readonly level: number, readonly text: string }

export interface Server {
  /** Address of the WebSocket route. */
  readonly url: string
  readonly log: readonly LogLine[]
  stop (): Promise<void>
}

export interface Implementation {
  start (application: Application): Promise<Server>
  /**
   * @param initial - any JSON value, default `null`
   * @param options - `onError`: called with what a listener throws
   */
  createState (initial?: unknown, options?: { onError?: (error: unknown) => void }): State
  /** The error that a handler throws to answer with data of its own. */
  requestError (data: JsonValue): Error
  /** Whether this is the error of a connection that is closed. */
  isConnectionClosed (error: unknown): boolean
}
