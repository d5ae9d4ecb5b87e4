/** A client that shows a part of the state is sent that part and no more, and may change which it is. */
import { once } from 'node:events'
import t from 'tap'
import type { Test } from 'tap'
import { createState } from '../../lib/index.ts'
import { connect } from '../../lib/client/index.ts'
import type { FastifyJugglerOptions } from '../../types/options.ts'
import type { JsonValue } from '../../types/json.ts'
import type { State } from '../../types/state.ts'
import { startApp } from '../helpers/app.ts'
import { connectPeer, refusal } from '../helpers/peer.ts'
import { ScriptedServers } from '../helpers/client/control.ts'

const plant = () => createState<JsonValue>({ pumps: { 7: { speed: 1 }, 8: { speed: 2 } }, alarms: ['hot'], log: 'long' })

async function serve (t: Test, state: State<never> | State, options: FastifyJugglerOptions = {}) {
  const { app, origin } = await startApp(t, { juggler: { state: state as State, autoflushDelay: 0, ...options } })
  return { app, url: `${origin}/ws` }
}

t.test('an address says which parts; of an array there is all or nothing', async (t) => {
  const state = plant()
  const { url } = await serve(t, state)
  const peer = await connectPeer(t, `${url}?path=/pumps/7&path=%2Falarms%2F0&path=/pumps/7/speed`)
  t.equal(await peer.nextText(), '{"type":"state","diff":[{"op":"replace","path":"","value":{"alarms":["hot"],"pumps":{"7":{"speed":1}}}}],"paths":["/alarms/0","/pumps/7"]}')
  state.set('/log', 'longer')
  state.set('/pumps/8/speed', 3)
  state.set('/alarms/-', 'cold')
  t.equal(await peer.nextText(), '{"type":"state","diff":[{"op":"add","path":"/alarms/1","value":"cold"}]}')
  state.set('/pumps/7', null)
  t.equal(await peer.nextText(), '{"type":"state","diff":[{"op":"replace","path":"/pumps/7","value":null}]}')
})

t.test('other parts are asked for with a request: their values come in the message that takes the others away, and then the answer', async (t) => {
  const state = plant()
  const { url } = await serve(t, state)
  const peer = await connectPeer(t, `${url}?path=/pumps/7`)
  await peer.nextText()
  peer.request(1, 'juggler/paths', ['/alarms', '/pumps/8'])
  t.equal(await peer.nextText(), '{"type":"state","diff":[{"op":"replace","path":"","value":{"alarms":["hot"],"pumps":{"8":{"speed":2}}}}],"paths":["/alarms","/pumps/8"]}')
  t.equal(await peer.nextText(), '{"type":"response","id":1,"success":true,"data":null}')
  state.set('/pumps/7/speed', 9)
  peer.request(2, 'juggler/paths', ['/pumps/8', '/alarms', '/alarms/0'])
  t.equal(await peer.nextText(), '{"type":"response","id":2,"success":true,"data":null}', 'the same parts')
  peer.request(3, 'juggler/paths', null)
  t.match(await peer.nextText(), /"value":\{"pumps":\{"7":\{"speed":9\},"8":\{"speed":2\}\},"alarms":\["hot"\],"log":"long"\}\}\],"paths":null\}$/)
  t.equal(await peer.nextText(), '{"type":"response","id":3,"success":true,"data":null}')
  state.set('/log', 'longer')
  t.equal(await peer.nextText(), '{"type":"state","diff":[{"op":"replace","path":"/log","value":"longer"}]}')
})

t.test('a handler that takes its time does not hold it up', async (t) => {
  const { app, url } = await serve(t, plant())
  let resolve!: () => void
  const finished = new Promise<void>((_resolve) => { resolve = _resolve })
  app.juggler.handle('slow', () => finished)
  const peer = await connectPeer(t, url)
  await peer.next()
  peer.request(1, 'slow')
  peer.request(2, 'juggler/paths', ['/log'])
  t.match(await peer.next(), { diff: [{ value: { log: 'long' } }] })
  t.match(await peer.next(), { id: 2, success: true })
  resolve()
  t.match(await peer.next(), { id: 1, success: true })
})

