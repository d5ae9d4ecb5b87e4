/** What the fragments of docs/commands.md stand among. */
import type { FastifyInstance } from 'fastify'
import type { Client } from '../../../types/client.ts'

export declare const app: FastifyInstance
export declare const client: Client
export declare const start: (id: number) => Promise<{ running: boolean }>
