import { once } from 'node:events'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import t from 'tap'
import type { Test } from 'tap'
import type { FastifyJugglerOptions } from '../../../types/options.ts'
import type { Juggler } from '../../../types/server.ts'
import { InputBudget } from '../../../lib/server/requests/input-budget.ts'
import { RequestQueue } from '../../../lib/server/requests/request-queue.ts'
import type { RequestOwner, RequestSettings } from '../../../lib/server/requests/request-owner.ts'
import { startApp } from '../../helpers/app.ts'
import { Logs } from '../../helpers/logs.ts'
import { connectPeer } from '../../helpers/peer.ts'
import type { Peer } from '../../helpers/peer.ts'

interface Served { peer: Peer, juggler: Juggler, logs: Logs, origin: string }

async function serve (t: Test, options: FastifyJugglerOptions, setup: (juggler: Juggler) => void, fastify: object = {}): Promise<Served> {
  const logs = new Logs()
  const { app, origin } = await startApp(t, { juggler: options, fastify: { logger: logs.logger, ...fastify }, after: (app) => setup(app.juggler) })
  return { peer: await connectPeer(t, `${origin}/ws`), juggler: app.juggler, logs, origin }
}

/** A promise that a test resolves. */
function gate (): { open: () => void, passed: Promise<void> } {
  let open!: () => void
  const passed = new Promise<void>((resolve) => { open = resolve })
  return { open, passed }
}

t.test('a handler that returns no promise is answered in the order of the requests, in one write', async (t) => {
  const { peer } = await serve(t, {}, (juggler) => { juggler.handle('double', (_connection, data) => (data as number) * 2) })
  for (let i = 0; i < 100; i++) peer.request(i, 'double', i)
  for (let i = 0; i < 100; i++) t.match(await peer.next(), { id: i, data: i * 2 })
})

t.test('a thenable is awaited, also one that throws', async (t) => {
  const { peer } = await serve(t, {}, (juggler) => {
    juggler.handle('thenable', () => ({ then (resolve: (value: unknown) => void) { resolve('done') } }))
    juggler.handle('broken', () => ({ then () { throw new Error('broken') } }))
  })
  t.match(await peer.ask(1, 'thenable'), { success: true, data: 'done' })
  t.match(await peer.ask(2, 'broken'), { success: false, data: 'broken' })
})

t.test('an echo waits for its turn, but not behind a handler that takes its time', async (t) => {
  const slow = gate()
  const { peer } = await serve(t, {}, (juggler) => {
    juggler.handle('slow', () => slow.passed)
    juggler.handle('quick', () => 'quick')
  })
  peer.request(1, 'slow')
  peer.request(2, 'quick')
  peer.request(3, '', 'probe')
  t.match(await peer.next(), { id: 3, data: 'probe' }, 'ahead of both')
  slow.open()
  t.match(await peer.next(), { id: 1 })
  t.match(await peer.next(), { id: 2 })
})

