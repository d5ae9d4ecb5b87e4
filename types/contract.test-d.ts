/** What the compiler takes and refuses under a contract; `npm run types` checks it. */
import { Type as Type34 } from '@sinclair/typebox'
import { toJsonSchema } from '@valibot/to-json-schema'
import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import * as v from 'valibot'
import * as z from 'zod'
import { connect } from '../lib/client/index.ts'
import { connect as connectInBrowser } from '../lib/client/index.browser.ts'
import { defineContract, typed } from '../lib/contract/index.ts'
import type {
  Client, ClientOf, Contract, ContractClient, ContractConnection, ContractJuggler, DataOf, Infer, JsonObject, JsonValue, NotificationName,
  NotificationOf, RequestName, ResultOf, State, StateOf
} from './index.ts'

declare const app: FastifyInstance
declare function takes<T> (value: T): void
/** Compiles for two types that are the same one. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true : false
declare function same<A, B> (...holds: Same<A, B> extends true ? [] : [differ: [A, B]]): void
/** Compiles for a value whose type is exactly that. */
declare function exactly<B> (): <A>(value: A, ...holds: Same<A, B> extends true ? [] : [differ: [A, B]]) => void
/** The type that a schema is read as; a literal is taken as in a contract. */
declare function read<const S extends object> (schema: S): Infer<S>

// JSON Schema literals
takes<string>(read({ type: 'string', minLength: 1 }))
takes<number | null>(read({ type: ['integer', 'null'] }))
takes<'open' | 'shut' | 3>(read({ enum: ['open', 'shut', 3] }))
takes<'on'>(read({ const: 'on' }))
const pump = read({
  type: 'object',
  properties: { id: { type: 'number' }, note: { type: 'string' }, tags: { type: 'array', items: { type: 'string' } } },
  required: ['id', 'tags'],
  additionalProperties: false
})
exactly<{ id: number, tags: string[], note?: string }>()(pump)
const many = read({ type: 'object', additionalProperties: { type: 'boolean' } })
exactly<{ [member: string]: boolean }>()(many)
const patterned = read({ type: 'object', patternProperties: { '^p': { type: 'number' } } })
exactly<{ [member: string]: number }>()(patterned)
const open = read({ type: 'object' })
exactly<JsonObject>()(open)
const more = read({ type: 'object', properties: { id: { type: 'number' } }, required: ['id'], additionalProperties: { type: 'string' } })
takes<number>(more.id)
takes<string | number | undefined>(more['other'])
const either = read({ anyOf: [{ type: 'object', properties: { a: { type: 'number' } }, required: ['a'] }, { type: 'null' }] })
exactly<{ a: number } | null>()(either)
const one = read({ oneOf: [{ const: 1 }, { const: 'x' }] })
exactly<1 | 'x'>()(one)
const all = read({
  allOf: [
    { type: 'object', properties: { a: { type: 'number' } }, required: ['a'] },
    { type: 'object', properties: { b: { type: 'string' } } }
  ]
})
exactly<{ a: number, b?: string }>()(all)
const beside = read({
  type: 'object',
  properties: { kind: { type: 'string' } },
  required: ['kind'],
  anyOf: [{ type: 'object', properties: { a: { type: 'null' } }, required: ['a'] }, { type: 'object', properties: { b: { type: 'null' } }, required: ['b'] }]
})
takes<{ kind: string } & ({ a: null } | { b: null })>(beside)
const nullable = read({ type: 'number', nullable: true })
exactly<number | null>()(nullable)
const pair = read({ type: 'array', prefixItems: [{ type: 'number' }, { type: 'string' }], items: false, minItems: 2 })
exactly<[number, string]>()(pair)
const draft7 = read({ type: 'array', items: [{ type: 'number' }, { type: 'string' }], minItems: 1, additionalItems: { type: 'boolean' } })
exactly<[number, string?, ...boolean[]]>()(draft7)
const list = read({ type: 'array' })
exactly<JsonValue[]>()(list)
// what is not understood
const referred = read({ type: 'object', properties: { next: { $ref: '#' } }, required: ['next'] })
exactly<{ next: JsonValue }>()(referred)
const empty = read({})
exactly<JsonValue>()(empty)
declare const unknownSchema: object
const wide = read(unknownSchema)
exactly<JsonValue>()(wide)
declare const record: Record<string, unknown>
const wideRecord = read(record)
exactly<JsonValue>()(wideRecord)

