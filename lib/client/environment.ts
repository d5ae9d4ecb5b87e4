/** What the client needs from the place that it runs in; `socket.ts` (browsers) and `socket.node.ts` provide it. */
import type { CloseCode } from '../../types/protocol.ts'
import type { ConnectOptions } from '../../types/client.ts'
import type { Settings } from './options.ts'

/** What a socket reports. After `onClose` it reports nothing more. */
export interface SocketEvents {
  onOpen (): void
  /** @param bytes - its length in UTF-8, where the platform knows it */
  onText (text: string, bytes?: number): void
  /** Input that ends the connection: the close code that says why. The socket is still to be closed. */
  onFault (close: CloseCode): void
  /** @param error - why, where the platform says so */
  onClose (code: number, reason: string, error?: unknown): void
}

/** One WebSocket, connecting from the start. */
export interface Socket {
  send (text: string): void
  /** Begins the closing handshake, or gives the attempt up. */
  close (code: number, reason: string): void
  /** Drops the connection, as far as the platform lets it; `onClose` need not follow. */
  terminate (): void
}

export interface Environment {
  /** What relative addresses are relative to. */
  readonly base: string | undefined
  /**
   * Refuses the options that cannot work here.
   *
   * @throws JugglerClientError
   */
  checkOptions (options: ConnectOptions): void
  /** @throws whatever the platform throws for an address that it does not take */
  openSocket (url: string, settings: Settings, events: SocketEvents): Socket
  /** Calls back whenever the machine or the page may have slept, or the network has come back. Returns how to end that. */
  watchWake (wake: () => void): () => void
}
