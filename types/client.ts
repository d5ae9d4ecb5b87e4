/** Contracts of the client's public face. Durations are milliseconds, sizes bytes. */
import type { DeepReadonly, JsonValue, Path } from './json.ts'
import type { CloseInfo, Framing } from './protocol.ts'
import type { ReadableState } from './state.ts'
import type { StateStorage } from './storage.ts'

/** `connecting` is before the first connection: before `connect` resolves, and after it where a kept state is shown. */
export type ClientStatus = 'connecting' | 'open' | 'reconnecting' | 'closed'
export type NotifyListener = (name: string, data: JsonValue) => void

export interface ReconnectOptions {
  /** Upper bound of the first wait, in milliseconds, 1 to 2147483647. @defaultValue `500` */
  minDelay?: number | undefined
  /** Upper bound of every wait, in milliseconds, 1 to 2147483647. @defaultValue `30000` */
  maxDelay?: number | undefined
  /**
   * Whether a server is told which state the client has, so that it sends only what has changed since. Servers that do
   * not know it, and those that have restarted, send the whole. @defaultValue `true`
   */
  resume?: boolean | undefined
}

/** TLS of a client in Node, as in `tls.connect`. */
export interface ClientTlsOptions {
  ca?: string | Uint8Array | Array<string | Uint8Array> | undefined
  cert?: string | Uint8Array | undefined
  key?: string | Uint8Array | undefined
  passphrase?: string | undefined
  /** @defaultValue `true` */
  rejectUnauthorized?: boolean | undefined
  servername?: string | undefined
}

export interface ConnectOptions {
  /**
   * Called for each notification. The same as `client.onNotify`, for callers that do something else before they call
   * that.
   */
  onNotify?: NotifyListener | undefined
  /**
   * Called with what a listener throws, or rejects with, and with a `JugglerClientError` for what keeps the client from
   * its server: `JUGGLER_PROTOCOL_ERROR` (the server broke the protocol), `JUGGLER_LOGIN_REQUIRED`,
   * `JUGGLER_LOGIN_REDIRECTED`, `JUGGLER_FRAMING_SUSPECTED`. The last three are told once for each address; of a login
   * again after a connection in between. @defaultValue `reportError` where there is one, else a process warning
   */
  onError?: ((error: unknown) => void) | undefined
  /** HTTP Basic credentials (RFC 7617), in Node; in a page `JUGGLER_AUTH_BROWSER`: let the page log in instead. */
  auth?: { username: string, password: string } | undefined
  /** TLS, in Node; in a page `JUGGLER_OPTION_INVALID`. Certificates are verified unless told otherwise. */
  tls?: ClientTlsOptions | undefined
  /** @defaultValue `'plain'` */
  framing?: Framing | 'auto' | undefined
  /** Segmented framing: longest payload of a segment, in UTF-16 code units. @defaultValue `65536` */
  maxSegmentSize?: number | undefined
  /** Quiet time before the server is probed, in milliseconds; `null`: never. @defaultValue `5000` */
  pingDelay?: number | null | undefined
  /**
   * Wait for any message (segmented framing: segment) after a probe, in milliseconds, before the connection is taken
   * for dead. Doubled for the next connection to the same address, up to 16 times, until one ends in another way.
   * @defaultValue `5000`
   */
  pingTimeout?: number | undefined
  /** Largest message from the server, reassembled, in bytes of UTF-8. @defaultValue `268435456` */
  maxPayload?: number | undefined
  /**
   * Whether a lost connection is made anew. After close code 4401 (credentials no longer valid) with waits from 30 s up
   * to 5 min, whatever `minDelay` and `maxDelay` are. @defaultValue on, after a first success
   */
  reconnect?: boolean | ReconnectOptions | undefined
  /**
   * Keeps the last state beyond the page: `stateStorage(localStorage)` of `fastify-juggler/storage`. Where a state was kept
   * `connect` resolves with it at once, `stale`, and the first connection is tried for as long as it takes. @defaultValue none
   */
  storage?: StateStorage | undefined
  /**
   * JSON Pointers of the parts of the state to be sent, each with all below it; the rest is missing. Of an array of which
   * an element is asked for all is sent. Together at most 8,000 characters as a query (`&path=%2Fpumps%2F7`). Servers that do not know it send
   * everything. @defaultValue everything
   */
  paths?: readonly string[] | null | undefined
  /** Aborting it closes the client; before the first success `connect` rejects with its reason. @defaultValue none */
  signal?: AbortSignal | undefined
}

