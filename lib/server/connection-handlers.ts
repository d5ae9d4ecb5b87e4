/** Tells the app's connection handlers of a new connection. */
import type { JsonValue } from '../../types/json.ts'
import type { Connection, ConnectionHandler } from '../../types/server.ts'

/** Calls the handlers in order. What one throws is logged, and the connection stays. */
export function tellHandlers (connection: Connection<JsonValue>, handlers: readonly ConnectionHandler[]): void {
  for (const handler of handlers) {
    try {
      const result = handler(connection)
      if (result instanceof Promise) result.catch((error: unknown) => report(connection, error))
    } catch (error) {
      report(connection, error)
    }
  }
}

function report (connection: Connection, error: unknown): void {
  if (isConnectionClosed(error)) connection.log.debug({ err: error }, 'connection handler gave up: the connection is closed')
  else connection.log.error({ err: error }, 'connection handler failed')
}

function isConnectionClosed (error: unknown): boolean {
  try {
    return Object(error).code === 'JUGGLER_CONNECTION_CLOSED'
  } catch {
    // an object that throws when it is looked at
    return false
  }
}
