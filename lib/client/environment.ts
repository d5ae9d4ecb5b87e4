/** What the client needs from where it runs; `environment.browser.ts` and `environment.node.ts` provide it. */
import type { ConnectOptions } from '../../types/client.ts'
import type { CloseInfo } from '../../types/protocol.ts'
import type { ProtocolFault } from '../protocol/fault.ts'
import type { Obstacle } from './obstacles.ts'
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

/** What is known of an attempt that failed. Only Node can tell more than that it did. */
export interface Failure {
  readonly info: CloseInfo
  trouble: unknown
  /** The HTTP status with which the upgrade was answered. */
  status: number | undefined
}

/** What happens to a page, and matters to its connection. */
export interface PageEvents {
  /** The page may have slept, or the network has come back. */
  onWake (): void
  /** The page is left. It may be kept, frozen, and shown again. */
  onLeave (): void
  /** The page is shown again. */
  onReturn (): void
}

export interface Environment {
  /** What relative addresses are relative to. */
  readonly base?: string | undefined
  /**
   * Refuses the options that cannot work here.
   *
   * @throws JugglerClientError
   */
  check (options: ConnectOptions & { readonly resume?: unknown }): void
  /**
   * Opens a WebSocket, which sees to it by itself that a closing handshake ends.
   *
   * @param onFault - called, before `onclose`, with what the platform itself found wrong with a frame
   * @param failure - gets what else went wrong, before `onclose`
   * @throws whatever the platform throws for an address that it does not take
   */
  open (url: string, settings: Settings, onFault: (fault: ProtocolFault) => void, failure: Failure): Socket
  /**
   * Asks the server of an upgrade that failed without a code to renew the login of this page, if it is the page's own.
   *
   * @returns `renewed`: it did; `refused`: a server of this package does not know this login, and would check it once
   * more in an upgrade; an obstacle, which an upgrade may pass all the same; undefined: nothing can be said
   */
  renewLogin? (url: string, signal: AbortSignal): Promise<'renewed' | 'refused' | Obstacle | undefined>
  /** Calls back about the page. Returns how to end that. */
  watchPage? (events: PageEvents): () => void
}
