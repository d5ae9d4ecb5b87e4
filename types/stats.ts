/** What a registration counts, and what it tells of single events: `app.juggler.stats()`, and the diagnostics channels. */
import type { CloseInfo } from './protocol.ts'
import type { Connection, RequestContext } from './server.ts'
import type { ReadableState } from './state.ts'

/** How values are distributed, as Prometheus has it. */
export interface Histogram {
  readonly count: number
  readonly sum: number
  /** Each bound with the number of values up to it, in ascending order, those below smaller bounds included. */
  readonly buckets: ReadonlyArray<{ readonly le: number, readonly count: number }>
}

/**
 * How a request ended: it was answered; its handler threw, or its result could not be sent; it was not run, since a
 * hook, a schema, a command's conditions or the server's end refused it; its handler's `timeout` was over; it was a
 * command that had come before, and was told its outcome.
 */
export type RequestResult = 'success' | 'error' | 'refused' | 'timeout' | 'repeated'

/** A limit that something ran into: a member of the option `limits`, an option, or what has no option. */
export type LimitName =
  | 'connections' | 'connectionsPerAddress' | 'pendingUpgrades' | 'bufferedBytes' | 'requestsInFlight' | 'requestsPerSecond'
  | 'bytesPerSecond' | 'maxJsonDepth' | 'maxJsonElements' | 'maxSegments' | 'pathSets' | 'maxPayload' | 'maxQueuedBytes' | 'commands' | 'pace'

/**
 * What has happened in a registration since it began, and what is there now. Counts never go down. Times are in ms,
 * sizes in bytes. It is a copy.
 */
export interface JugglerStats {
  readonly connections: {
    readonly open: number
    /** Closing has begun, and the socket is still there. */
    readonly closing: number
    /** All that ever came. */
    readonly opened: number
    /** All that have ended, by close code; 1006: without a close frame. */
    readonly closed: Readonly<Record<number, number>>
    /** Upgrades that were refused since the server drains or closes. Those over a limit are in `limits`. */
    readonly refused: number
  }
  /** Of all connections, those that have ended included. Bytes are those of the sockets, below TLS; the upgrade counts. */
  readonly traffic: {
    /** WebSocket messages that came; in segmented framing each is a segment. */
    readonly messagesReceived: number
    /** Messages of the protocol that were sent: state, responses, notifications. */
    readonly messagesSent: number
    readonly bytesReceived: number
    readonly bytesSent: number
  }
  /** Messages of states. */
  readonly flushes: {
    /** Messages that were made. */
    readonly messages: number
    /** How often one was handed to a connection: divided by `messages`, how many share each. */
    readonly deliveries: number
    /** Length of each that was made, as text. */
    readonly bytes: Histogram
    /** Time that differences took. */
    readonly diffTime: number
    /** Time that frames took, compression on the event loop included. */
    readonly encodeTime: number
  }
  /** Connections that do not take the state as fast as it changes, now. */
  readonly behind: {
    readonly connections: number
    /** For how long the one that is furthest behind has not said that it has read what it was sent; 0: none is. */
    readonly age: number
  }
  /** Bytes that are kept for connections, now. */
  readonly buffered: {
    /** Requests that wait, messages that are not whole, and what handlers that run were given. */
    readonly input: number
    /** What sockets have not sent, and what waits for them; what several connections share counts once. */
    readonly output: number
  }
  /**
   * Requests that wait for their hooks, checks or handlers. Not one whose `timeout` is over: it was answered, whatever its
   * handler still does; and not one that was answered in the same turn.
   */
  readonly running: number
  /** By the names of handlers and by how they ended: how long requests took. Names without a handler are `other`. */
  readonly requests: Readonly<Record<string, Readonly<Partial<Record<RequestResult, Histogram>>>>>
  /** Commands that are remembered. */
  readonly commands: number
  /** Times from a ping to its answer. */
  readonly roundTrips: Histogram
  /** How often something ran into a limit. */
  readonly limits: Readonly<Partial<Record<LimitName, number>>>
}

/** Of `juggler:connection:open`. */
export interface ConnectionOpenMessage {
  readonly connection: Connection
}

/** Of `juggler:connection:close`: the socket is gone. */
export interface ConnectionCloseMessage extends CloseInfo {
  readonly connection: Connection
  /** From its opening, in ms. */
  readonly duration: number
  readonly messagesReceived: number
  readonly messagesSent: number
  /** Undefined where the stream is no socket. */
  readonly bytesReceived: number | undefined
  readonly bytesSent: number | undefined
}

/**
 * Of `tracing:juggler:request:start`, `:end`, `:asyncStart`, `:asyncEnd` and `:error`: one object for all of them, which
 * subscribers may keep things in. `end` comes when the handler has returned, `asyncEnd` when a promise of it is settled,
 * `error` before either where the request was not answered with success.
 */
export interface RequestTrace extends Pick<RequestContext, 'name' | 'id'> {
  readonly connection: Connection
  /** The name of the handler; `other` where the name has none, so that it is safe as a label. */
  readonly handler: string
  /** The command's key, where the request is one. */
  readonly key: string | undefined
  /** There when it is answered. */
  result?: RequestResult
  /** From the start of its turn, in ms. */
  duration?: number
  /** What the handler threw, or why the request was refused. */
  error?: unknown
}

/** Of `juggler:flush`: changes of a state were sent. */
export interface FlushMessage {
  readonly state: ReadableState<unknown>
  /** What it was brought to; counts up with each change. */
  readonly revision: number
  /** Different messages: mostly 1, for all who stand at one place. */
  readonly messages: number
  /** How long they are together, as text. */
  readonly bytes: number
  /** Connections that were handed one. */
  readonly recipients: number
  /** Connections that do not take theirs yet. */
  readonly behind: number
  /** From the beginning of the first difference to the last write, in ms. */
  readonly duration: number
}

/** Of `juggler:limit`: something ran into a limit. */
export interface LimitMessage {
  readonly limit: LimitName
  /** Undefined: it is no connection yet, or of no single one. */
  readonly connection: Connection | undefined
  /** The address of the peer, where one is known. */
  readonly remote: string | undefined
}

/** The channels of `node:diagnostics_channel` by their names. */
export interface JugglerChannels {
  'juggler:connection:open': ConnectionOpenMessage
  'juggler:connection:close': ConnectionCloseMessage
  'tracing:juggler:request:start': RequestTrace
  'tracing:juggler:request:end': RequestTrace
  'tracing:juggler:request:asyncStart': RequestTrace
  'tracing:juggler:request:asyncEnd': RequestTrace
  'tracing:juggler:request:error': RequestTrace
  'juggler:flush': FlushMessage
  'juggler:limit': LimitMessage
}
