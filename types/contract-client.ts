/** The client under a contract: `connect<typeof contract>()`. */
import type { Client, ConnectOptions, NotifyListener, SendOptions } from './client.ts'
import type {
  ContractBase, ContractDefinition, DataArguments, DataOf, NotificationName, NotificationOf, RequestName, ResultOf, StateOf
} from './contract-definition.ts'

/** What a notification listener is called with: a name, and the data that goes with that name. */
export type ContractNotification<D extends ContractDefinition> = [NotificationName<D>] extends [never]
  ? Parameters<NotifyListener>
  : { [N in NotificationName<D>]: [name: N, data: NotificationOf<D, N>] }[NotificationName<D>]

/** Called for each notification. Once it has looked at the name, it knows the type of the data. */
export type ContractNotifyListener<D extends ContractDefinition> = (...notification: ContractNotification<D>) => void

/** A client that knows its contract. */
export interface ContractClient<D extends ContractDefinition> extends Omit<Client<StateOf<D>>, 'send' | 'onNotify'> {
  /**
   * Sends a request of the contract and resolves with the data of its answer; see `Client.send`.
   *
   * @param rest - the data, which may be left out only where the contract lets it be null, and the options
   * @throws JugglerError the server answered with an error; `data` is what it sent
   * @throws ConnectionClosedError not open, or lost before the answer
   * @throws JugglerClientError rejects with `JUGGLER_REQUEST_TIMEOUT`, `JUGGLER_OPTION_INVALID`
   */
  send<N extends RequestName<D>> (name: N, ...rest: DataArguments<DataOf<D, N>, SendOptions>): Promise<ResultOf<D, N>>
  /** @returns a function that ends the subscription */
  onNotify (listener: ContractNotifyListener<D>): () => void
  /** For who looks at the name alone, or at nothing. */
  onNotify (listener: (name: NotificationName<D>) => void): () => void
}

/** The options of a client that knows its contract. */
export interface ContractConnectOptions<D extends ContractDefinition> extends Omit<ConnectOptions, 'onNotify'> {
  /** Called for each notification; as `client.onNotify`. */
  onNotify?: ContractNotifyListener<D> | undefined
}

/** What `connect<S>()` gives: `S` is the type of the state, or of a contract. */
export type ClientOf<S> = 0 extends 1 & S ? Client<S> : [S] extends [ContractBase<infer D>] ? ContractClient<D> : Client<S>

/** What `connect<S>()` takes as options. */
export type ConnectOptionsOf<S> = 0 extends 1 & S ? ConnectOptions : [S] extends [ContractBase<infer D>] ? ContractConnectOptions<D> : ConnectOptions
