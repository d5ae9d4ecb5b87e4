/** What a contract says, and the types that follow from it. Without the server's types, so that a client does without them. */
import type { Infer, Sendable } from './from-schema.ts'
import type { JsonValue } from './json.ts'

export type { Infer, Sendable, Typed } from './from-schema.ts'

/** One request of a contract. What is left out is any JSON. */
export interface RequestDefinition {
  /** JSON Schema of what clients send. */
  readonly data?: object
  /** JSON Schema of what they are answered. */
  readonly result?: object
}

/** What `defineContract` takes: a JSON Schema for all that travels. */
export interface ContractDefinition {
  /** Of the state. */
  readonly state?: object
  /** The requests, by name. */
  readonly requests?: { readonly [name: string]: RequestDefinition }
  /** The notifications, by name: the schema of their data. */
  readonly notifications?: { readonly [name: string]: object }
}

/** What of a contract does not need the server. */
export interface ContractBase<D extends ContractDefinition = ContractDefinition> {
  /** What `defineContract` was given. */
  readonly definition: D
  /**
   * The contract as an AsyncAPI 3.1.0 document, a plain object to be served or written to a file.
   *
   * @throws JugglerClientError `JUGGLER_CONTRACT_INVALID`, with the place: a reference that leads nowhere in the contract,
   * or what JSON or AsyncAPI cannot carry
   */
  asyncapi (options?: AsyncApiOptions): object
}

/** What an AsyncAPI document says beside the contract. */
export interface AsyncApiOptions {
  /** Of the document. @defaultValue `'Juggler server'` */
  readonly title?: string | undefined
  /** Of the application, not of AsyncAPI. @defaultValue `'0.0.0'` */
  readonly version?: string | undefined
  /** A text for readers, CommonMark. @defaultValue none */
  readonly description?: string | undefined
  /** The path of the WebSocket route. @defaultValue `'/ws'` */
  readonly wsPath?: string | undefined
  /** Where it can be reached, by a name for each. @defaultValue none: the document does not say where the server is */
  readonly servers?: Readonly<Record<string, AsyncApiServer>> | undefined
}

export interface AsyncApiServer {
  /** `host` or `host:port` */
  readonly host: string
  readonly protocol: 'ws' | 'wss'
  /** What stands before the WebSocket path. */
  readonly pathname?: string | undefined
}

/** The definition of a contract, which may be given itself as well. */
export type DefinitionOf<C> = C extends ContractBase<infer D> ? D : C extends ContractDefinition ? C : never

/** The names of a contract's requests. */
export type RequestName<C> = DefinitionOf<C> extends { readonly requests: infer R } ? Extract<keyof R, string> : never
/** The names of a contract's notifications. */
export type NotificationName<C> = DefinitionOf<C> extends { readonly notifications: infer N } ? Extract<keyof N, string> : never

/** The type of a contract's state. */
export type StateOf<C> = DefinitionOf<C> extends { readonly state: infer S } ? Infer<S> : JsonValue
/** The type of what clients send with the request `N`. */
export type DataOf<C, N extends RequestName<C>> = OfRequest<C, N, 'data'>
/** The type of what clients are answered to the request `N`. */
export type ResultOf<C, N extends RequestName<C>> = OfRequest<C, N, 'result'>
/** The type of the data of the notification `N`. */
export type NotificationOf<C, N extends NotificationName<C>> =
  DefinitionOf<C> extends { readonly notifications: { readonly [K in N]: infer S } } ? Infer<S> : JsonValue

type OfRequest<C, N, Part extends string> =
  DefinitionOf<C> extends { readonly requests: { readonly [K in N & string]: { readonly [P in Part]: infer S } } } ? Infer<S> : JsonValue

/** The arguments behind a name: data may be left out only where it may be null, or is none. */
export type DataArguments<T, Options> = undefined extends T ? [data?: Sendable<T>, options?: Options]
  : null extends T ? [data?: Sendable<T>, options?: Options]
    : [data: Sendable<T>, options?: Options]
