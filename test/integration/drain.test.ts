import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import type { FastifyInstance } from 'fastify'
import { createState } from '../../lib/index.ts'
import juggler from '../../lib/index.ts'
import { startApp } from '../helpers/app.ts'
import { connectPeer, refusal } from '../helpers/peer.ts'

/** A promise that a test resolves. */
function gate (): { open: (value?: unknown) => void, passed: Promise<unknown> } {
  let open!: (value?: unknown) => void
  const passed = new Promise((resolve) => { open = resolve })
  return { open, passed }
}

t.test('a close lets handlers come to their end, and keeps their connections in sync', async (t) => {
  const state = createState<{ n: number }>({ n: 0 })
  const slow = gate()
  const { app, origin } = await startApp(t, { juggler: { state, autoflushDelay: 0, handlerTimeout: 60_000, parallelRequests: true } })
  app.juggler.handle('slow', () => slow.passed)
  app.juggler.handle('quick', () => 'quick')
  const idle = await connectPeer(t, `${origin}/ws`)
  const busy = await connectPeer(t, `${origin}/ws`)
  for (const peer of [idle, busy]) await peer.next()
  busy.request(1, 'slow')
  await busy.echo()
  const closed = app.close()
  t.match(await idle.closed, { code: 1001 }, 'who waits for nothing goes at once')
  t.notOk(app.juggler.ready())
  state.set('/n', 1)
  t.match(await busy.next(), { type: 'state', diff: [{ path: '/n', value: 1 }] })
  t.match(await busy.ask(2, 'quick'), { id: 2, success: false, data: { code: 'JUGGLER_CLOSING' } })
  t.match(await busy.ask(3, '', 'alive'), { id: 3, success: true, data: 'alive' })
  t.equal(await refusal(t, `${origin}/ws`), 503)
  slow.open('done')
  t.match(await busy.next(), { id: 1, success: true, data: 'done' })
  t.match(await busy.closed, { code: 1001 })
  await closed
})

t.test('requests that wait behind a handler are told that they have not run', async (t) => {
  const slow = gate()
  let runs = 0
  const { app, origin } = await startApp(t, { juggler: { handlerTimeout: 60_000 } })
  app.juggler.handle('slow', () => slow.passed)
  app.juggler.handle('next', { once: true }, () => { runs++ })
  const peer = await connectPeer(t, `${origin}/ws`)
  peer.request(1, 'slow')
  peer.request(2, 'next')
  peer.send('{"type":"request","id":3,"name":"next","data":null,"key":"k"}')
  const { raw } = { raw: peer.ws }
  raw.ping()
  await once(raw, 'pong')
  const closed = app.close()
  t.match(await peer.next(), { id: 2, success: false, data: { code: 'JUGGLER_CLOSING' } })
  t.match(await peer.next(), { id: 3, success: false, data: { code: 'JUGGLER_CLOSING' }, journal: String, now: Number } as object)
  slow.open()
  t.match(await peer.next(), { id: 1, success: true })
  await closed
  t.equal(runs, 0)
})

t.test('a handler that does not end is aborted after handlerTimeout, a command whose client has gone as well', async (t) => {
  const aborted: string[] = []
  const started = gate()
  const { app, origin } = await startApp(t, { juggler: { handlerTimeout: 60, parallelRequests: true } })
  const endless = (name: string) => (_connection: unknown, _data: unknown, { signal }: { signal: AbortSignal }) => {
    signal.addEventListener('abort', () => aborted.push(name))
    if (name === 'command') started.open()
    return new Promise(() => {})
  }
  app.juggler.handle('plain', endless('plain'))
  app.juggler.handle('command', { once: true }, endless('command'))
  const peer = await connectPeer(t, `${origin}/ws`)
  const gone = await connectPeer(t, `${origin}/ws`)
  peer.request(1, 'plain')
  await peer.echo()
  gone.send('{"type":"request","id":1,"name":"command","data":null,"key":"k"}')
  await started.passed
  gone.ws.terminate()
  const began = performance.now()
  await app.close()
  t.ok(performance.now() - began >= 55, 'both were given their time')
  t.match(await peer.closed, { code: 1001 })
  t.same(aborted.sort(), ['command', 'plain'])
})

t.test('drained connections close one after the other with 1013, and new ones are refused', async (t) => {
  const slow = gate()
  const { app, origin } = await startApp(t, { juggler: { handlerTimeout: 60_000 } })
  app.juggler.handle('slow', () => slow.passed)
  const peers = await Promise.all(Array.from({ length: 10 }, () => connectPeer(t, `${origin}/ws`)))
  peers[0]!.request(1, 'slow')
  await peers[0]!.echo()
  t.ok(app.juggler.ready())
  const times: number[] = []
  const ends = peers.map(async (peer) => {
    t.match(await peer.closed, { code: 1013, reason: 'try again later' })
    times.push(performance.now())
  })
  const drained = app.juggler.drain({ over: 300 })
  t.notOk(app.juggler.ready())
  t.equal(await refusal(t, `${origin}/ws`), 503)
  await Promise.all(ends.slice(1))
  t.ok(times.at(-1)! - times[0]! > 150, 'spread over the time')
  t.equal(app.juggler.connections.size, 1, 'the one whose handler runs')
  slow.open('done')
  t.match(await peers[0]!.next(), { id: 1, data: 'done' })
  await drained
  await ends[0]
  t.equal(app.juggler.connections.size, 0)
})