export interface SendOptions {
  /** Longest wait for the answer, in milliseconds, 1 to 2147483647. @defaultValue none */
  timeout?: number | undefined
  /** Gives the request up; its late answer is ignored. */
  signal?: AbortSignal | undefined
  /**
   * Makes the request a command: the server runs it at most once, and after a lost connection the client asks again,
   * under the same key, until the outcome is known. `true` makes a key; a text of up to 128 characters is for repeats by
   * other means: the same user's key counts on all connections. The handler must be one with `once`.
   * @defaultValue none: a request that is lost is never sent again
   */
  key?: string | true | undefined
  /**
   * Commands: longest time in ms from the call until its run begins, by the server's clock; after it the command is not
   * run and the answer is `JUGGLER_EXPIRED`. @defaultValue `10000`
   */
  expires?: number | undefined
  /**
   * Commands: runs only if the state has this value at this path; otherwise the answer is `JUGGLER_CONFLICT` with the
   * value that is there.
   */
  expect?: { path: Path, value: JsonValue } | undefined
}

export interface Client<S = JsonValue> {
  /**
   * The server's state as last received; `null`, with `revision` 0, before. It stays readable while the connection is
   * away.
   */
  readonly state: ReadableState<S | null>
  /**
   * Resolves with the state as soon as there is one: the first that comes, or what is there already when `ready` is
   * first read. A server that tells that its state is `null` gives `null`; where it may be, `S` should say so. Rejects
   * with ConnectionClosedError when the client is closed before; nobody has to look at it.
   */
  readonly ready: Promise<DeepReadonly<S>>
  /** Whether `state` may be out of date: from the loss of the connection until the new state is whole, and where it was kept. */
  readonly stale: boolean
  readonly status: ClientStatus
  /** Resolves when the client is closed for good; never rejects. */
  readonly closed: Promise<CloseInfo>
  /**
   * Sends a request and resolves with the data of its answer.
   *
   * @param data - any JSON value; default `null`
   * @throws JugglerError the server answered with an error; `data` is what it sent
   * @throws ConnectionClosedError not open, or lost before the answer; a request without a key is never replayed
   * @throws JugglerClientError rejects with `JUGGLER_REQUEST_TIMEOUT`, `JUGGLER_OPTION_INVALID`; of commands with
   * `JUGGLER_OUTCOME_UNKNOWN` (a restart of the server, or too long ago), `JUGGLER_COMMANDS_UNSUPPORTED`
   * @throws JugglerStateError rejects with `JUGGLER_VALUE_INVALID`: JSON cannot carry the data, or the name is no
   * string
   */
  send<Result = JsonValue> (name: string, data?: unknown, options?: SendOptions): Promise<Result>
  /**
   * Changes the parts of the state that are sent (the option `paths`). Resolves when the state is of the new ones, which
   * come in one step with what is taken away; without a connection at once: then the next one asks for them.
   *
   * @param paths - JSON Pointers; null: everything
   * @throws JugglerClientError rejects with `JUGGLER_OPTION_INVALID`
   * @throws JugglerError rejects with what the server refuses them for (`JUGGLER_PATH_SETS_FULL`), or with the word of an older
   * server that does not know such requests; then the parts are what they were
   * @throws ConnectionClosedError rejects when the client is closed for good
   */
  watch (paths: readonly string[] | null): Promise<void>
  /**
   * Whether a place is in the parts of the state that are there: where it is not, nothing is known of it.
   *
   * @throws JugglerStateError `JUGGLER_PATH_INVALID`
   */
  covers (path: Path): boolean
  /** @returns a function that ends the subscription */
  onNotify (listener: NotifyListener): () => void
  /** @returns a function that ends the subscription */
  onStatus (listener: (status: ClientStatus, info?: CloseInfo) => void): () => void
  /**
   * Closes for good, in any phase. Resolves when it is done.
   *
   * @param code - 1000, or 3000 to 4999
   * @param reason - at most 123 bytes of UTF-8 (RFC 6455, section 5.5)
   * @throws JugglerClientError rejects with `JUGGLER_OPTION_INVALID`, and the client stays as it is
   */
  close (code?: number, reason?: string): Promise<void>
}
