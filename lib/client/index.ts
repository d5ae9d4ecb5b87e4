/** The client in Node: `fastify-juggler/client`. */
import type { Client, ConnectOptions } from '../../types/client.ts'
import type { JsonValue } from '../../types/json.ts'
import { connectIn } from './client.ts'
import { node } from './environment.node.ts'

export { ConnectionClosedError, errorCodes, JugglerClientError, JugglerError, JugglerStateError } from '../errors.ts'
export { closeCodes } from '../protocol/close-codes.ts'
export type { ErrorCode } from '../errors.ts'
export type * from '../../types/client.ts'
export type * from '../../types/json.ts'
export type * from '../../types/protocol.ts'
export type * from '../../types/state.ts'

/**
 * Connects to a server.
 *
 * @param address - of the WebSocket route (`ws:`, `wss:`, `http:`, `https:`), or several, tried in turn. In a page it
 * may be relative, or left out (`/ws`, or the path that served the ready-made file)
 * @returns the client, once its first connection is open
 * @throws JugglerClientError rejects with `JUGGLER_CONNECT_FAILED` when no address can be reached,
 * `JUGGLER_ADDRESS_INVALID`, `JUGGLER_OPTION_INVALID`
 * @example const client = await connect('ws://127.0.0.1:8080/ws')
 */
export function connect<S = JsonValue> (
  address?: string | URL | readonly (string | URL)[],
  options?: ConnectOptions
): Promise<Client<S>> {
  return connectIn(node, address, options)
}
