/** What the compiler takes and refuses of the plugin; `npm run types` checks it. */
import type { FastifyInstance, FastifyRequest } from 'fastify'
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
app.juggler.handle('say', (connection, data) => { takes<Connection>(connection); takes<JsonValue>(data) })
app.juggler.handle<string, string, Room>('say', {}, async ({ state }) => state.data.title)
app.juggler.onRequest((_connection, name, data) => { throw new JugglerError({ name, data }) })
app.juggler.broadcast('said', 1, { state: rooms.get('kitchen')! })
for (const connection of app.juggler.connections) takes<Promise<void>>(connection.close(4000, 'bye'))
// @ts-expect-error a request has a name
app.juggler.handle(() => {})
// @ts-expect-error no such option
app.juggler.handle('say', { schemas: {} }, () => {})
// @ts-expect-error the set is the plugin's
app.juggler.connections.clear()
// @ts-expect-error data is JSON
takes<JugglerError>(new JugglerError(() => {}))

// a connection
app.juggler.onConnection(async (connection) => {
  takes<string>(connection.id + connection.remote)
  takes<AbortSignal>(connection.signal)
  takes<string | undefined>(connection.request.jugglerUser)
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
