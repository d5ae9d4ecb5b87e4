import { once } from 'node:events'
import type { Socket } from 'node:net'
import { Readable, Writable } from 'node:stream'
import { mock } from 'node:test'
import t from 'tap'
import type { Test } from 'tap'
import type { FastifyInstance } from 'fastify'
import { createState } from '../../../lib/index.ts'
import type { FastifyJugglerOptions } from '../../../types/options.ts'
import { startApp } from '../../helpers/app.ts'
import { Logs } from '../../helpers/logs.ts'
import { connectPeer, refusal } from '../../helpers/peer.ts'
import { dial, upgradeText } from '../../helpers/raw-socket.ts'

// The list looks at its sockets once a second; tests say when a second has passed.
mock.timers.enable({ apis: ['setInterval'] })
t.teardown(() => mock.timers.reset())
const seconds = (count: number): void => { for (let i = 0; i < count; i++) mock.timers.tick(1000) }

/** Resolves with the server's socket when the app's own listener has seen an upgrade, which it takes no notice of. */
async function withListener (t: Test, juggler: FastifyJugglerOptions = {}) {
  const seen: Socket[] = []
  let arrived!: () => void
  const arrival = new Promise<void>((resolve) => { arrived = resolve })
  const started = await startApp(t, {
    juggler,
    before: (app) => { app.server.on('upgrade', (_request, socket) => { seen.push(socket as Socket); arrived() }) }
  })
  const next = async (): Promise<Socket> => {
    await arrival
    return seen.at(-1)!
  }
  return { ...started, next }
}

/** An app whose upgrades stay in a hook until they are let on. */
async function withStall (t: Test, juggler: FastifyJugglerOptions = {}, logs = new Logs()) {
  const stalled: Array<() => void> = []
  const waiters: Array<() => void> = []
  const started = await startApp(t, {
    fastify: { logger: logs.logger },
    juggler: {
      ...juggler,
      route: {
        onRequest: async () => {
          const passed = new Promise<void>((resolve) => stalled.push(resolve))
          waiters.shift()?.()
          await passed
        }
      }
    }
  })
  return {
    ...started,
    logs,
    reached: () => new Promise<void>((resolve) => waiters.push(resolve)),
    letOn: () => { for (const resolve of stalled.splice(0)) resolve() }
  }
}

t.test('a path that no listener of the app takes gets 404 after ten seconds', async (t) => {
  const { origin, next } = await withListener(t)
  const client = await dial(t, origin)
  client.write(upgradeText('/nobody'))
  const socket = await next()
  seconds(9)
  t.notOk(socket.destroyed)
  t.equal(socket.bytesWritten, 0, 'a listener may still take its time')
  seconds(1)
  const answer = await client.ended
  t.match(answer, /^HTTP\/1.1 404 Not Found\r\nConnection: close\r\n/)
  t.match(JSON.parse(answer.split('\r\n\r\n')[1]!), { statusCode: 404, code: 'FST_JUGGLER_UPGRADE_UNCLAIMED' })
})

t.test('a listener that begins to read later gets every byte, and keeps the socket', async (t) => {
  for (const event of ['data', 'readable', 'pipe'] as const) {
    const { app, origin, next } = await withListener(t)
    const client = await dial(t, origin)
    client.write(upgradeText('/theirs'))
    const socket = await next()
    client.write('early')
    seconds(3)
    let text = ''
    const got = new Promise<void>((resolve) => {
      const take = (chunk: Buffer | null): void => {
        text += chunk?.toString() ?? ''
        if (text === 'early and late') resolve()
      }
      if (event === 'data') socket.on('data', take)
      else if (event === 'readable') socket.on('readable', () => take(socket.read() as Buffer | null))
      else socket.pipe(new Writable({ write (chunk: Buffer, _encoding, done) { take(chunk); done() } }))
    })
    client.write(' and late')
    await got
    seconds(60)
    t.notOk(socket.destroyed, event)
    socket.write('an answer')
    await client.until(/^an answer$/)
    const closed = app.close()
    socket.destroy()
    await closed
  }
})