// TypeBox 1, read by its structure
const box = Type.Object({
  id: Type.Integer(),
  name: Type.Optional(Type.String()),
  mode: Type.Union([Type.Literal('auto'), Type.Literal('hand'), Type.Null()]),
  at: Type.Tuple([Type.Number(), Type.Boolean()]),
  tags: Type.Array(Type.String()),
  speeds: Type.Record(Type.String(), Type.Number()),
  kind: Type.Enum(['a', 'b']),
  odd: Type.Optional(Type.Union([Type.String(), Type.Null()])),
  own: Type.Unsafe<'x' | 'y'>({ type: 'string' }),
  any: Type.Any()
})
exactly<{
  id: number
  mode: 'auto' | 'hand' | null
  at: [number, boolean]
  tags: string[]
  speeds: { [member: string]: number }
  kind: 'a' | 'b'
  own: 'x' | 'y'
  any: JsonValue
  name?: string
  odd?: string | null
}>()(read(box))
exactly<{ a?: number }>()(read(Type.Object({ a: Type.Optional(Type.Number()) })))
const both = Type.Intersect([Type.Object({ a: Type.Number() }), Type.Object({ b: Type.Optional(Type.String()) })])
exactly<{ a: number, b?: string }>()(read(both))
const partial = Type.Partial(Type.Object({ a: Type.Number(), b: Type.String() }))
exactly<{ a?: number, b?: string }>()(read(partial))

// TypeBox 0.34, which says it itself
const box34 = Type34.Object({ id: Type34.Number(), name: Type34.Optional(Type34.String()), mode: Type34.Union([Type34.Literal('auto'), Type34.Null()]) })
exactly<{ id: number, name?: string, mode: 'auto' | null }>()(read(box34))

// zod says it in its JSON Schema; of valibot it has to be told
const zodPump = z.toJSONSchema(z.object({ id: z.number(), mode: z.enum(['auto', 'hand']).optional() }), { target: 'draft-7' })
takes<{ id: number, mode?: 'auto' | 'hand' | undefined }>(read(zodPump))
const valibotPump = v.object({ id: v.number() })
exactly<{ id: number }>()(read(typed<v.InferOutput<typeof valibotPump>>(toJsonSchema(valibotPump))))
const untold = read(toJsonSchema(valibotPump))
exactly<JsonValue>()(untold)

// a contract
interface Alarm { id: number, level: 'low' | 'high' }
const contract = defineContract({
  state: Type.Object({ title: Type.String(), pumps: Type.Record(Type.String(), Type.Object({ speed: Type.Number() })) }),
  requests: {
    'pump/set': {
      data: { type: 'object', properties: { id: { type: 'number' }, speed: { type: 'number' } }, required: ['id', 'speed'] },
      result: { enum: ['done', 'queued'] }
    },
    'pump/list': { data: { type: 'null' }, result: Type34.Array(Type34.Number()) },
    'pump/stop': { data: typed<{ id: number }>(), result: { type: 'null' } },
    zod: { data: zodPump, result: typed<{ ids: number[] }>() },
    anything: {}
  },
  notifications: {
    alarm: typed<Alarm>(),
    hello: { type: 'null' },
    said: { type: 'string' }
  }
})
type C = typeof contract
type D = C['definition']
takes<Contract>(contract)
takes<object>(contract.asyncapi({ title: 'Plant', version: '2.0.0' }))
interface Plant { title: string, pumps: { [member: string]: { speed: number } } }
same<StateOf<C>, Plant>()
same<StateOf<D>, Plant>()
same<DataOf<C, 'pump/set'>, { id: number, speed: number }>()
same<ResultOf<C, 'pump/set'>, 'done' | 'queued'>()
same<ResultOf<C, 'pump/list'>, number[]>()
same<DataOf<C, 'anything'>, JsonValue>()
same<NotificationOf<C, 'alarm'>, Alarm>()
same<RequestName<C>, 'pump/set' | 'pump/list' | 'pump/stop' | 'zod' | 'anything'>()
same<NotificationName<C>, 'alarm' | 'hello' | 'said'>()
// @ts-expect-error no such request
takes<DataOf<C, 'pump/sett'>>(1)
// @ts-expect-error a schema is an object
defineContract({ state: 'number' })
// @ts-expect-error no such part
defineContract({ request: {} })

