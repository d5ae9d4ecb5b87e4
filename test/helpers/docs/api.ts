/** What the fragments of docs/api.md stand on. */
import type { FastifyInstance } from 'fastify'
import type { State } from '../../../lib/index.ts'

export { createState } from '../../../lib/index.ts'
export declare const app: FastifyInstance
export declare const state: State
export interface Room { title: string }
export declare function start (id: number): void
export declare function stop (id: number): void
