/** What the compiler takes and refuses of the client; `npm run types` checks it. */
import { connect, ConnectionClosedError, JugglerClientError, JugglerError } from '../lib/client/index.ts'
import type { Client, ClientStatus, CloseInfo, ConnectOptions, JsonValue } from './index.ts'

interface Plant { pumps: Record<string, { speed: number }> }
declare const client: Client<Plant>
declare function takes<T> (value: T): void

// connecting
takes<Promise<Client<JsonValue>>>(connect())
takes<Promise<Client<Plant>>>(connect<Plant>('ws://127.0.0.1/ws', { reconnect: { minDelay: 100 }, framing: 'auto', pingDelay: null }))
takes<Promise<Client>>(connect([new URL('wss://one.example/ws'), 'wss://two.example/ws'] as const, { signal: AbortSignal.timeout(1000) }))
takes<ConnectOptions>({ auth: { username: 'a', password: 'b' }, tls: { ca: new Uint8Array(), rejectUnauthorized: false }, reconnect: false })
// @ts-expect-error both of them
takes<ConnectOptions>({ auth: { username: 'a' } })
takes<ConnectOptions>({ reconnect: true })
// @ts-expect-error a boolean, or how
takes<ConnectOptions>({ reconnect: 500 })
// @ts-expect-error no such option
connect('ws://127.0.0.1/ws', { retry: true })

// what it shows
takes<number | undefined>(client.state.data?.pumps['7']?.speed)
// @ts-expect-error null until the first state has come
takes<unknown>(client.state.data.pumps)
client.state.onChange(({ state }) => { takes<number | undefined>(state.data?.pumps['7']?.speed) })
client.ready.then((plant) => { takes<number | undefined>(plant.pumps['7']?.speed) })
takes<number | null>(client.state.get('/pumps/7/speed'))
takes<number>(client.state.get<number>('/pumps/7/speed'))
client.state.onChange('/pumps/7', () => {})
// @ts-expect-error no such place
client.state.get('/pumps/7/speeed')
// @ts-expect-error no such place
client.state.onChange('/pump', () => {})
// @ts-expect-error the state is the server's
client.state.set('/pumps', {})
// @ts-expect-error read-only
client.stale = false
client.onStatus((status, info) => { takes<ClientStatus>(status); takes<CloseInfo | undefined>(info) })
takes<() => void>(client.onNotify((name, data) => { takes<string>(name); takes<JsonValue>(data) }))

// what it asks
takes<Promise<JsonValue>>(client.send('pump/start', { id: 7 }, { timeout: 5000, signal: AbortSignal.timeout(1) }))
takes<Promise<{ started: boolean }>>(client.send<{ started: boolean }>('pump/start', { id: 7 }))
takes<Promise<JsonValue>>(client.send('pump/start', { id: 7 }, { key: true, expires: 1000, expect: { path: '/pumps/7/speed', value: 0 } }))
// @ts-expect-error another answer than what was said
takes<Promise<number>>(client.send<{ started: boolean }>('pump/start'))
// @ts-expect-error a text, or true
client.send('pump/start', {}, { key: false })
// @ts-expect-error a request has a name
client.send()
takes<Promise<CloseInfo>>(client.closed)
takes<Promise<void>>(client.close(4000, 'bye'))

// what it fails with
declare const error: unknown
if (error instanceof JugglerError) takes<JsonValue>(error.data)
if (error instanceof ConnectionClosedError) takes<number | undefined>(error.closeCode)
if (error instanceof JugglerClientError) {
  takes<string>(error.code)
  // @ts-expect-error no such code
  takes<boolean>(error.code === 'JUGGLER_NO_SUCH_CODE')
}
