/** Makes a clear error of an @fastify/websocket that the app registers after this plugin did. */
import type { FastifyInstance } from 'fastify'
import { FST_JUGGLER_WEBSOCKET_LATE } from '../errors.ts'

/** Fastify notes the names of plugins here, right before it runs them; what goes wrong then fails their registration. */
const kRegistered = Symbol.for('registered-plugin')

/**
 * The decorators of @fastify/websocket are there already. Where it finds one it throws, and Fastify does not catch what
 * a plugin with a callback throws, so that the process ends. Here its registration fails before it runs.
 */
export function refuseLateWebSocket (fastify: FastifyInstance): void {
  const names = (fastify as unknown as Record<symbol, string[] | undefined>)[kRegistered]
  if (names === undefined) return
  // Scopes inherit the list from the instance around them, and this with it.
  Object.defineProperty(names, 'push', {
    configurable: true,
    value: function (this: string[], ...added: string[]) {
      if (added.includes('@fastify/websocket')) throw new FST_JUGGLER_WEBSOCKET_LATE()
      return Array.prototype.push.apply(this, added)
    }
  })
}
