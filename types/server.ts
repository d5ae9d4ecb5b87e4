/** Contracts of the server's public face. */
import type { FastifyBaseLogger, FastifyRequest } from 'fastify'
import type { Answer, Infer } from './from-schema.ts'
import type { JsonValue } from './json.ts'
import type { CloseInfo, RequestId } from './protocol.ts'
import type { ReadableState, State } from './state.ts'
import type { JugglerStats } from './stats.ts'
import type { View } from './views.ts'

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
  /** What of that state its client may see: all of it, unless the option `views` says otherwise. */
  readonly view: View
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
/** What a handler is told of its request, beside the data. What is not looked at is not made. */
export interface RequestContext {
  /** The request's name. */
  readonly name: string
  /** The id that the client gave it. */
  readonly id: RequestId
  /**
   * Aborted when nobody waits for the answer any more: the connection has closed, the handler's `timeout` is over, or
   * the server shuts down. For a command (a request with a key) a lost connection is no reason: its outcome is asked for
   * again.
   */
  readonly signal: AbortSignal
  /** A child of the connection's logger with the request's name and id. */
  readonly log: FastifyBaseLogger
}

/** Answers requests of one name. What it returns is the response's data; `undefined` is `null`. */
export type RequestHandler<Data = JsonValue, Result = unknown, S = JsonValue> =
  (connection: Connection<S>, data: Data, context: RequestContext) => Result | Promise<Result>
/** Answers requests of names without a handler. */
export type FallbackRequestHandler<S = JsonValue> =
  (connection: Connection<S>, name: string, data: JsonValue, context: RequestContext) => unknown

/** What a handler says about its requests. */
export interface HandleOptions {
  /**
   * JSON Schemas (draft-07) of what clients send and of what they are answered. A request that breaks `data` is
   * answered with `JUGGLER_DATA_INVALID` and does not run. A result that breaks `result` is answered with
   * `JUGGLER_RESULT_INVALID` and logged; it is never sent. Members that are missing get the schema's defaults, in data
   * only; nothing is coerced and nothing removed, unless the app has set a validator compiler of its own.
   */
  schema?: { data?: object, result?: object }
  /**
   * `true`: results are written by the serializer compiler of the app, or Fastify's own one, which makes them fit the
   * `result` schema where it can. @defaultValue `false`: results are checked and written as they are
   */
  serializer?: boolean
  /**
   * Longest run in ms, up to 2147483647; then the request is answered with `JUGGLER_HANDLER_TIMEOUT` and the context's
   * `signal` aborts. @defaultValue none
   */
  timeout?: number
  /**
   * Whether requests that carry a key are commands: each runs at most once, and a repeat of it within `onceWindow` gets
   * the outcome of the first. Requests without a key run as always. @defaultValue `false`: requests with a key are refused
   */
  once?: boolean
}

/** A handler whose types follow from the schemas in its options. */
export type SchemaHandler<O extends HandleOptions> = RequestHandler<
  O extends { schema: { data: infer D } } ? Infer<D> : JsonValue,
  O extends { schema: { result: infer R } } ? Answer<Infer<R>> : unknown
>

/** A request as hooks see it. */
export interface HookRequest extends Pick<RequestContext, 'name' | 'id' | 'log'> {
  /** As the client sent it, not validated. */
  readonly data: JsonValue
  /** The command's key, where the request is one. */
  readonly key: string | undefined
}

/** What a request was answered. */
export interface RequestOutcome {
  readonly success: boolean
  /** The answer's data. */
  readonly data: JsonValue
  /** What the handler threw, or why the request was refused. */
  readonly error: unknown
  /** From the start of the request's turn to its answer, in ms. */
  readonly duration: number
  /** Whether nothing was run: the outcome is that of the same command, which came before. */
  readonly repeated: boolean
}

/** Called when a request's turn has come, before anything is checked. What it throws, or rejects with, is the answer. */
export type PreRequestHook = (connection: Connection, request: HookRequest) => unknown
/** Called when a request was answered. What it throws is logged. */
export type OnResponseHook = (connection: Connection, request: HookRequest, outcome: RequestOutcome) => unknown
/**
 * Called with what was thrown, before that is made the answer. An error that it returns, or resolves with, takes the
 * place of the first.
 */
export type OnErrorHook = (connection: Connection, request: HookRequest, error: unknown) => unknown

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
   * @typeParam Data - of the requests: the caller's word. Left out, it follows from `options.schema.data`, where that is
   * written in place or of a library that tells its type
   * @throws `FST_JUGGLER_HANDLER_DUPLICATE`, `FST_JUGGLER_NAME_RESERVED` (the empty name is the protocol's echo),
   * `FST_JUGGLER_ARGUMENT_INVALID`. A schema that cannot be compiled makes `ready` fail, with
   * `FST_JUGGLER_SCHEMA_INVALID`
   */
  handle<Data = JsonValue, Result = unknown, S = JsonValue> (name: string, handler: RequestHandler<Data, Result, S>): void
  // Whose data is said, or is in the handler's signature; before the other one, whose complaints are those to be read.
  handle<Data = never, Result = unknown, S = JsonValue> (
    name: string, options: [Data] extends [never] ? never : HandleOptions, handler: RequestHandler<Data, Result, S>): void
  handle<const O extends HandleOptions> (name: string, options: O, handler: SchemaHandler<O>): void
  /**
   * Answers requests of names without a handler.
   *
   * @throws `FST_JUGGLER_HANDLER_DUPLICATE` on a second call
   */
  onRequest<S = JsonValue> (handler: FallbackRequestHandler<S>): void
  /**
   * Calls a function at every request but echoes, in the order of the calls: to authorise, to audit, to map errors.
   *
   * @throws `FST_JUGGLER_ARGUMENT_INVALID`
   */
  addHook (name: 'preRequest', hook: PreRequestHook): void
  addHook (name: 'onResponse', hook: OnResponseHook): void
  addHook (name: 'onError', hook: OnErrorHook): void
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
  /**
   * What the client of a request may see of the state, for routes beside the WebSocket: the options `view` and `state` are
   * asked as for an upgrade.
   *
   * @throws `FST_JUGGLER_VIEW_REFUSED` (403) rejects where there are no rules for it; `FST_JUGGLER_STATE_MISSING` where each
   * connection has a state of its own
   */
  viewOf (request: FastifyRequest): Promise<View>
  /**
   * What has happened in this registration since it began, and what is there now: for metrics. It asks every connection,
   * which takes about a millisecond for a thousand of them.
   */
  stats (): JugglerStats
  /** Whether new connections are taken: the app is ready, and neither drains nor closes. For readiness probes. */
  ready (): boolean
  /**
   * Sends the clients elsewhere, before this server goes: `ready()` is false at once, new connections are refused (503),
   * and those that are there close one after the other with 1013, each when none of its handlers runs any more, at most
   * `handlerTimeout` later. Resolves when none is left.
   *
   * @param options - `over`: the time in ms that their ends are spread over, so that they do not all come to the next
   * server at once; default 10000
   * @throws `FST_JUGGLER_ARGUMENT_INVALID`
   */
  drain (options?: { over?: number }): Promise<void>
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
