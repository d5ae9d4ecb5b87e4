/** What the fragments of docs/operations.md stand among. */
import type { FastifyInstance } from 'fastify'

export declare const app: FastifyInstance
