/** Contracts of the server's public face. */
import type { FastifyBaseLogger, FastifyRequest } from 'fastify'
import type { JsonValue } from './json.ts'
import type { CloseInfo } from './protocol.ts'
import type { ReadableState, State } from './state.ts'

/** One client's connection. Ignoring a returned promise is safe: it never raises an unhandled rejection. */
export interface Connection<S = JsonValue> {
  /** Unique within the process. */
  readonly id: string
  /** The client's address: `request.ip`, so the app's `trustProxy` decides; see `trustForwarded`. */
  readonly remote: string
  /** The upgrade's request, with whatever hooks decorated it with. */
  readonly request: FastifyRequest
  /** The state that this connection sees: the shared one, or its own `State`, initially `null`. */
  readonly state: State<S>
  /** A child of the request's logger with the connection's id. */
  readonly log: FastifyBaseLogger
  /** Aborted when the connection begins to close. */
  readonly signal: AbortSignal
  /** Resolves when the connection has ended; never rejects. */
  readonly closed: Promise<CloseInfo>
  /** False from the moment that closing begins, by either side. */
  readonly isOpen: boolean
  /**
   * Sends what of the state is not sent yet, now. Resolves when it is handed to the socket; with nothing pending, at once.
   *
   * @throws ConnectionClosedError rejects when the connection is or gets closed
   */
  flush (): Promise<void>
  /**
   * Sends a notification. Resolves when the message is in a socket that holds less than `maxBufferedBytes`.
   *
   * @param data - any JSON value; default `null`
   * @throws JugglerStateError `JUGGLER_VALUE_INVALID`, at once, for a value that JSON cannot carry
   * @throws `FST_JUGGLER_ARGUMENT_INVALID`, at once, for other options than those
   * @throws ConnectionClosedError rejects when the connection is or gets closed
   */
  notify (name: string, data?: unknown, options?: NotifyOptions): Promise<void>
  /**
   * Closes: no more input is read, running handlers may still answer for at most `shutdownTimeout`, then the close
   * frame goes. Resolves when closing has begun; `closed` resolves when it has ended.
   *
   * @param code - WebSocket close code: 1000, or 3000 to 4999; default 1000
   * @param reason - at most 123 bytes of UTF-8
   */
  close (code?: number, reason?: string): Promise<void>
}

/** Called for each new connection, before any of its requests runs; runs concurrently with them. */
export type ConnectionHandler<S = JsonValue> = (connection: Connection<S>) => unknown
/** Answers requests of one name. What it returns is the response's data; `undefined` is `null`. */
export type RequestHandler<S = JsonValue> = (connection: Connection<S>, data: JsonValue) => unknown
/** Answers requests of names without a handler. */
export type FallbackRequestHandler<S = JsonValue> = (connection: Connection<S>, name: string, data: JsonValue) => unknown

export interface NotifyOptions {
  /**
   * The notification speaks of the state: what of that is not sent yet goes before it, now. A client that is too slow
   * gets the state first as well, merged with what came later; where it closes before that, it gets neither.
   * @defaultValue `false`
   */
  flush?: boolean
}

export interface BroadcastOptions extends NotifyOptions {
  /** Only to connections that see this state; left out: to all. Given, it must be a state, so that a room that does not exist is not everybody. */
  state?: ReadableState<unknown>
}

/** What `fastify.juggler` is. */
export interface Juggler {
  /** Adds a handler for new connections; several are called in order. */
  onConnection<S = JsonValue> (handler: ConnectionHandler<S>): void
  /**
   * Answers requests called `name`.
   *
   * @param options - room for what a handler may say about itself; there are none yet, and any is refused
   * @throws `FST_JUGGLER_HANDLER_DUPLICATE`, `FST_JUGGLER_NAME_RESERVED` (the empty name is the protocol's echo),
   * `FST_JUGGLER_ARGUMENT_INVALID`
   */
  handle<S = JsonValue> (name: string, handler: RequestHandler<S>): void
  handle<S = JsonValue> (name: string, options: Record<string, never>, handler: RequestHandler<S>): void
  /**
   * Answers requests of names without a handler.
   *
   * @throws `FST_JUGGLER_HANDLER_DUPLICATE` on a second call
   */
  onRequest<S = JsonValue> (handler: FallbackRequestHandler<S>): void
  /**
   * Sends a notification to every connection, encoded once. A connection that is too slow queues it like `notify`.
   *
   * @throws JugglerStateError `JUGGLER_VALUE_INVALID`; `FST_JUGGLER_ARGUMENT_INVALID` for other options than those
   */
  broadcast (name: string, data?: unknown, options?: BroadcastOptions): void
  /**
   * Sends what of a state is not sent yet, now, to all connections that see it: one message for all who stand at one
   * place. Left out: of all states. Resolves when it is handed to their sockets; who leaves meanwhile is not waited for.
   *
   * @throws `FST_JUGGLER_ARGUMENT_INVALID` for what is no state
   */
  flush (state?: ReadableState<unknown>): Promise<void>
  /** The open connections. */
  readonly connections: ReadonlySet<Connection>
  /** The shared state, where the option `state` is one. */
  readonly state: ReadableState<unknown> | undefined
}

declare module 'fastify' {
  interface FastifyRequest {
    /** The user whom the option `htpasswdFile` let in; absent on routes that opt out, and without that option. */
    jugglerUser?: string | undefined
  }

  interface FastifyContextConfig {
    /** `auth: false`: the route does without the plugin's authentication. */
    juggler?: { auth?: boolean }
  }
}
