/** What the blocks of docs/views.md take for granted. */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import juggler, { derive, JugglerError } from 'fastify-juggler'
import type { State } from 'fastify-juggler'
import { connect } from 'fastify-juggler/client'

export { connect, derive, juggler, JugglerError }
export declare const app: FastifyInstance
export declare const plant: State
export declare const shop: State<{ orders: Record<string, { owner: string, done: boolean }> }>
export declare function roleOf (request: FastifyRequest): string