t.test('what is no list of paths is refused with a code, and changes nothing', async (t) => {
  const state = plant()
  const { app, url } = await serve(t, state)
  const peer = await connectPeer(t, `${url}?path=/log`)
  await peer.next()
  const many = Array.from({ length: 1001 }, (_, i) => `/pumps/${i}`)
  const cases = [{}, 'x', 5, [], ['log'], [5], [['log']], ['/__proto__/a'], ['/~'], ['/' + 'x'.repeat(16_384)], many, ['/a'.repeat(1000), '/b'], ['/'.repeat(8000), '/'.repeat(8000)]]
  for (const data of cases) t.match(await peer.ask(1, 'juggler/paths', data), { id: 1, success: false, data: { code: 'JUGGLER_PATHS_INVALID' } }, JSON.stringify(data).slice(0, 40))
  for (const path of ['log', '/__proto__', '/~2', '%2Fa'.repeat(2000) + '&path=b']) t.equal(await refusal(t, `${url}?path=${path}`), 400, path.slice(0, 20))
  state.set('/alarms', [])
  state.set('/log', 1)
  t.match(await peer.next(), { diff: [{ path: '/log', value: 1 }] })
  t.throws(() => { app.juggler.handle('juggler/paths', () => 1) }, { code: 'FST_JUGGLER_NAME_RESERVED' })
})

t.test('a list within a view never widens it', async (t) => {
  const state = plant()
  const { url } = await serve(t, state, { view: () => 'guest', views: { guest: { allow: ['/pumps'], deny: ['/pumps/8'] } } })
  const peer = await connectPeer(t, `${url}?path=/pumps/8&path=/log&path=/pumps/7&announce=1`)
  t.match(await peer.next(), { diff: [{ value: { pumps: { 7: { speed: 1 } } } }] })
  state.set('/pumps/8/speed', 5)
  state.set('/log', 'secret')
  await peer.echo()
  t.equal(peer.pending, 0)
  peer.request(1, 'juggler/paths', null)
  t.equal(await peer.nextText(), '{"type":"state","diff":[{"op":"replace","path":"","value":{"pumps":{"7":{"speed":1}}}}],"paths":null}')
})

t.test('there are no more different lists than the server keeps: equal ones count once, and those nobody uses give way', async (t) => {
  const { app, url } = await serve(t, plant(), { limits: { pathSets: 2 } })
  const ask = async (path: string) => await connectPeer(t, `${url}?path=${path}`)
  const [first, second] = [await ask('/pumps'), await ask('/log')]
  await ask('/log')
  const refused = await ask('/alarms')
  t.same(await refused.closed, { code: 1013, reason: 'too many different parts of the state are asked for' })
  await second.next()
  t.match(await second.ask(1, 'juggler/paths', ['/alarms']), { success: false, data: { code: 'JUGGLER_PATH_SETS_FULL' } })
  t.equal(app.juggler.stats().limits.pathSets, 2)
  first.ws.close()
  await first.closed
  const alarms = await ask('/alarms')
  t.match(await alarms.next(), { diff: [{ value: { alarms: ['hot'] } }] })
})

t.test('who comes back to the same parts gets what has changed in them', async (t) => {
  const state = plant()
  state.set('/pumps/7/notes', 'a text that is longer than a patch')
  const { url } = await serve(t, state)
  const peer = await connectPeer(t, `${url}?path=/pumps/7&epoch=&revision=`)
  const { epoch, revision } = await peer.next() as unknown as { epoch: string, revision: number }
  peer.ws.terminate()
  state.set('/log', 1)
  state.set('/pumps/7/speed', 5)
  const back = await connectPeer(t, `${url}?path=/pumps/7&epoch=${epoch}&revision=${revision}`)
  t.match(await back.next(), { diff: [{ path: '/pumps/7/speed', value: 5 }], since: revision, revision: revision + 1, epoch })
  const other = await connectPeer(t, `${url}?path=/pumps&epoch=${epoch}&revision=${revision}`)
  t.match(await other.next(), { diff: [{ path: '' }], since: undefined })
})

