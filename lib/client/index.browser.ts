/** The client in browsers: what bundlers take for `fastify-juggler/client`. */
import type { ConnectOptions } from '../../types/client.ts'
import type { ClientOf, ConnectOptionsOf } from '../../types/contract-client.ts'
import type { JsonValue } from '../../types/json.ts'
import { connectIn } from './client.ts'
import { browser } from './environment.browser.ts'

export { ConnectionClosedError, errorCodes, JugglerClientError, JugglerError, JugglerStateError } from '../errors.ts'
export { closeCodes } from '../protocol/close-codes.ts'

/**
 * Connects to a server.
 *
 * @typeParam S - the type of the state, or of the contract: `connect<typeof contract>()`
 * @param address - of the WebSocket route, or several, tried in turn; relative ones start at the page
 * @returns the client, once its first connection is open
 */
export function connect<S = JsonValue> (
  address: string | URL | readonly (string | URL)[] = '/ws',
  options?: ConnectOptionsOf<S>
): Promise<ClientOf<S>> {
  // A contract is types alone: at run time there is one client.
  return connectIn(browser, address, options as ConnectOptions | undefined) as Promise<unknown> as Promise<ClientOf<S>>
}