t.test('a drain waits for no handler longer than handlerTimeout, and one of nobody is over at once', async (t) => {
  const { app, origin } = await startApp(t, { juggler: { handlerTimeout: 40 } })
  app.juggler.handle('endless', () => new Promise(() => {}))
  const peer = await connectPeer(t, `${origin}/ws`)
  peer.request(1, 'endless')
  await peer.echo()
  await app.juggler.drain({ over: 0 })
  t.match(await peer.closed, { code: 1013 })
  await app.juggler.drain()
  for (const over of [-1, 1.5, '1' as never]) t.throws(() => app.juggler.drain({ over }), { code: 'FST_JUGGLER_ARGUMENT_INVALID' })
})

t.test('several registrations give their handlers the same time, not one after the other', async (t) => {
  const names = ['a', 'b', 'c']
  const endless = (app: FastifyInstance) => {
    for (const name of names) (app as unknown as Record<string, FastifyInstance['juggler']>)[name]!.handle('endless', () => new Promise(() => {}))
  }
  const { app, origin } = await startApp(t, {
    juggler: { name: 'a', prefix: '/a', handlerTimeout: 200 },
    after: async (app) => {
      for (const name of ['b', 'c']) await app.register(juggler, { name, prefix: `/${name}`, handlerTimeout: 200 })
      endless(app)
    }
  })
  for (const name of names) {
    const peer = await connectPeer(t, `${origin}/${name}/ws`)
    peer.request(1, 'endless')
    await peer.echo()
  }
  const began = performance.now()
  await app.close()
  const took = performance.now() - began
  t.ok(took >= 190 && took < 550, `${Math.round(took)} ms`)
})

t.test('a repeat of a command is told its outcome to the end', async (t) => {
  const slow = gate()
  const { app, origin } = await startApp(t, { juggler: { handlerTimeout: 60_000, parallelRequests: true } })
  app.juggler.handle('slow', () => slow.passed)
  app.juggler.handle('start', { once: true }, () => 'ran')
  app.juggler.handle('slow start', { once: true, timeout: 60_000 }, () => slow.passed)
  const peer = await connectPeer(t, `${origin}/ws`)
  const send = (name: string, key: string): void => peer.send(JSON.stringify({ type: 'request', id: key, name, data: null, key }))
  send('start', 'k')
  t.match(await peer.next(), { id: 'k', data: 'ran' })
  send('slow start', 's')
  peer.request(1, 'slow')
  await peer.echo()
  const closed = app.close()
  send('start', 'k')
  t.match(await peer.next(), { id: 'k', success: true, data: 'ran' })
  send('start', 'l')
  t.match(await peer.next(), { id: 'l', success: false, data: { code: 'JUGGLER_CLOSING' } })
  send('slow start', 's')
  await peer.echo()
  slow.open('done')
  for (let i = 0; i < 3; i++) t.match(await peer.next(), { success: true, data: 'done' })
  t.match(await peer.closed, { code: 1001 })
  await closed
})

t.test('what is still being checked when the server shuts down is not run', async (t) => {
  const slow = gate()
  const answered: unknown[] = []
  let runs = 0
  let checks = 0
  const schema = { data: {} }
  const { app, origin } = await startApp(t, {
    juggler: { handlerTimeout: 20 },
    after (app) {
      app.setValidatorCompiler((() => async () => { checks++; await slow.passed }) as never)
      app.juggler.handle('plain', { schema }, () => { runs++ })
      app.juggler.handle('start', { once: true, schema }, () => { runs++ })
    }
  })
  const hooked = await startApp(t, { juggler: { handlerTimeout: 20 } })
  hooked.app.juggler.addHook('preRequest', async () => { checks++; await slow.passed })
  hooked.app.juggler.addHook('onResponse', (_connection, _request, { data }) => { answered.push((data as { code: unknown }).code) })
  hooked.app.juggler.handle('plain', () => { runs++ })
  hooked.app.juggler.handle('start', { once: true }, () => { runs++ })
  for (const url of [origin, hooked.origin]) {
    for (const name of ['plain', 'start']) {
      const peer = await connectPeer(t, `${url}/ws`)
      peer.send(JSON.stringify({ type: 'request', id: 1, name, data: null, ...(name === 'start' ? { key: 'k' } : {}) }))
    }
  }
  while (checks < 4) await sleep(1)
  await Promise.all([app.close(), hooked.app.close()])
  slow.open()
  await sleep(20)
  t.equal(runs, 0)
  t.strictSame(answered, ['JUGGLER_CLOSING', 'JUGGLER_CLOSING'])
})
