/** The client in browsers: what bundlers take for `fastify-juggler/client`. */
import type { Client, ConnectOptions } from '../../types/client.ts'
import type { JsonValue } from '../../types/json.ts'
import { connectIn } from './client.ts'
import { browser } from './environment.browser.ts'

export { ConnectionClosedError, errorCodes, JugglerClientError, JugglerError, JugglerStateError } from '../errors.ts'
export { closeCodes } from '../protocol/close-codes.ts'

/**
 * Connects to a server.
 *
 * @param address - of the WebSocket route, or several, tried in turn; relative ones start at the page
 * @returns the client, once its first connection is open
 */
export function connect<S = JsonValue> (
  address: string | URL | readonly (string | URL)[] = '/ws',
  options?: ConnectOptions
): Promise<Client<S>> {
  return connectIn(browser, address, options)
}
