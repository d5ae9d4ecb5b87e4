/** What the fragments of docs/contract.md stand on: an app, and the contract that the first of them defines. */
import type { FastifyBaseLogger, FastifyInstance } from 'fastify'
import { defineContract, typed } from '../../../lib/contract/index.ts'

export { JugglerError } from '../../../lib/index.ts'
export { connect } from '../../../lib/client/index.ts'

interface Alarm { id: number, level: 'low' | 'high' }

export const contract = defineContract({
  state: {
    type: 'object',
    properties: { pumps: { type: 'object', additionalProperties: { type: 'object', properties: { speed: { type: 'number' } }, required: ['speed'] } } },
    required: ['pumps']
  },
  requests: {
    'pump/set': {
      data: {
        type: 'object',
        properties: { id: { type: 'integer' }, speed: { type: 'number', maximum: 3000 }, mode: { enum: ['auto', 'hand'], default: 'auto' } },
        required: ['id', 'speed']
      },
      result: { type: 'number' }
    },
    'pump/list': { data: { type: 'null' }, result: { type: 'array', items: { type: 'integer' } } }
  },
  notifications: { alarm: typed<Alarm>() }
})

export declare const app: FastifyInstance
export declare const audit: FastifyBaseLogger
export const panel = contract.on(app)
