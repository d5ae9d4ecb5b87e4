/** The client in Node: `fastify-juggler/client`. */
import type { ConnectOptions } from '../../types/client.ts'
import type { ClientOf, ConnectOptionsOf } from '../../types/contract-client.ts'
import type { JsonValue } from '../../types/json.ts'
import { connectIn } from './client.ts'
import { node } from './environment.node.ts'

export { ConnectionClosedError, errorCodes, JugglerClientError, JugglerError, JugglerStateError } from '../errors.ts'
export { closeCodes } from '../protocol/close-codes.ts'
export type { ErrorCode } from '../errors.ts'
export type * from '../../types/client.ts'
export type * from '../../types/contract-client.ts'
export type * from '../../types/contract-definition.ts'
export type * from '../../types/json.ts'
export type * from '../../types/protocol.ts'
export type * from '../../types/state.ts'

/**
 * Connects to a server.
 *
 * @typeParam S - the type of the state, or of the contract: `connect<typeof contract>()`
 * @param address - of the WebSocket route (`ws:`, `wss:`, `http:`, `https:`), or several, tried in turn. In a page it
 * may be relative, or left out (`/ws`, or the path that served the ready-made file)
 * @returns the client, once its first connection is open
 * @throws JugglerClientError rejects with `JUGGLER_CONNECT_FAILED` when no address can be reached,
 * `JUGGLER_ADDRESS_INVALID`, `JUGGLER_OPTION_INVALID`
 * @example const client = await connect('ws://127.0.0.1:8080/ws')
 */
export function connect<S = JsonValue> (
  address?: string | URL | readonly (string | URL)[],
  options?: ConnectOptionsOf<S>
): Promise<ClientOf<S>> {
  // A contract is types alone: at run time there is one client.
  return connectIn(node, address, options as ConnectOptions | undefined) as Promise<unknown> as Promise<ClientOf<S>>
}
