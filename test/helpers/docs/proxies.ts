/** What the fragments of docs/proxies.md stand on. */
export { default as Fastify } from 'fastify'
export { default as juggler } from '../../../lib/index.ts'
