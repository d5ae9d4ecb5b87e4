/** The contract: written once, it holds at both ends. */
import type { FastifyInstance } from 'fastify'
import type {
  ContractBase, ContractDefinition, DataArguments, DataOf, NotificationName, NotificationOf, RequestName, ResultOf, Sendable, StateOf
} from './contract-definition.ts'
import type { Answer } from './from-schema.ts'
import type { BroadcastOptions, Connection, HandleOptions, Juggler, NotifyOptions, RequestContext } from './server.ts'
import type { ReadableState, State } from './state.ts'

export type * from './contract-client.ts'
export type * from './contract-definition.ts'

/** What a contract needs of an app: any Fastify instance has it. */
export type ContractApp = Pick<FastifyInstance, 'getDecorator' | 'hasDecorator'>

/** A contract: what `defineContract` makes. Server and clients share it. */
export interface Contract<D extends ContractDefinition = ContractDefinition> extends ContractBase<D> {
  /**
   * The plugin's decorator with the types of the contract. Call it where the plugin is registered.
   *
   * @param app - the app, or a plugin's instance
   * @param name - of the decorator, where the plugin's option `name` gave it another one. @defaultValue `'juggler'`
   */
  on (app: ContractApp, name?: string): ContractJuggler<D>
}

/** One client's connection, under a contract. */
export interface ContractConnection<D extends ContractDefinition> extends Omit<Connection<StateOf<D>>, 'notify'> {
  /**
   * Sends a notification of the contract; see `Connection.notify`.
   *
   * @param rest - the data, which may be left out only where the contract lets it be null, and the options
   */
  notify<N extends NotificationName<D>> (name: N, ...rest: DataArguments<NotificationOf<D, N>, NotifyOptions>): Promise<void>
}

/** What a handler under a contract may return: the result, or nothing where that may be null. */
export type ContractResult<D extends ContractDefinition, N extends RequestName<D>> = Answer<ResultOf<D, N>>

/** Answers requests of one name, under a contract. */
export type ContractHandler<D extends ContractDefinition, N extends RequestName<D>> =
  (connection: ContractConnection<D>, data: DataOf<D, N>, context: RequestContext) => ContractResult<D, N> | Promise<ContractResult<D, N>>

/** What a handler under a contract says about its requests: their schemas are the contract's. */
export type ContractHandleOptions = Omit<HandleOptions, 'schema'>

/** `fastify.juggler` under a contract: names that the contract lacks do not compile, nor data of another type. */
export interface ContractJuggler<D extends ContractDefinition>
  extends Omit<Juggler, 'onConnection' | 'handle' | 'broadcast' | 'connections' | 'state'> {
  /** Adds a handler for new connections; several are called in order. */
  onConnection (handler: (connection: ContractConnection<D>) => unknown): void
  /**
   * Answers the contract's requests called `name`. What they send, and what they are answered, is held to the contract.
   *
   * @throws `FST_JUGGLER_HANDLER_DUPLICATE`, `FST_JUGGLER_ARGUMENT_INVALID`
   */
  handle<N extends RequestName<D>> (name: N, handler: ContractHandler<D, N>): void
  handle<N extends RequestName<D>> (name: N, options: ContractHandleOptions, handler: ContractHandler<D, N>): void
  /**
   * Sends a notification of the contract to every connection; see `Juggler.broadcast`.
   *
   * @param rest - the data, which may be left out only where the contract lets it be null, and the options
   */
  broadcast<N extends NotificationName<D>> (name: N, ...rest: DataArguments<NotificationOf<D, N>, BroadcastOptions>): void
  /**
   * A state of the contract's type; as the function `createState`.
   *
   * @param options - `onError`: called with what a listener throws
   */
  createState (initial: Sendable<StateOf<D>>, options?: { onError?: (error: unknown) => void }): State<StateOf<D>>
  /** The open connections. */
  readonly connections: ReadonlySet<ContractConnection<D>>
  /** The shared state, where the option `state` is one. */
  readonly state: ReadableState<StateOf<D>> | undefined
}
