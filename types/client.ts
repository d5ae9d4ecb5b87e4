/** Contracts of the client's public face. Durations are milliseconds, sizes bytes. */
import type { JsonValue } from './json.ts'
import type { CloseInfo, Framing } from './protocol.ts'
import type { ReadableState } from './state.ts'

/** `connecting` is before `connect` resolves. */
export type ClientStatus = 'connecting' | 'open' | 'reconnecting' | 'closed'
export type NotifyListener = (name: string, data: JsonValue) => void

export interface ReconnectOptions {
  /** Upper bound of the first wait. @defaultValue `500` */
  minDelay?: number | undefined
  /** Upper bound of every wait. @defaultValue `30000` */
  maxDelay?: number | undefined
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
  /** Called for each notification; the same as `client.onNotify`, for those who do something else before they call that. */
  onNotify?: NotifyListener | undefined
  /** Called with what a listener throws, or rejects with, and with how the server broke the protocol. @defaultValue `reportError` where there is one, else a process warning */
  onError?: ((error: unknown) => void) | undefined
  /** HTTP Basic credentials (Node only). */
  auth?: { username: string, password: string } | undefined
  /** TLS (Node only); certificates are verified unless told otherwise. */
  tls?: ClientTlsOptions | undefined
  /** @defaultValue `'plain'` */
  framing?: Framing | 'auto' | undefined
  /** Segmented framing: longest payload of a segment. @defaultValue `65536` */
  maxSegmentSize?: number | undefined
  /** Quiet time before the server is probed; `null`: never. @defaultValue `5000` */
  pingDelay?: number | null | undefined
  /**
   * Wait for any message (segmented framing: segment) after a probe before the connection is taken for dead. Doubled for
   * the next connection, up to 16 times, until one ends in another way. @defaultValue `5000`
   */
  pingTimeout?: number | undefined
  /** Largest message from the server, reassembled. @defaultValue `268435456` */
  maxPayload?: number | undefined
  /** Whether a lost connection is made anew. @defaultValue on, after a first success */
  reconnect?: boolean | ReconnectOptions | undefined
  /** Aborting it closes the client; before the first success `connect` rejects with its reason. */
  signal?: AbortSignal | undefined
}

export interface SendOptions {
  /** Longest wait for the answer. @defaultValue none */
  timeout?: number | undefined
  /** Gives the request up; its late answer is ignored. */
  signal?: AbortSignal | undefined
}

export interface Client<S = JsonValue> {
  /** The server's state as last received; `null`, with `revision` 0, before (`connect<Plant | null>` says so). It stays readable while the connection is away. */
  readonly state: ReadableState<S>
  /** Whether `state` may be out of date: from the loss of the connection until the new state is whole. */
  readonly stale: boolean
  readonly status: ClientStatus
  /** Resolves when the client is closed for good; never rejects. */
  readonly closed: Promise<CloseInfo>
  /**
   * Sends a request and resolves with the data of its answer.
   *
   * @param data - any JSON value; default `null`
   * @throws JugglerError the server answered with an error; `data` is what it sent
   * @throws ConnectionClosedError not open, or lost before the answer; a request is never replayed
   */
  send (name: string, data?: unknown, options?: SendOptions): Promise<JsonValue>
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