t.test('a listener that pauses the socket as it takes it finds it paused', async (t) => {
  const { origin, next } = await withListener(t)
  const client = await dial(t, origin)
  client.write(upgradeText('/theirs'))
  const socket = await next()
  client.write('early')
  let text = ''
  socket.on('data', (chunk) => { text += chunk.toString() })
  socket.pause()
  await new Promise((resolve) => setTimeout(resolve, 20))
  t.equal(text, '')
  socket.resume()
  await once(socket, 'data')
  t.equal(text, 'early')
  socket.destroy()
})

t.test('a listener that writes keeps the socket', async (t) => {
  const { origin, next } = await withListener(t)
  const client = await dial(t, origin)
  client.write(upgradeText('/theirs'))
  const socket = await next()
  seconds(5)
  socket.write('HTTP/1.1 101 Switching Protocols\r\n\r\n')
  seconds(60)
  t.match(await client.until(/\r\n\r\n/), /^HTTP\/1.1 101 /)
  t.notOk(socket.destroyed)
  socket.destroy()
})

t.test('a client that leaves is noticed at once, and with unread bytes within a second', async (t) => {
  const { app, origin, next } = await withListener(t)
  const quiet = await dial(t, origin)
  quiet.write(upgradeText('/nobody'))
  const socket = await next()
  quiet.socket.end()
  await once(socket, 'close')

  const hasty = await dial(t, origin)
  const arrived = once(app.server, 'upgrade')
  hasty.write(upgradeText('/nobody'))
  const [, second] = await arrived as [unknown, Socket]
  hasty.write('bytes that nobody reads')
  hasty.socket.end()
  const closed = once(second, 'close')
  const pulse = setImmediate(function again () { seconds(1); if (!second.destroyed) setImmediate(again) })
  await closed
  clearImmediate(pulse)
  t.equal(second.bytesWritten, 0, 'and not for want of an owner')
})

t.test('the app closes with upgrades that nobody has taken, and leaves alone those that somebody has', async (t) => {
  const { app, origin } = await withListener(t, { shutdownTimeout: 20 })
  const nobody = await dial(t, origin)
  nobody.write(upgradeText('/nobody'))
  const theirs = await dial(t, origin)
  const arrived = once(app.server, 'upgrade')
  theirs.write(upgradeText('/theirs'))
  const [, socket] = await arrived as [unknown, Socket]
  socket.resume()
  socket.write('theirs')
  const closed = app.close()
  t.equal(await nobody.ended, '')
  t.notOk(socket.destroyed)
  socket.end('s')
  t.equal(await theirs.ended, 'theirss')
  theirs.socket.end()
  await closed
})

t.test('upgrades that wait in a hook are counted: one beyond gets 503, and is logged once', async (t) => {
  const { origin, reached, letOn, logs } = await withStall(t, { limits: { pendingUpgrades: 2 } })
  const first = reached()
  const a = connectPeer(t, `${origin}/ws`)
  await first
  const second = reached()
  const b = await dial(t, origin)
  b.write(upgradeText('/ws'))
  await second
  t.equal(await refusal(t, `${origin}/ws`), 503)
  const c = await dial(t, origin)
  c.write(upgradeText('/ws'))
  t.match(await c.ended, /^HTTP\/1.1 503 [^]*FST_JUGGLER_UPGRADES_PENDING/)
  t.equal(logs.matching(/limits\.pendingUpgrades/).length, 1)
  // who leaves makes room
  const third = reached()
  b.socket.end()
  await b.ended
  const d = connectPeer(t, `${origin}/ws`)
  await third
  letOn()
  t.match(await (await a).ask(1, ''), { id: 1 })
  t.match(await (await d).ask(1, ''), { id: 1 })
  // open connections do not wait any more
  for (let i = 0; i < 3; i++) {
    const next = reached()
    const peer = connectPeer(t, `${origin}/ws`)
    await next
    letOn()
    t.match(await (await peer).ask(1, ''), { id: 1 })
  }
})

