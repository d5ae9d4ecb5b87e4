/** What the compiler takes and refuses of the plugin; `npm run types` checks it. */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import juggler, { closeCodes, createState, defaultOptions, fastifyJuggler, JugglerError, listen } from '../lib/index.ts'
import type { CloseInfo, Connection, FastifyJugglerOptions, JsonValue, Juggler, ReadableState, Server, State, StateSelector } from './index.ts'

interface Room { title: string }
declare const app: FastifyInstance
declare const rooms: Map<string, State<Room>>
declare function takes<T> (value: T): void

// registering
app.register(juggler)
app.register(fastifyJuggler, { prefix: '/plant', state: createState({ n: 1 }), autoflushDelay: null, staticDir: new URL('file:///public') })
app.register(juggler, { state: async (request: FastifyRequest) => rooms.get(request.ip)! })
app.register(juggler, { allowedOrigins: (origin, request) => origin === request.host, allowedHosts: ['panel.local'] as const })
app.register(juggler, { route: { onRequest: async (request) => { takes<FastifyRequest>(request) } } })
// @ts-expect-error a number of milliseconds, or null
app.register(juggler, { autoflushDelay: 'soon' })
// @ts-expect-error no such option
app.register(juggler, { autoFlushDelay: 1 })
// @ts-expect-error no such framing
takes<FastifyJugglerOptions>({ framing: 'both' })
// @ts-expect-error the path and the handler of the route are not the hooks' to choose
takes<FastifyJugglerOptions>({ route: { url: '/ws' } })
// @ts-expect-error what is chosen is a state
takes<StateSelector>(() => ({ n: 1 }))

// the decorator
takes<Juggler>(app.juggler)
takes<ReadableState<unknown> | undefined>(app.juggler.state)
app.juggler.onConnection(async (connection) => { takes<CloseInfo>(await connection.closed) })
app.juggler.onConnection<Room>(({ state }) => { takes<string>(state.data.title) })
// @ts-expect-error no such place
app.juggler.onConnection<Room>(({ state }) => { state.set('/titel', 'x') })
app.juggler.handle('say', (connection, data) => { takes<Connection>(connection); takes<JsonValue>(data) })
app.juggler.handle<string, string, Room>('say', {}, async ({ state }) => state.data.title)
app.juggler.onRequest((_connection, name, data) => { throw new JugglerError({ name, data }) })
app.juggler.broadcast('said', 1, { state: rooms.get('kitchen')! })
app.juggler.handle<{ id: number }>('pump/start', (_connection, { id }) => { takes<number>(id) })
app.juggler.handle<{ id: number }, { started: boolean }>('pump/start', async () => ({ started: true }))
app.juggler.handle('pump/start', { schema: { data: { type: 'object' } }, timeout: 1000, once: true }, (connection, data: { id: number }, context) => {
  takes<AbortSignal>(context.signal)
  takes<number>(data.id)
  return connection.id + context.name
})
// schemas tell their types
app.juggler.handle('pump/start', {
  schema: {
    data: { type: 'object', properties: { id: { type: 'number' }, slow: { type: 'boolean' } }, required: ['id'] },
    result: { type: 'object', properties: { started: { type: 'boolean' } }, required: ['started'] }
  }
}, async (_connection, { id, slow }) => {
  takes<number>(id)
  takes<boolean | undefined>(slow)
  return { started: true }
})
app.juggler.handle('pump/start', { schema: { data: Type.Object({ id: Type.Number() }), result: Type.Null() } }, (_connection, { id }) => { takes<number>(id) })
app.juggler.handle('pump/start', { timeout: 1000 }, (_connection, data) => { takes<JsonValue>(data) })
// @ts-expect-error no such member
app.juggler.handle('pump/start', { schema: { data: { type: 'object', properties: { id: { type: 'number' } } } } }, (_connection, { ids }) => ids)
// @ts-expect-error another result
app.juggler.handle('pump/start', { schema: { result: { type: 'number' } } }, () => 'x')
// @ts-expect-error any JSON may come
app.juggler.handle('pump/start', (_connection, { id }) => id)
// @ts-expect-error no such member
app.juggler.handle<{ id: number }>('pump/start', (_connection, { ids }) => ids)
// @ts-expect-error another result
app.juggler.handle<{ id: number }, { started: boolean }>('pump/start', () => ({ started: 1 }))
// @ts-expect-error another result, later
app.juggler.handle<{ id: number }, { started: boolean }>('pump/start', async () => ({ startd: true }))
app.juggler.addHook('preRequest', async (connection, { name, key }) => { takes<string | undefined>(connection.request.jugglerUser ?? name ?? key) })
app.juggler.addHook('onError', (_connection, _request, error) => { takes<unknown>(error); return new JugglerError('no') })
// @ts-expect-error no such hook
app.juggler.addHook('onRequest', () => {})
for (const connection of app.juggler.connections) takes<Promise<void>>(connection.close(4000, 'bye'))
// @ts-expect-error a request has a name
app.juggler.handle(() => {})
// @ts-expect-error no such option
app.juggler.handle('say', { schemas: {} }, () => {})
// @ts-expect-error the set is the plugin's
app.juggler.connections.clear()
// @ts-expect-error data is JSON
takes<JugglerError>(new JugglerError(() => {}))

// the decorator under another name
app.register(juggler, { name: 'panel', prefix: '/panel' })
const panel = app.getDecorator<Juggler>('panel')
panel.handle<string>('say', (_connection, text) => { takes<string>(text) })
// @ts-expect-error a decorator that nobody declared
app.panels.broadcast('said')
declare module 'fastify' {
  interface FastifyInstance { declaredPanel: Juggler }
}
app.declaredPanel.broadcast('said', 'x')

// a connection
app.juggler.onConnection(async (connection) => {
  takes<string>(connection.id + connection.remote)
  takes<AbortSignal>(connection.signal)
  takes<string | undefined>(connection.request.jugglerUser)
  takes<State<JsonValue>>(connection.state)
  connection.state.set('/n', 1)
  await connection.flush()
  await connection.notify('hello')
  // @ts-expect-error it says so, and cannot be told
  connection.isOpen = false
})
app.get('/health', { config: { juggler: { auth: false } } }, () => 'up')
// @ts-expect-error a boolean
app.get('/health', { config: { juggler: { auth: 'no' } } }, () => 'up')

// constants
takes<number>(closeCodes.normal.code)
// @ts-expect-error frozen
closeCodes.normal.code = 1
// @ts-expect-error frozen
defaultOptions.wsPath = '/socket'

// the stand-alone server
takes<Promise<Server>>(listen())
takes<Promise<Server>>(listen({ port: 8080, pemFile: 'server.pem', tls: { minVersion: 'TLSv1.3' }, fastify: { logger: true }, state: createState() }))
// @ts-expect-error a number
listen({ port: '8080' })
