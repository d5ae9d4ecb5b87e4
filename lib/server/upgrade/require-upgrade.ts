/** The answer to a request of the WebSocket path that is no upgrade. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { FST_JUGGLER_UPGRADE_REQUIRED } from '../errors.ts'
import { isWebSocketOffer } from './other-protocols.ts'

/**
 * Answers with 426, and names the protocol that is spoken here (RFC 9110, section 15.5.22). A proxy that drops `Upgrade`
 * or the `Connection` that goes with it, as nginx does by itself, leaves the key of a WebSocket in the request: then no
 * client will ever connect.
 */
export async function requireUpgrade (request: FastifyRequest, reply: FastifyReply): Promise<never> {
  const { headers } = request
  const lost = headers.upgrade === undefined ? 'Upgrade' : isWebSocketOffer(request.raw) ? 'Connection' : undefined
  if (headers['sec-websocket-key'] !== undefined && lost !== undefined) {
    request.log.warn(`a client's upgrade has lost its '${lost}' header: have the proxy pass on 'Upgrade' and 'Connection', over HTTP/1.1`)
  }
  reply.header('upgrade', 'websocket').header('connection', 'Upgrade')
  throw new FST_JUGGLER_UPGRADE_REQUIRED()
}