t.test('an upgrade that nobody has taken gives way to others', async (t) => {
  const { origin, next } = await withListener(t, { limits: { pendingUpgrades: 1 } })
  const nobody = await dial(t, origin)
  nobody.write(upgradeText('/nobody'))
  await next()
  t.match(await (await connectPeer(t, `${origin}/ws`)).ask(1, ''), { id: 1 })
  t.match(await nobody.ended, /^HTTP\/1.1 404 /)
})

t.test('an upgrade that waits for half a minute gets 504, and its request is aborted', async (t) => {
  let asked!: (signal: AbortSignal) => void
  const signal = new Promise<AbortSignal>((resolve) => { asked = resolve })
  let answer!: () => void
  const held = new Promise<void>((resolve) => { answer = resolve })
  const logs = new Logs()
  const { app, origin } = await startApp(t, {
    fastify: { logger: logs.logger },
    juggler: {
      state: async (request) => {
        asked(request.signal)
        await held
        return createState('late')
      }
    }
  })
  const connected: unknown[] = []
  app.juggler.onConnection((connection) => { connected.push(connection) })
  const client = await dial(t, origin)
  client.write(upgradeText('/ws?token=secret'))
  const aborted = await signal
  seconds(29)
  t.notOk(aborted.aborted)
  seconds(1)
  await once(aborted, 'abort')
  t.match(await client.ended, /^HTTP\/1.1 504 [^]*FST_JUGGLER_UPGRADE_TIMEOUT/)
  answer()
  await logs.line(/nobody waits for the answer/)
  const line = await logs.line(/answered with 504/)
  t.match(line, { level: 40, path: '/ws' })
  t.notMatch(JSON.stringify(line), /secret/)
  t.strictSame(connected, [])
  t.strictSame(logs.lines.filter(({ level }) => level >= 50), [])
})

t.test('a client that leaves ends the wait of its upgrade', async (t) => {
  const signals: AbortSignal[] = []
  let asked!: () => void
  const reached = new Promise<void>((resolve) => { asked = resolve })
  const logs = new Logs()
  const { app, origin } = await startApp(t, {
    fastify: { logger: logs.logger },
    juggler: {
      state: async (request) => {
        signals.push(request.signal)
        asked()
        await once(request.signal, 'abort')
        return createState()
      }
    }
  })
  const connected: unknown[] = []
  app.juggler.onConnection((connection) => { connected.push(connection) })
  const client = await dial(t, origin)
  client.write(upgradeText('/ws'))
  await reached
  client.socket.end()
  t.equal(await client.ended, '')
  await logs.line(/nobody waits for the answer/)
  t.ok(signals[0]?.aborted)
  t.strictSame(connected, [])
  t.strictSame(logs.lines.filter(({ level }) => level >= 40), [])
})

t.test('the state is not asked for where the client left before', async (t) => {
  let asked = 0
  const { origin, reached, letOn, logs } = await withStall(t, { state: () => { asked++; return createState() } })
  const first = reached()
  const client = await dial(t, origin)
  client.write(upgradeText('/ws'))
  await first
  client.socket.end()
  await client.ended
  letOn()
  await logs.line(/nobody waits for the answer/)
  t.equal(asked, 0)
})

t.test('an answer of any length to an upgrade is sent whole, however slowly', async (t) => {
  const parts = new Readable({ read () {} })
  const { origin } = await startApp(t, { after: (app: FastifyInstance) => { app.get('/file', async () => parts) } })
  const client = await dial(t, origin)
  client.write(upgradeText('/file'))
  parts.push('first ')
  await client.until(/first/)
  client.socket.end()
  seconds(60)
  parts.push('last')
  parts.push(null)
  t.match(await client.ended, /last/)
})
