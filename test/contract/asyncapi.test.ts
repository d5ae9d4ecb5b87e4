import { Type } from '@sinclair/typebox'
import t, { type Test } from 'tap'
import * as typebox from 'typebox'
import { z } from 'zod'
import { asyncapiOf } from '../../lib/contract/asyncapi.ts'
import type { AsyncApiOptions, ContractDefinition } from '../../types/contract.ts'
import { danglingOf, problemsOf } from '../helpers/asyncapi.ts'

// Whatever is read of a document here.
interface Document {
  [member: string]: unknown
  channels: { juggler: { address: string, messages: Record<string, unknown> } }
  operations: Record<string, { action: string, title: string, messages: unknown[], reply?: { messages: unknown[] } }>
  components: { schemas: Record<string, unknown>, messages: Record<string, { title: string, payload: { properties: Record<string, unknown>, required: string[] } }> }
}

/** A document, after a look at what holds for every one. */
function make (t: Test, definition: ContractDefinition, options?: AsyncApiOptions): Document {
  const before = JSON.stringify([definition, options])
  const document = asyncapiOf(definition, options)
  t.same(JSON.parse(JSON.stringify(document)), document, 'is plain JSON')
  t.equal(JSON.stringify([definition, options]), before, 'the input is as it was')
  t.same(danglingOf(document), [], 'every reference leads somewhere')
  for (const map of [document.operations, (document.components as Document['components']).schemas, (document.components as Document['components']).messages]) {
    t.same(Object.keys(map as object).filter((key) => !/^[a-zA-Z0-9._-]+$/.test(key)), [], 'keys are safe')
  }
  return document as unknown as Document
}

const message = (key: string) => ({ $ref: `#/channels/juggler/messages/${key}` })
const schema = (key: string) => ({ $ref: `#/components/schemas/${key}` })

t.test('an empty contract', async (t) => {
  const document = make(t, {})
  t.match(document, { asyncapi: '3.1.0', info: { title: 'Juggler server', version: '0.0.0' }, channels: { juggler: { address: '/ws' } } })
  t.notOk('servers' in document)
  t.same(Object.keys(document.operations), ['state'])
  t.equal(document.operations.state!.action, 'send')
  t.same(Object.keys(document.components.messages), ['state'])
  t.same(Object.keys(document.components.schemas), ['patch'])
  t.same(await problemsOf(document), [])
  t.same(make(t, { requests: {}, notifications: {} }, {}), document)
})

t.test('everything', async (t) => {
  const pump = { $id: 'Pump', type: 'object', properties: { speed: { type: 'number' } } }
  const definition = {
    state: { type: 'object', properties: { pumps: { type: 'array', items: pump } } },
    requests: {
      'pump/start': { data: { $ref: 'Pump' }, result: { type: 'boolean' } },
      pump_start: { data: { type: ['null', 'string'] } },
      'pump start': { result: pump },
      time: {}
    },
    notifications: { alarm: { type: 'object', properties: { text: { type: 'string' } } }, time: { type: 'number' } }
  }
  const document = make(t, definition, {
    title: 'Plant',
    version: '1.2.3',
    description: 'All pumps.',
    wsPath: '/live',
    servers: { main: { host: 'example.com:8080', protocol: 'wss', pathname: '/plant' }, 'at home': { host: 'localhost', protocol: 'ws' } }
  })
  t.same(document.info, { title: 'Plant', version: '1.2.3', description: 'All pumps.' })
  t.same(document.servers, { main: { host: 'example.com:8080', protocol: 'wss', pathname: '/plant' }, at_home: { host: 'localhost', protocol: 'ws' } })
  t.equal(document.channels.juggler.address, '/live')

  const { messages, schemas } = document.components
  t.same(Object.entries(document.operations).map(([key, { action }]) => `${action} ${key}`), [
    'send state', 'receive request.pump_start_2', 'receive request.pump_start', 'receive request.pump_start_3', 'receive request.time',
    'send notify.alarm', 'send notify.time'
  ])
  t.match(document.operations['request.pump_start_2'], {
    title: 'pump/start',
    messages: [message('request.pump_start_2')],
    reply: { channel: { $ref: '#/channels/juggler' }, messages: [message('response.pump_start_2'), message('error')] }
  })
  t.match(document.operations['notify.alarm'], { title: 'alarm', messages: [message('notify.alarm')] })
  t.same(Object.keys(document.channels.juggler.messages), Object.keys(messages))
  t.equal(Object.keys(messages).filter((key) => key === 'error').length, 1)

  const members = (key: string) => messages[key]!.payload
  t.match(members('request.pump_start_2'), {
    required: ['type', 'id', 'name', 'data'],
    properties: { type: { const: 'request' }, id: {}, name: { const: 'pump/start' }, data: schema('request.pump_start_2.data') }
  })
  t.match(members('response.pump_start_2'), {
    required: ['type', 'id', 'success', 'data'],
    properties: { type: { const: 'response' }, success: { const: true }, data: schema('request.pump_start_2.result') }
  })
  t.match(members('error').properties, { type: { const: 'response' }, success: { const: false } })
  t.match(members('notify.alarm'), {
    required: ['type', 'name', 'data'], properties: { type: { const: 'notify' }, name: { const: 'alarm' }, data: schema('notify.alarm.data') }
  })
  t.match(members('state'), { required: ['type', 'diff'], properties: { type: { const: 'state' }, diff: schema('patch') } })
  t.match(messages.state, { 'x-juggler-state': schema('state') })
  // A client that has no data may leave it out, which is null.
  t.same(members('request.pump_start').required, ['type', 'id', 'name'])
  t.same(members('request.time').required, ['type', 'id', 'name'])
  t.same(members('request.time').properties.data, {})

  t.same(schemas.state, { type: 'object', properties: { pumps: { type: 'array', items: schema('Pump') } } })
  t.same(schemas['request.pump_start_2.data'], schema('Pump'))
  t.same(schemas.Pump, { type: 'object', properties: { speed: { type: 'number' } } })
  t.same(await problemsOf(document), [])
})

