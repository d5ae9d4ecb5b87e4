/** The answer to a request of the WebSocket path that is no upgrade. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { FST_JUGGLER_UPGRADE_REQUIRED } from '../errors.ts'

/** Answers with 426, and names the protocol that is spoken here (RFC 9110, section 15.5.22). */
export async function requireUpgrade (_request: FastifyRequest, reply: FastifyReply): Promise<never> {
  reply.header('upgrade', 'websocket').header('connection', 'Upgrade')
  throw new FST_JUGGLER_UPGRADE_REQUIRED()
}
