/** What the server and its clients agree on, written once: server.ts, client.ts and page.ts all import it. */
import { defineContract } from 'fastify-juggler/contract'
import type { NotificationOf, StateOf } from 'fastify-juggler/contract'

const id = { type: 'integer', minimum: 1 } as const
const speed = { type: 'number', minimum: 0, maximum: 3000 } as const
const mode = { enum: ['auto', 'hand'] } as const

const pump = {
  type: 'object',
  properties: { name: { type: 'string' }, running: { type: 'boolean' }, speed, mode },
  required: ['name', 'running', 'speed', 'mode'],
  additionalProperties: false
} as const

export const contract = defineContract({
  state: {
    type: 'object',
    properties: { station: { type: 'string' }, pumps: { type: 'object', additionalProperties: pump } },
    required: ['station', 'pumps'],
    additionalProperties: false
  },
  requests: {
    // A command: it runs once, however often it is sent.
    'pump/start': {
      data: { type: 'object', properties: { id }, required: ['id'], additionalProperties: false },
      result: { type: 'object', properties: { speed, took: { type: 'integer', description: 'In ms' } }, required: ['speed', 'took'] }
    },
    'pump/stop': {
      data: { type: 'object', properties: { id }, required: ['id'], additionalProperties: false },
      result: { type: 'null' }
    },
    'pump/set-speed': {
      data: { type: 'object', properties: { id, speed }, required: ['id', 'speed'], additionalProperties: false },
      result: { type: 'object', properties: { from: speed, to: speed }, required: ['from', 'to'] }
    },
    'pump/set-mode': {
      data: { type: 'object', properties: { id, mode: { ...mode, default: 'auto' } }, required: ['id'], additionalProperties: false },
      result: mode
    }
  },
  notifications: {
    alarm: {
      type: 'object',
      properties: { id, level: { enum: ['warning', 'danger'] }, text: { type: 'string' } },
      required: ['id', 'level', 'text']
    }
  }
})

export type Station = StateOf<typeof contract>
export type Alarm = NotificationOf<typeof contract, 'alarm'>
