/**
 * The stock JavaScript clients of Hat Open, as they are on npm, in Node. They are written for browsers: two of their
 * modules touch `window` and `document` when they are loaded, and `Connection` takes the global `WebSocket`.
 */
import { once } from 'node:events'
import type { Connection as PlainConnection } from 'juggler-plain'
import type { Connection as SegmentedConnection } from 'juggler-segmented'
import { WebSocket } from 'ws'
import type { JsonValue } from '../../../types/json.ts'
import type { Framing } from '../../../types/protocol.ts'

Object.assign(globalThis, {
  window: globalThis,
  document: { body: {}, addEventListener () {} },
  WebSocket
})

const { Connection: Plain } = await import('juggler-plain')
const { Connection: Segmented } = await import('juggler-segmented')

export type StockConnection = PlainConnection | SegmentedConnection

interface Notification { name: string, data: JsonValue }

/** A stock connection with what the tests need to know about it. */
export interface Stock {
  readonly connection: StockConnection
  /** The WebSocket under it. */
  readonly socket: WebSocket
  readonly notifications: Notification[]
  /** The state after each change event. */
  readonly states: JsonValue[]
  /** Resolves when the connection has read everything that the server sent before it read this. */
  settled (): Promise<void>
}

export const packages = {
  plain: '@hat-open/juggler 0.6.18',
  segmented: '@hat-open/juggler 0.7.0'
} satisfies Record<Framing, string>

interface Test { teardown (handler: () => unknown): unknown }

export interface StockOptions {
  /** Segmented only: quiet time in ms before a ping. @defaultValue `5000` */
  pingDelay?: number | null
  /** Segmented only. @defaultValue `65536` */
  maxSegmentSize?: number
}

/** Connects a stock client. */
export async function connectStock (t: Test, framing: Framing, url: string, { pingDelay = 5000, maxSegmentSize }: StockOptions = {}): Promise<Stock> {
  const connection = framing === 'plain' ? new Plain(url) : new Segmented(url, pingDelay, 5000, maxSegmentSize)
  const notifications: Notification[] = []
  const states: JsonValue[] = []
  connection.addEventListener('notify', (event) => { notifications.push((event as CustomEvent<Notification>).detail) })
  connection.addEventListener('change', (event) => { states.push((event as CustomEvent<JsonValue>).detail) })
  t.teardown(() => { connection.close() })
  await once(connection, 'open')
  return {
    connection,
    socket: connection._ws as unknown as WebSocket,
    notifications,
    states,
    settled: async () => { await connection.send('', null) }
  }
}
