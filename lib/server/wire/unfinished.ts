/** Messages that `ws` is still putting together, of which it tells nobody. */
import type { WebSocket } from 'ws'

/** The part of `ws` that reads; it has no public face. A test says which version has it. */
interface Reading { readonly _receiver?: { readonly _bufferedBytes?: number, readonly _messageLength?: number } }

/**
 * Bytes of a WebSocket message that have come, where it is not whole: frames of it, and a part of one. A peer that never
 * ends one holds memory, and a pong now and then would keep the connection alive.
 */
export function unfinishedBytes (ws: WebSocket): number {
  const receiver = (ws as Reading)._receiver
  return (receiver?._bufferedBytes ?? 0) + (receiver?._messageLength ?? 0)
}
