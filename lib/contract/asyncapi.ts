/** The AsyncAPI document of a server: what its WebSocket carries, made of the schemas of its state, requests and notifications. */
import type { AsyncApiOptions, ContractDefinition } from '../../types/contract-definition.ts'
import type { JsonObject, JsonValue } from '../../types/json.ts'
import { componentSchemas } from './component-schemas.ts'
import type { RootSchema } from './component-schemas.ts'
import { uniqueKeys } from './unique-key.ts'

/**
 * Describes a server as an AsyncAPI 3.1.0 document: from its own view, so it receives requests and sends the rest. Names
 * become keys by `uniqueKeys`; on the wire, and as titles, they stay what they are. Nothing that is passed is changed.
 *
 * @returns plain JSON
 * @throws Error whose message names the place: a reference that leads nowhere in the contract, to several different schemas or
 * only to itself; what JSON or AsyncAPI cannot carry
 */
export function asyncapiOf (definition: ContractDefinition, options: AsyncApiOptions = {}): JsonObject {
  const { title = 'Juggler server', version = '0.0.0', description, wsPath = '/ws', servers = {} } = options
  const schemas: RootSchema[] = []
  const messages: JsonObject = {}
  const operations: JsonObject = {}
  /** The schema's component; without a schema anything goes. */
  const schemaOf = (key: string, place: string, schema: object | undefined): JsonObject => {
    if (schema === undefined) return {}
    schemas.push({ key, place, schema })
    return { $ref: `#/components/schemas/${key}` }
  }

  const state = schemaOf('state', 'state', definition.state)
  operations.state = sends('state', 'The state, or a change of it')
  messages.state = {
    name: 'state',
    title: 'State',
    description: `${stateText}${definition.state === undefined ? '' : ' The state that this makes is #/components/schemas/state.'}`,
    payload: payload({ type: { const: 'state' }, diff: { $ref: '#/components/schemas/patch' } }),
    // A link for tools: the message has the change, not the state.
    ...definition.state === undefined ? {} : { 'x-juggler-state': state }
  }

  const requests = Object.entries(definition.requests ?? {})
  const requestKeys = uniqueKeys(requests.map(([name]) => name))
  for (const [name, { data, result }] of requests) {
    const key = `request.${requestKeys.get(name)}`
    const responseKey = `response.${requestKeys.get(name)}`
    const place = `requests[${JSON.stringify(name)}]`
    messages[key] = {
      name: key,
      title: name,
      correlationId,
      payload: payload({
        type: { const: 'request' },
        id: { description: 'Any JSON; the answer has it as it was.' },
        name: { const: name },
        data: schemaOf(`${key}.data`, `${place}.data`, data)
      }, admitsNull(data) ? ['data'] : [])
    }
    messages[responseKey] = {
      name: responseKey,
      title: `Answer to ${name}`,
      correlationId,
      payload: payload({
        type: { const: 'response' },
        id: { description: 'That of the request.' },
        success: { const: true },
        data: schemaOf(`${key}.result`, `${place}.result`, result)
      })
    }
    operations[key] = {
      action: 'receive',
      title: name,
      channel,
      messages: [onChannel(key)],
      reply: { channel, messages: [onChannel(responseKey), onChannel('error')] }
    }
  }
  if (requests.length > 0) messages.error = error

  const notifications = Object.entries(definition.notifications ?? {})
  const notificationKeys = uniqueKeys(notifications.map(([name]) => name))
  for (const [name, schema] of notifications) {
    const key = `notify.${notificationKeys.get(name)}`
    messages[key] = {
      name: key,
      title: name,
      payload: payload({
        type: { const: 'notify' },
        name: { const: name },
        data: schemaOf(`${key}.data`, `notifications[${JSON.stringify(name)}]`, schema)
      })
    }
    operations[key] = sends(key, name)
  }

  const serverKeys = uniqueKeys(Object.keys(servers))
  const keyedServers = Object.fromEntries(Object.entries(servers).map(([name, server]) => [serverKeys.get(name)!, server]))
  return jsonCopy({
    asyncapi: '3.1.0',
    info: { title, version, description },
    defaultContentType: 'application/json',
    servers: Object.keys(servers).length > 0 ? keyedServers : undefined,
    channels: {
      juggler: {
        address: wsPath,
        title: 'Juggler protocol',
        description: channelText,
        messages: Object.fromEntries(Object.keys(messages).map((key) => [key, { $ref: `#/components/messages/${key}` }])),
        bindings: { ws: { method: 'GET', query, bindingVersion: '0.1.0' } }
      }
    },
    operations,
    components: {
      schemas: { ...componentSchemas(schemas, new Set(['patch'])), patch },
      messages,
      correlationIds: { request: { description: 'Tells which request an answer is to.', location: '$message.payload#/id' } }
    }
  })
}

