/** What the fragments of docs/security.md stand on: an app, its plugins, and what its authors wrote. */
import type { FastifyAuthFunction } from '@fastify/auth'
import type { FastifyInstance } from 'fastify'
import '@fastify/basic-auth'
import '@fastify/rate-limit'
import '@fastify/session'

export { default as cookie } from '@fastify/cookie'
export { default as jwt } from '@fastify/jwt'
export { default as juggler } from '../../../lib/index.ts'
export declare const app: FastifyInstance
export declare const secret: string
export declare const verifyToken: FastifyAuthFunction
export declare function check (login: unknown): Promise<string>

declare module 'fastify' {
  interface Session { user?: string }
}
