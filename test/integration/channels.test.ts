/** The channels of `node:diagnostics_channel` tell what happens to connections, requests, states and limits. */
import { AsyncLocalStorage } from 'node:async_hooks'
import { channel } from 'node:diagnostics_channel'
import { setImmediate as turn } from 'node:timers/promises'
import t from 'tap'
import type { Test } from 'tap'
import { createState } from '../../lib/index.ts'
import type { JugglerChannels, RequestTrace } from '../../types/stats.ts'
import { startApp } from '../helpers/app.ts'
import { connectPeer } from '../helpers/peer.ts'

// own process: others would be heard as well

function listen<Name extends keyof JugglerChannels> (t: Test, name: Name, hear: (message: JugglerChannels[Name]) => void): void {
  const listener = (message: unknown): void => hear(message as JugglerChannels[Name])
  channel(name).subscribe(listener)
  t.teardown(() => channel(name).unsubscribe(listener))
}

t.test('connections: the open one, and how it ended', async (t) => {
  const heard: unknown[] = []
  listen(t, 'juggler:connection:open', ({ connection }) => heard.push(connection.id))
  listen(t, 'juggler:connection:close', ({ connection, ...rest }) => heard.push({ id: connection.id, ...rest }))
  const { app, origin } = await startApp(t)
  const peer = await connectPeer(t, `${origin}/ws`)
  await peer.echo()
  const [connection] = app.juggler.connections
  t.same(heard.splice(0), [connection!.id])
  peer.ws.close(4002, 'enough')
  await connection!.closed
  await turn()
  t.match(heard, [{ id: connection!.id, code: 4002, reason: 'enough', duration: Number, messagesReceived: 1, messagesSent: 1, bytesReceived: Number, bytesSent: Number }])
})

t.test('flushes: what went to how many', async (t) => {
  const heard: Array<JugglerChannels['juggler:flush']> = []
  listen(t, 'juggler:flush', (message) => heard.push(message))
  const state = createState({ n: 0 })
  const { origin } = await startApp(t, { juggler: { state, autoflushDelay: 0 } })
  const peers = await Promise.all(Array.from({ length: 3 }, () => connectPeer(t, `${origin}/ws`)))
  for (const peer of peers) await peer.next()
  heard.length = 0
  state.set('/n', 1)
  for (const peer of peers) await peer.next()
  t.match(heard, [{ messages: 1, recipients: 3, behind: 0, bytes: '{"type":"state","diff":[{"op":"replace","path":"/n","value":1}]}'.length, revision: Number, duration: Number }])
  t.equal(heard[0]!.state, state)
})

t.test('requests: spans that hold in handlers, hooks and behind awaits', async (t) => {
  const spans = new AsyncLocalStorage<string>()
  const start = channel('tracing:juggler:request:start')
  start.bindStore(spans, (trace) => `span of ${(trace as RequestTrace).name}`)
  t.teardown(() => start.unbindStore(spans))
  const ended: Array<Partial<RequestTrace>> = []
  const errors: unknown[] = []
  listen(t, 'tracing:juggler:request:end', ({ result, handler, name }) => { if (result !== undefined) ended.push({ name, handler, result }) })
  listen(t, 'tracing:juggler:request:asyncEnd', ({ name, handler, result, key }) => ended.push({ name, handler, result: result!, key }))
  listen(t, 'tracing:juggler:request:error', ({ error }) => errors.push((error as Error).message))
  const { app, origin } = await startApp(t)
  app.juggler.handle('plain', () => spans.getStore())
  app.juggler.handle('async', async () => {
    await turn()
    return spans.getStore()
  })
  app.juggler.handle('failing', async () => { throw new Error('broken') })
  app.juggler.handle('timed', { timeout: 1000, once: true }, async () => spans.getStore())
  const peer = await connectPeer(t, `${origin}/ws`)
  t.match(await peer.ask(1, 'plain'), { data: 'span of plain' })
  t.match(await peer.ask(2, 'async'), { data: 'span of async' })
  await peer.ask(3, 'failing')
  await peer.ask(4, 'unknown')
  peer.send('{"type":"request","id":5,"name":"timed","data":null,"key":"k"}')
  t.match(await peer.next(), { data: 'span of timed' })
  peer.send('{"type":"request","id":6,"name":"timed","data":null,"key":"k"}')
  await peer.next()
  await peer.echo()
  t.match(ended, [
    { name: 'plain', handler: 'plain', result: 'success' },
    { name: 'async', handler: 'async', result: 'success' },
    { name: 'failing', handler: 'failing', result: 'error' },
    { name: 'unknown', handler: 'other', result: 'error' },
    { name: 'timed', handler: 'timed', result: 'success', key: 'k' },
    { name: 'timed', handler: 'timed', result: 'repeated' }
  ])
  t.same(errors, ['broken', 'request handler not implemented'])
})

t.test('limits: which one, and who', async (t) => {
  const heard: unknown[] = []
  listen(t, 'juggler:limit', ({ limit, connection, remote }) => heard.push({ limit, id: connection?.id, remote }))
  const { app, origin } = await startApp(t, { juggler: { maxPayload: 100, limits: { connections: 1 } } })
  const peer = await connectPeer(t, `${origin}/ws`)
  const [connection] = app.juggler.connections
  await t.rejects(connectPeer(t, `${origin}/ws`))
  peer.send('x'.repeat(200))
  await peer.closed
  t.same(heard, [
    { limit: 'connections', id: undefined, remote: '127.0.0.1' },
    { limit: 'maxPayload', id: connection!.id, remote: '127.0.0.1' }
  ])
})