const channel = { $ref: '#/channels/juggler' }
const correlationId = { $ref: '#/components/correlationIds/request' }
// An operation may refer to messages of its channel, and to no others.
const onChannel = (key: string): JsonObject => ({ $ref: `#/channels/juggler/messages/${key}` })
const sends = (key: string, title: string): JsonObject => ({ action: 'send', title, channel, messages: [onChannel(key)] })

/** A message as it is on the wire: members that are not known are ignored, so more are allowed. */
const payload = (properties: JsonObject, optional: readonly string[] = []): JsonObject =>
  ({ type: 'object', required: Object.keys(properties).filter((name) => !optional.includes(name)), properties })

/** Whether a request may leave its data out, as clients do that have none to send: that is null. */
function admitsNull (schema: object | undefined): boolean {
  if (schema === undefined) return true
  const { type } = schema as { type?: unknown }
  return type === 'null' || (Array.isArray(type) && type.includes('null'))
}

const channelText = 'One WebSocket for each client. Every message is JSON text; there is no greeting. In plain framing a message is one WebSocket message; in segmented framing ' +
  'it is one or more, each with a character before its part: 0 before the last part, 1 before the others, 2 for a ping and 3 for its answer. ' +
  'A request with an empty name is answered with its own data.'

const stateText = 'A JSON Patch from the state as the client has it to the new one. At first that is null; so while the state is null nothing is sent, and the first ' +
  'patch nearly always replaces the root. An empty patch changes nothing.'

const error: JsonObject = {
  name: 'error',
  title: 'Answer to a request that failed',
  correlationId,
  payload: payload({
    type: { const: 'response' },
    id: { description: 'That of the request.' },
    success: { const: false },
    data: { description: 'The error: its message, or any JSON that the handler chose.' }
  })
}

const query: JsonObject = {
  type: 'object',
  properties: {
    framing: { type: 'string', enum: ['plain', 'segmented'], description: 'How messages become WebSocket messages; without it the server has a default.' },
    announce: { type: 'string', enum: ['1'], description: 'Asks for a state message with an empty patch where the state is null at first.' }
  }
}

const pointer = { type: 'string', format: 'json-pointer' }
const operation = (op: string, members: JsonObject): JsonValue => payload({ op: { const: op }, path: pointer, ...members })
const patch: JsonObject = {
  title: 'JSON Patch',
  description: 'RFC 6902: applied whole or not at all. fastify-juggler sends add, remove, replace and move; clients should take all six.',
  type: 'array',
  items: {
    oneOf: [
      operation('add', { value: {} }),
      operation('remove', {}),
      operation('replace', { value: {} }),
      operation('move', { from: pointer }),
      operation('copy', { from: pointer }),
      operation('test', { value: {} })
    ]
  }
}

/** Without members that are undefined, and sharing nothing with the constants here. */
const jsonCopy = (value: unknown): JsonObject => JSON.parse(JSON.stringify(value))