// its server
const plant = contract.on(app)
takes<ContractJuggler<D>>(contract.on(app, 'panel'))
takes<State<Plant>>(plant.createState({ title: 'x', pumps: {} }))
// @ts-expect-error not the contract's state
plant.createState({ title: 1, pumps: {} })
plant.handle('pump/set', (connection, data, { signal }) => {
  takes<ContractConnection<D>>(connection)
  takes<AbortSignal>(signal)
  connection.state.set(`/pumps/${data.id}/speed`, data.speed)
  takes<string>(connection.state.data.title)
  return data.speed > 0 ? 'done' : 'queued'
})
plant.handle('pump/set', { once: true, timeout: 1000 }, async () => 'done' as const)
plant.handle('pump/list', () => [1, 2])
plant.handle('pump/list', async ({ state }) => Object.keys(state.data.pumps).map(Number))
plant.handle('pump/stop', async ({ notify }, data) => { takes<number>(data.id); await notify('hello') })
plant.handle('zod', (_connection, { mode }) => { takes<'auto' | 'hand' | undefined>(mode); return { ids: [1] } })
plant.handle('anything', () => new Date().toJSON())
// @ts-expect-error no such request
plant.handle('pump/sett', () => {})
// @ts-expect-error another result
plant.handle('pump/set', () => 'maybe')
// @ts-expect-error a result is due
plant.handle('pump/set', () => {})
// @ts-expect-error a result is due, later as well
plant.handle('pump/set', async () => {})
// @ts-expect-error no such member
plant.handle('pump/set', (_connection, { sped }) => sped)
// @ts-expect-error the schema is the contract's
plant.handle('pump/set', { schema: {} }, () => 'done')
plant.onConnection(async (connection) => {
  await connection.notify('alarm', { id: 1, level: 'high' }, { flush: true })
  await connection.notify('hello')
  // @ts-expect-error no such notification
  await connection.notify('alarms', { id: 1, level: 'high' })
  // @ts-expect-error data is due
  await connection.notify('alarm')
  // @ts-expect-error of another type
  await connection.notify('said', 1)
})
plant.broadcast('alarm', { id: 1, level: 'low' }, { flush: true })
plant.broadcast('hello')
plant.broadcast('hello', null, { flush: true })
// @ts-expect-error no such level
plant.broadcast('alarm', { id: 1, level: 'middle' })
// @ts-expect-error no such notification
plant.broadcast('alarms')
for (const connection of plant.connections) takes<Promise<void>>(connection.notify('said', 'x'))
takes<string | undefined>(plant.state?.data.title)
plant.addHook('preRequest', (_connection, { name }) => takes<string>(name))

// its clients
const client = await connect<C>('ws://127.0.0.1/ws', {
  onNotify (name, data) {
    if (name === 'alarm') takes<Alarm>(data)
    // @ts-expect-error without a look at the name it may be another
    takes<Alarm>(data)
  }
})
takes<ContractClient<D>>(client)
takes<ContractClient<D>>(await connectInBrowser<typeof contract>())
same<ClientOf<C>, ContractClient<D>>()
same<ClientOf<Plant>, Client<Plant>>()
same<ClientOf<Plant | null>, Client<Plant | null>>()
same<ClientOf<JsonValue>, Client<JsonValue>>()
takes<string | undefined>(client.state.data?.title)
client.ready.then((state) => takes<string>(state.title))
// @ts-expect-error the state is the server's
client.state.set('/title', 'x')
takes<Promise<'done' | 'queued'>>(client.send('pump/set', { id: 1, speed: 2 }, { timeout: 1000, key: true }))
takes<Promise<number[]>>(client.send('pump/list'))
takes<Promise<number[]>>(client.send('pump/list', null, { timeout: 1 }))
takes<Promise<JsonValue>>(client.send('anything', new Map()))
// @ts-expect-error no such request
client.send('pump/sett', { id: 1, speed: 2 })
// @ts-expect-error data is due
client.send('pump/set')
// @ts-expect-error a member is missing
client.send('pump/set', { id: 1 })
// @ts-expect-error of another type
client.send('pump/set', { id: 1, speed: '2' })
takes<() => void>(client.onNotify((name) => { takes<string>(name) }))
takes<() => void>(client.onNotify(() => {}))
takes<() => void>(client.onNotify((name, data) => {
  switch (name) {
    case 'alarm': takes<'low' | 'high'>(data.level); break
    case 'hello': takes<null>(data); break
    case 'said': takes<string>(data); break
    // @ts-expect-error no such notification
    case 'bye': break
  }
}))

// a contract without some of its parts
const bare = defineContract({ requests: { ask: {} } })
same<StateOf<typeof bare>, JsonValue>()
const bareClient = await connect<typeof bare>()
bareClient.onNotify((name, data) => { takes<string>(name); takes<JsonValue>(data) })
// @ts-expect-error there are none
bare.on(app).broadcast('hello')