t.test('recursion, odd names and schemas of generators', async (t) => {
  const tree = Type.Recursive((Tree) => Type.Object({ children: Type.Array(Tree) }))
  const module = Type.Module({ A: Type.Object({ b: Type.Optional(Type.Ref('B')) }), B: Type.Object({ a: Type.Optional(Type.Ref('A')) }) }).Import('A')
  const cyclic = typebox.Cyclic({ Node: typebox.Object({ next: typebox.Optional(typebox.Ref('Node')) }) }, 'Node')
  const person = z.object({ name: z.string(), get friends () { return z.array(person) } }).meta({ id: 'Person' })
  const document = make(t, {
    state: Object.assign({ [Symbol('note')]: 1 }, tree),
    requests: {
      'a.response': { data: module },
      a: { data: cyclic, result: z.toJSONSchema(z.object({ person })) },
      constructor: { data: z.toJSONSchema(z.object({ person }), { target: 'draft-7' }) },
      ['__proto__']: {},
      'ä/\ud800': { result: { $defs: { 'ä/~ %': { minimum: 1, not: { $ref: '#/$defs/%C3%A4~1~0%20%25' } } }, $ref: '#/$defs/ä~1~0 %25', description: 'odd' } }
    },
    notifications: {
      '': { type: 'object', properties: { $ref: { const: 1 }, hasOwnProperty: true, constructor: { type: 'string' }, ['__proto__']: {} } },
      state: { $defs: { state: true, patch: { type: 'null' } }, items: [{ $ref: '#/$defs/state' }, { $ref: '#/$defs/patch' }] }
    }
  })
  const { schemas } = document.components
  t.same(schemas.state, { type: 'object', required: ['children'], properties: { children: { type: 'array', items: schema('state') } } })
  t.match(schemas.A, { properties: { b: schema('B') } })
  t.match(schemas.Node, { properties: { next: schema('Node') } })
  t.match(schemas.Person, { properties: { friends: { items: schema('Person') } } })
  t.same(Object.keys(schemas).filter((key) => /^Person/.test(key)).length, 1)
  t.match(schemas['notify.state.data'], { items: [schema('state_2'), schema('patch_2')] })
  t.notMatch(JSON.stringify(document), /"[~]|Symbol|\$id|\$defs|\$schema/)
  t.same(await problemsOf(document), [])
})

t.test('errors name the place', async (t) => {
  const nowhere = { properties: { x: { $ref: '#/$defs/no' } } }
  const wrong: Array<[ContractDefinition, string]> = [
    [{ state: nowhere }, 'state'],
    [{ requests: { 'pump/start': { data: nowhere } } }, 'requests["pump/start"].data'],
    [{ requests: { a: { result: nowhere } } }, 'requests["a"].result'],
    [{ notifications: { alarm: nowhere } }, 'notifications["alarm"]']
  ]
  for (const [definition, place] of wrong) {
    t.throws(() => asyncapiOf(definition), { message: `${place} at /properties/x refers to "#/$defs/no", which is not in the contract` })
  }
})