t.test('the client: paths, watch, covers', async (t) => {
  const state = plant()
  const { app, url } = await serve(t, state, { autoflushDelay: 5 })
  const client = await connect(url, { paths: ['/pumps/7', '/log'], reconnect: { minDelay: 1, maxDelay: 10 } })
  t.teardown(() => client.close())
  t.same(await client.ready, { pumps: { 7: { speed: 1 } }, log: 'long' })
  const covered = () => ['', '/pumps', '/pumps/7', '/pumps/7/speed', '/pumps/77', '/alarms'].filter((path) => client.covers(path))
  t.same(covered(), ['/pumps/7', '/pumps/7/speed'])
  t.ok(client.covers(['pumps', '7', 'speed']))
  const seven = client.state.get('/pumps/7')
  const changes: unknown[] = []
  client.state.onChange(() => { changes.push([client.state.data, client.covers('/alarms')]) })
  let calls = 0
  client.state.onChange('/pumps/7', () => { calls++ })
  await client.watch(['/pumps', '/alarms'])
  t.same(changes, [[{ pumps: { 7: { speed: 1 }, 8: { speed: 2 } }, alarms: ['hot'] }, true]], 'one step, and covers says so at once')
  t.equal(client.state.get('/pumps/7'), seven, 'what stays is the same object')
  t.equal(calls, 0)
  t.same(covered(), ['/pumps', '/pumps/7', '/pumps/7/speed', '/pumps/77', '/alarms'])

  const reopened = new Promise<void>((resolve) => client.onStatus((status) => { if (status === 'open') resolve() }))
  for (const connection of app.juggler.connections) void connection.close(4000)
  await new Promise<void>((resolve) => client.onStatus((status) => { if (status === 'reconnecting') resolve() }))
  state.set('/alarms', ['cold'])
  await client.watch(['/alarms'])
  t.ok(client.covers('/pumps'), 'what is shown is still the old')
  await reopened
  while (client.stale) await new Promise((resolve) => client.state.onChange(resolve))
  t.same(client.state.data, { alarms: ['cold'] })
  t.same(covered(), ['/alarms'])
  await client.watch(null)
  t.same(client.state.data, JSON.parse(state.stringify()))
  t.ok(client.covers(''))

  for (const paths of [[], 'x', [5], ['x'], ['/__proto__'], {}, ['/' + 'x'.repeat(8000)]]) {
    await t.rejects(client.watch(paths as never), { code: 'JUGGLER_OPTION_INVALID' })
    await t.rejects(connect(url, { paths: paths as never }), { code: 'JUGGLER_OPTION_INVALID' })
  }
  await client.close()
  await t.rejects(client.watch(['/log']), { code: 'JUGGLER_CONNECTION_CLOSED' })
})

t.test('who asks again and again gets the last of what it has asked, and an answer to each', async (t) => {
  const state = plant()
  const { url } = await serve(t, state)
  const peer = await connectPeer(t, url)
  await peer.next()
  for (let id = 1; id <= 50; id++) peer.request(id, 'juggler/paths', [id % 2 === 0 ? '/log' : '/alarms'])
  peer.request(51, 'juggler/paths', 'nothing')
  const messages: string[] = []
  while (messages.filter((text) => text.includes('"id"')).length < 51) messages.push(await peer.nextText())
  const states = messages.filter((text) => text.includes('"state"'))
  t.equal(states.length, 2, 'the first, and the last')
  t.match(states[1], /\{"log":"long"\}\}\],"paths":\["\/log"\]\}$/)
  t.equal(messages.findIndex((text) => text.includes('"id":50')) > messages.indexOf(states[1]!), true)
  t.same(messages.filter((text) => text.includes('"success":false')).map((text) => JSON.parse(text).id), [51])
})

t.test('a client that does not read is told of the last parts only', async (t) => {
  const state = plant()
  const { app, url } = await serve(t, state, { maxBufferedBytes: 1000 })
  const peer = await connectPeer(t, url)
  await peer.next()
  peer.ws.pause()
  state.set('/big', 'x'.repeat(8_000_000))
  await new Promise((resolve) => setTimeout(resolve, 50))
  for (let id = 1; id <= 5; id++) {
    peer.request(id, 'juggler/paths', [`/none-${id}`, '/log'])
    await new Promise((resolve) => setTimeout(resolve, 110))
  }
  peer.ws.resume()
  let last = ''
  for (let answers = 0; answers < 5;) {
    const text = await peer.nextText()
    if (text.includes('"response"')) answers++
    else last = text
  }
  t.match(last, /^[^]*"paths":\["\/log","\/none-5"\]\}$/)
  t.equal(last.split('"paths"').length, 2)
  t.equal(app.juggler.connections.size, 1)
})

