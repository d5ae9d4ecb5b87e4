/** What the cases of the table are made of. */
import type { FastifyJugglerOptions } from '../../types/options.ts'

/** The servers that cases run against, by their options. */
export const servers = {
  plain: {},
  deflating: { compression: true },
  /** Takes 64 KiB, and deflates. */
  small: { compression: true, maxPayload: 65_536 },
  /** Asks after 100 ms for a sign of life, and waits for it. */
  asking: { pingDelay: 100, pingTimeout: 60_000 },
  /** Asks, and does not wait for long. */
  impatient: { pingDelay: 30, pingTimeout: 60 }
} satisfies Record<string, FastifyJugglerOptions>

export interface Numbered {
  readonly n: number
  readonly rfc: 6455 | 7692
  readonly section: string
  /** What must hold. */
  readonly holds: string
  /** Default: `plain`. */
  readonly server?: keyof typeof servers
}

/** A request, and the head of its answer. */
export interface Handshake extends Numbered {
  /** The lines of the request; default: those of RFC 6455, section 1.3. */
  readonly request?: readonly string[]
  /** Further lines. */
  readonly more?: readonly string[]
  readonly status: number
  /** Headers of the answer that must be there, each as a line. */
  readonly answer: readonly string[]
  /** The name of a header that must not be there. */
  readonly without?: string
}

/** Bytes behind the upgrade, as `pattern` reads them. */
export interface Exchange extends Numbered {
  readonly framing?: 'plain' | 'segmented'
  /** The header Sec-WebSocket-Extensions. */
  readonly offer?: string
  readonly sends: string
  /** Every byte goes by itself. */
  readonly bytewise?: boolean
  /** The client ends its side of TCP behind what it sends. */
  readonly fin?: boolean
  /** All that the server sends. */
  readonly gets: string
  /** Whether the server then ends the connection; default: it goes on answering. */
  readonly ends?: boolean
  /** What the app is told of the end: its code. */
  readonly told?: number
}

/** A function of ours, and the buffers that it makes, as far as they are written down. */
export interface Call extends Numbered {
  readonly call: () => Buffer | readonly Buffer[]
  /** The beginning of each buffer. */
  readonly begins: readonly string[]
  /** How long each is. */
  readonly lengths: readonly number[]
}
