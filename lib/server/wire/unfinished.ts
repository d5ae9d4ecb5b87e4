/** Messages that `ws` is still putting together, of which it tells nobody. */
import type { WebSocket } from 'ws'

/** The part of `ws` that reads; it has no public face. A test says which version has it. */
interface Reading { readonly _receiver?: { readonly _bufferedBytes?: number, readonly _messageLength?: number } }

/** Bytes of a WebSocket message that have come, where it is not whole: frames of it, and a part of one. */
export function unfinishedBytes (ws: WebSocket): number {
  const receiver = (ws as Reading)._receiver
  return (receiver?._bufferedBytes ?? 0) + (receiver?._messageLength ?? 0)
}

/** Such a message has this long, in ms, and longer by what of it has come. */
const patience = 60_000
/** The slowest line that is waited for, in bytes per ms: 32 kbit a second. */
const slowest = 4

/**
 * Whether a message takes too long: a peer that never ends it holds memory, and a pong now and then would keep the
 * connection alive.
 *
 * @param ms - since it began, or a little less
 */
export const isTooSlow = (bytes: number, ms: number): boolean => ms > patience + bytes / slowest
