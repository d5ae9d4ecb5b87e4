/** What the client needs from where it runs; `environment.browser.ts` and `environment.node.ts` provide it. */
import type { ConnectOptions } from '../../types/client.ts'
import type { CloseInfo } from '../../types/protocol.ts'
import type { ProtocolFault } from '../protocol/fault.ts'
import type { Settings } from './options.ts'

/** The part of the standard WebSocket that the client uses; `ws` has it as well. */
export interface Socket {
  onopen: (() => void) | null
  /** `data` is a string for text, anything else for binary data. */
  onmessage: ((event: { data: unknown }) => void) | null
  onclose: ((event: { code: number, reason: string }) => void) | null
  send (text: string): void
  close (code: number, reason: string): void
}

export interface Environment {
  /** What relative addresses are relative to. */
  readonly base?: string | undefined
  /**
   * Refuses the options that cannot work here.
   *
   * @throws JugglerClientError
   */
  check (options: ConnectOptions): void
  /**
   * Opens a WebSocket, which sees to it by itself that a closing handshake ends.
   *
   * @param onFault - called, before `onclose`, with what the platform itself found wrong with a frame
   * @param failure - gets what else went wrong, before `onclose`; only Node can tell
   * @throws whatever the platform throws for an address that it does not take
   */
  open (
    url: string,
    settings: Settings,
    onFault: (fault: ProtocolFault) => void,
    failure: { trouble: unknown, readonly info: CloseInfo }
  ): Socket
  /** Calls back whenever the page may have slept, or the network has come back. Returns how to end that. */
  watchWake? (wake: () => void): () => void
}
