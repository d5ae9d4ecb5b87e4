/** The ready-made browser file: a page without a build step imports it, by default from `<wsPath>/client.js`. */
import type { ConnectOptions } from '../../types/client.ts'
import type { ClientOf, ConnectOptionsOf } from '../../types/contract-client.ts'
import type { JsonValue } from '../../types/json.ts'
import { connectIn } from './client.ts'
import { browser } from './environment.browser.ts'

export { ConnectionClosedError, JugglerClientError, JugglerError, JugglerStateError } from './index.browser.ts'

/** The WebSocket path: where this file was served, without its name. A copy kept elsewhere cannot know the path. */
const [served = '/ws'] = /^[^?#]+(?=\/client\.js)/.exec(import.meta.url) ?? []

/** As in `index.browser.ts`; without an address, the WebSocket path that served this file. */
export function connect<S = JsonValue> (
  address: string | URL | readonly (string | URL)[] = served,
  options?: ConnectOptionsOf<S>
): Promise<ClientOf<S>> {
  // A contract is types alone: at run time there is one client.
  return connectIn(browser, address, options as ConnectOptions | undefined) as Promise<unknown> as Promise<ClientOf<S>>
}