t.test('the client: what the server refuses changes nothing', async (t) => {
  const state = plant()
  const { app, url } = await serve(t, state, { limits: { pathSets: 1 } })
  const holder = await connectPeer(t, `${url}?path=/log`)
  await holder.next()
  const client = await connect(url, { reconnect: { minDelay: 1, maxDelay: 10 } })
  t.teardown(() => client.close())
  await client.ready
  await t.rejects(client.watch(['/alarms']), { code: 'JUGGLER_REQUEST_FAILED', data: { code: 'JUGGLER_PATH_SETS_FULL' } })
  t.ok(client.covers('/pumps'))
  await Promise.all(['/alarms', '/pumps'].map((path) => t.rejects(client.watch([path]), { code: 'JUGGLER_REQUEST_FAILED' })))
  for (const connection of app.juggler.connections) if (connection.request.url.includes('announce')) void connection.close(4000)
  await new Promise<void>((resolve) => client.onStatus((status) => { if (status === 'open') resolve() }))
  while (client.stale) await new Promise((resolve) => client.state.onChange(resolve))
  t.same(client.state.data, JSON.parse(state.stringify()), 'it comes back to what it had')
  await client.watch(['/log'])
  t.same(client.state.data, { log: 'long' })
})

t.test('a server that knows no parts sends everything, and covers says that it is there', async (t) => {
  const servers = new ScriptedServers()
  t.teardown(() => servers.stop(0))
  const { url } = await servers.listen()
  const client = await connect(url, { paths: ['/a'] })
  t.teardown(() => client.close())
  const one = await servers.next()
  t.match((await servers.asked(one)).path, /&path=%2Fa$/)
  await servers.say(one, '{"type":"state","diff":[{"op":"replace","path":"","value":{"a":1,"b":2}}]}')
  await client.ready
  t.ok(client.covers('/b'))
  const watching = client.watch(['/b'])
  const { id } = JSON.parse(await servers.frame(one)) as { id: number }
  await servers.say(one, JSON.stringify({ type: 'response', id, success: false, data: 'request handler not implemented' }))
  await t.rejects(watching, { code: 'JUGGLER_REQUEST_FAILED', data: 'request handler not implemented' })
})

t.test('a connection with a state of its own that nobody has touched is told which parts it is of', async (t) => {
  const { app, origin } = await startApp(t, { juggler: { autoflushDelay: 0 } })
  const peer = await connectPeer(t, `${origin}/ws?announce=1&path=/a`)
  t.equal(await peer.nextText(), '{"type":"state","diff":[],"paths":["/a"]}')
  t.match(await peer.ask(1, 'juggler/paths', ['/b']), { type: 'state', diff: [], paths: ['/b'] })
  t.match(await peer.next(), { id: 1, success: true })
  const [connection] = app.juggler.connections
  connection!.state.set('', { a: 1, b: 2 })
  t.equal(await peer.nextText(), '{"type":"state","diff":[{"op":"replace","path":"","value":{"b":2}}],"paths":["/b"]}')
})

t.test('flushes that wait go on in the new parts', async (t) => {
  const state = plant()
  const { app, url } = await serve(t, state, { autoflushDelay: null })
  const peer = await connectPeer(t, url)
  await peer.echo()
  const [connection] = app.juggler.connections
  peer.request(1, 'juggler/paths', ['/log'])
  t.match(await peer.next(), { diff: [{ value: { log: 'long' } }] })
  await peer.next()
  state.set('/log', 1)
  state.set('/alarms', [])
  await connection!.flush()
  t.match(await peer.next(), { diff: [{ path: '/log', value: 1 }] })
  peer.ws.close()
  await once(peer.ws, 'close')
})