t.test('a flood stops being read, and goes on when it has been worked off', async (t) => {
  const slow = gate()
  let served = 0
  const { peer } = await serve(t, { parallelRequests: false, maxPayload: 1048576 }, (juggler) => {
    juggler.handle('slow', () => slow.passed)
    juggler.handle('count', () => { served++ })
  })
  peer.request(0, 'slow')
  const padding = 'x'.repeat(64 * 1024)
  const count = 400 // 25 MB, more than the buffers of both ends hold
  for (let i = 1; i <= count; i++) peer.request(i, 'count', padding)
  // what the kernel does not take any more is left with the client
  let before = -1
  while (peer.ws.bufferedAmount !== before) {
    before = peer.ws.bufferedAmount
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
  t.ok(before > 4 * 1048576, `${before} bytes stay with the client`)
  slow.open()
  for (let i = 0; i <= count; i++) t.equal((await peer.next()).id, i)
  t.equal(served, count)
})

t.test('in parallel as many may run at once as may wait otherwise', async (t) => {
  const slow = gate()
  let running = 0
  const { peer } = await serve(t, { parallelRequests: true }, (juggler) => {
    juggler.handle('slow', () => { running++; return slow.passed })
  })
  const padding = 'x'.repeat(1000)
  const count = 20_000
  for (let i = 0; i < count; i++) peer.request(i, 'slow', padding)
  let before = -1
  while (running === 0 || running !== before) {
    before = running
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
  t.ok(running >= 1024 && running < 5000, `${running} run`)
  slow.open()
  const ids = new Set<unknown>()
  for (let i = 0; i < count; i++) ids.add((await peer.next()).id)
  t.equal(ids.size, count)
})

t.test('data follows the app\'s onProtoPoisoning; an echo keeps every member', async (t) => {
  const poisoned = '{"type":"request","id":1,"name":"NAME","data":{"a":{"__proto__":{"x":1}},"constructor":{"prototype":{"y":1}},"b":2}}'
  const escaped = poisoned.replace('__proto__', '\\u005f_proto__').replace('constructor', 'constructo\\u0072')
  const take = (juggler: Juggler): void => { juggler.handle('take', (_connection, data) => JSON.stringify(data)) }

  const refusing = await serve(t, {}, take)
  for (const text of [poisoned, escaped]) {
    refusing.peer.send(text.replace('NAME', 'take'))
    t.match(await refusing.peer.next(), { success: false, data: /forbidden/ })
    refusing.peer.send(text.replace('NAME', ''))
    const echo = await refusing.peer.nextText()
    t.match(echo, '"__proto__":{"x":1}')
    t.match(echo, '"prototype":{"y":1}')
  }

  const removing = await serve(t, {}, take, { onProtoPoisoning: 'remove', onConstructorPoisoning: 'remove' })
  removing.peer.send(poisoned.replace('NAME', 'take'))
  t.match(await removing.peer.next(), { success: true, data: '{"a":{},"b":2}' })

  const ignoring = await serve(t, {}, take, { onProtoPoisoning: 'ignore', onConstructorPoisoning: 'ignore' })
  ignoring.peer.send(poisoned.replace('NAME', 'take'))
  t.match(await ignoring.peer.next(), { success: true, data: /__proto__.*prototype/ })
})

t.test('M17 one after the other, a bad frame behind requests waits for their responses', async (t) => {
  const slow = gate()
  const { peer } = await serve(t, {}, (juggler) => { juggler.handle('slow', () => slow.passed) })
  peer.request(1, 'slow')
  peer.request(2, '', 'also')
  peer.send('bad')
  peer.request(3, '', 'too late')
  slow.open()
  t.match(await peer.next(), { id: 1 })
  t.match(await peer.next(), { id: 2 })
  t.match(await peer.closed, { code: 4400, reason: 'the message is not JSON' })
  t.equal(peer.pending, 0)
})

t.test('an id nested too deeply to be sent back is refused, wherever its answer would be made', async (t) => {
  const deep = `${'['.repeat(20000)}${']'.repeat(20000)}`
  for (const name of ['', 'sync', 'async', 'unknown']) {
    for (const behind of [false, true]) {
      const { peer } = await serve(t, {}, (juggler) => {
        juggler.handle('sync', () => 1)
        juggler.handle('async', async () => 1)
      })
      if (behind) peer.request(1, 'async')
      peer.send(`{"type":"request","id":${deep},"name":"${name}"}`)
      t.strictSame(await peer.closed, { code: 4400, reason: 'the id of the request is nested too deeply' }, `${name} ${behind}`)
    }
  }
})

t.test('how deep data may be is a limit of its own: 64 levels, and no more', async (t) => {
  const nested = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels)
  const depth = (_connection: unknown, data: unknown): number => {
    let levels = 0
    for (let level: unknown = data; Array.isArray(level); level = level[0]) levels++
    return levels
  }
  for (const [limits, most] of [[{}, 64], [{ maxJsonDepth: 1000 }, 1000]] as const) {
    for (const behind of [false, true]) {
      const slow = gate()
      const { peer } = await serve(t, { limits }, (juggler) => {
        juggler.handle('depth', depth)
        juggler.handle('slow', () => slow.passed)
      })
      if (behind) peer.request(0, 'slow')
      peer.send(`{"type":"request","id":[[1]],"name":"depth","data":${nested(most)}}`)
      peer.send(`{"type":"request","id":1,"name":"","data":${nested(most)}}`)
      peer.send(`{"type":"request","id":2,"name":"","data":${nested(most + 1)}}`)
      slow.open()
      if (behind) await peer.next()
      t.strictSame(await peer.next(), { type: 'response', id: [[1]], success: true, data: most })
      t.equal(JSON.stringify((await peer.next()).data), nested(most))
      t.strictSame(await peer.closed, { code: 4429, reason: `more than ${most} levels are nested in the message` })
    }
  }
})

t.test('how many values and names a request holds is limited, and the limit can be set', async (t) => {
  const { peer } = await serve(t, { limits: { maxJsonElements: 100 } }, (juggler) => {
    juggler.handle('count', (_connection, data) => (data as unknown[]).length)
  })
  t.match(await peer.ask(1, 'count', Array(80).fill(0)), { data: 80 })
  peer.request(2, 'count', Array(101).fill(0))
  t.strictSame(await peer.closed, { code: 4429, reason: 'the message holds more than 100 values and names' })
})

t.test('an echo of any size and spelling is answered out of turn, and what only looks like one waits', async (t) => {
  const slow = gate()
  const { peer } = await serve(t, {}, (juggler) => {
    juggler.handle('slow', () => slow.passed)
    juggler.handle('look', () => 'alike')
  })
  peer.request(1, 'slow')
  peer.send('{"type":"request","id":2,"name":"look","data":{"name":""}}')
  peer.send(`{"type":"request","id":3,"data":"${'x'.repeat(100_000)}","n\\u0061me":""}`)
  peer.send('{"id":4,"name":"","data":{"name":"x"}}')
  t.match(await peer.next(), { id: 3 }, 'ahead of what came before')
  slow.open()
  t.match(await peer.next(), { id: 1 })
  t.match(await peer.next(), { id: 2, data: 'alike' })
  t.match(await peer.closed, { code: 4400 }, 'what is wrong with an echo shows in its turn')
})

t.test('at limits.bufferedBytes who has the most waiting is closed, and nobody else', async (t) => {
  const slow = gate()
  const { peer: busy, juggler, logs, origin } = await serve(t, { limits: { bufferedBytes: 1_000_000 } }, (juggler) => {
    juggler.handle('slow', () => slow.passed)
  })
  const greedy = await connectPeer(t, `${origin}/ws?framing=segmented`)
  const modest = await connectPeer(t, `${origin}/ws`)
  modest.request(1, 'slow')
  modest.request(2, 'slow', 'x'.repeat(100_000))
  await busy.echo()
  // no message is ever complete, so that nothing but the sum of what came can stop it
  for (let i = 0; i < 20; i++) greedy.send(`1${i === 0 ? '{"data":"' : ''}${'x'.repeat(100_000)}`)
  t.match(await greedy.closed, { code: 4429, reason: 'too many requests wait' })
  t.match(await busy.ask(1, '', 'still here'), { data: 'still here' })
  slow.open()
  t.match(await modest.next(), { id: 1 })
  t.match(await modest.next(), { id: 2 })
  t.equal(logs.matching(/too much input waits/).length, 1)
  t.equal(juggler.connections.size, 2)
})

t.test('a request for whose data there is no room is not run', async (t) => {
  const ran: unknown[] = []
  const { peer } = await serve(t, { limits: { bufferedBytes: 10_000 } }, (juggler) => {
    juggler.handle('run', (_connection, data) => { ran.push(data) })
  })
  t.match(await peer.ask(1, 'run', 'small'), { success: true })
  peer.request(2, 'run', 'x'.repeat(10_000))
  t.match(await peer.closed, { code: 4429 })
  t.strictSame(ran, ['small'])
})

t.test('what waits behind a handler takes about its text', async (t) => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const { peer } = await serve(t, { pingDelay: null }, (juggler) => {
    juggler.handle('slow', () => new Promise(() => {}))
  })
  const text = JSON.stringify({ type: 'request', id: 1, name: 'slow', data: Array(500).fill([]) })
  const settled = async (): Promise<number> => {
    peer.ws.ping()
    await once(peer.ws, 'pong')
    collect()
    return process.memoryUsage().heapUsed
  }
  peer.request(0, 'slow')
  const before = await settled()
  const count = 1000
  for (let i = 1; i <= count; i++) peer.send(text)
  const each = (await settled() - before) / count
  t.ok(each < text.length + 1000, `${Math.round(each)} bytes for a text of ${text.length}; its tree takes 21,736`)
})

t.test('what is held is given back once where an answer closes the connection', async (t) => {
  for (const end of ['answerUrgents', 'refuse'] as const) {
    const budget = new InputBudget(1_000_000, () => [])
    const runner = { run: () => new Promise(() => {}), commandMembers: () => '' }
    const limits = { maxJsonDepth: 10, maxJsonElements: 1000 }
    const settings = { runner, parallelRequests: false, maxPayload: 100_000, limits, budget } as unknown as RequestSettings
    // A connection closes once.
    let close = (): void => { close = () => {}; queue.stop() }
    const owner = { writable: true, facade: {}, reply () { close() }, reading () {}, fail () {}, shed () {}, idle () {} } as unknown as RequestOwner
    const queue = new RequestQueue(owner, settings)
    queue.push('{"type":"request","id":1,"name":"slow"}', 100)
    const running = budget.used
    for (let i = 0; i < 3; i++) queue.push('{"type":"request","id":2,"name":""}', 1000)
    queue[end]()
    t.equal(budget.used, running, end)
  }
})
