import { setTimeout as sleep } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import t from 'tap'
import { OutputBudget } from '../../../lib/server/wire/output-budget.ts'
import type { OutputHolder } from '../../../lib/server/wire/output-budget.ts'
import { startApp } from '../../helpers/app.ts'
import { connectPeer } from '../../helpers/peer.ts'

/** Holds things until it is shed. */
class Holder implements OutputHolder {
  held: Array<[object, number]> = []
  isShed = false
  unsent () { return this.held }
  shedOutput () {
    this.isShed = true
    this.held = []
  }
}

t.test('what many hold counts once, and whoever holds the most goes', async (t) => {
  const holders = Array.from({ length: 10 }, () => new Holder())
  const budget = new OutputBudget(1000, () => holders.filter(({ isShed }) => !isShed))
  const hold = async (holder: Holder, thing: object, bytes: number): Promise<void> => {
    holder.held.push([thing, bytes])
    budget.grew(bytes)
    await null
  }
  const shared = {}
  for (const holder of holders) await hold(holder, shared, 900)
  t.equal(budget.measure(), 900)
  t.notOk(holders.some(({ isShed }) => isShed))
  await hold(holders[3]!, {}, 60)
  await hold(holders[4]!, {}, 30)
  t.equal(budget.measure(), 990)
  await hold(holders[5]!, {}, 20)
  await hold(holders[5]!, {}, 20)
  await hold(holders[5]!, {}, 30)
  t.ok(budget.measure() <= 1000)
  t.equal(holders.filter(({ isShed }) => isShed).length, 1, 'one was enough')
  t.ok(holders[3]!.isShed, 'it held the most of its own')
})

t.test('nobody goes while one message is written to many', async (t) => {
  const holders = Array.from({ length: 4 }, () => new Holder())
  const budget = new OutputBudget(100, () => holders.filter(({ isShed }) => !isShed))
  for (const holder of holders) {
    holder.held.push([{}, 60])
    budget.grew(60)
  }
  t.notOk(holders.some(({ isShed }) => isShed))
  await null
  t.equal(holders.filter(({ isShed }) => !isShed).length, 1)
})

t.test('clients that do not read are closed with 4429 where they hold too much together, the others are not', async (t) => {
  const limit = 40_000_000
  const { app, origin } = await startApp(t, { juggler: { limits: { bufferedBytes: limit }, maxQueuedBytes: 1e9 } })
  const idle = await connectPeer(t, `${origin}/ws`)
  const peers = await Promise.all(Array.from({ length: 12 }, () => connectPeer(t, `${origin}/ws`)))
  for (const peer of peers) peer.ws.pause()
  // More than systems take. Its text and its frames are in memory.
  app.juggler.broadcast('shared', 'y'.repeat(15_000_000))
  t.equal((await idle.next()).name, 'shared')
  t.equal(app.juggler.connections.size, 13, 'one message that nobody reads is one')
  for (const connection of app.juggler.connections) connection.notify('own', 'z'.repeat(3_000_000))
  t.equal((await idle.next()).name, 'own')
  const { limits, buffered, connections: { open } } = app.juggler.stats()
  t.ok(buffered.output <= limit, `${buffered.output} bytes`)
  t.ok(open < 13 && open > 5, `${open} stay`)
  t.equal(limits.bufferedBytes, 13 - open)
  t.equal(idle.ws.readyState, idle.ws.OPEN)
})

t.test('an app that writes to others when one is closed for it ends no process', async (t) => {
  const { app, origin } = await startApp(t, { juggler: { limits: { bufferedBytes: 10_000_000 }, maxQueuedBytes: 1e9 } })
  app.juggler.onConnection((connection) => {
    connection.signal.addEventListener('abort', () => app.juggler.broadcast('left', connection.id))
  })
  const peers = await Promise.all(Array.from({ length: 4 }, () => connectPeer(t, `${origin}/ws`)))
  for (const peer of peers) peer.ws.pause()
  for (const connection of app.juggler.connections) connection.notify('own', 'z'.repeat(6_000_000))
  await null
  await connectPeer(t, `${origin}/ws`)
  const { limits, buffered } = app.juggler.stats()
  t.ok(limits.bufferedBytes! >= 2)
  t.ok(buffered.output <= 10_000_000)
})

t.test('what those hold who are closing counts as well, and they are cut where it is too much', async (t) => {
  const limit = 20_000_000
  const { app, origin } = await startApp(t, { juggler: { limits: { bufferedBytes: limit }, maxQueuedBytes: 1e9, shutdownTimeout: 60_000 } })
  const peers = await Promise.all(Array.from({ length: 8 }, () => connectPeer(t, `${origin}/ws`)))
  for (const peer of peers) peer.ws.pause()
  for (const connection of [...app.juggler.connections]) {
    connection.notify('own', 'z'.repeat(15_000_000))
    connection.close()
    await sleep(5)
  }
  t.ok(app.juggler.stats().buffered.output > 0)
  // a socket that is cut is gone some turns later
  for (let i = 0; i < 500 && app.juggler.stats().buffered.output > limit; i++) await sleep(10)
  t.ok(app.juggler.stats().buffered.output <= limit, `${app.juggler.stats().buffered.output} bytes`)
  t.ok(app.juggler.stats().connections.closing < 4)
  t.ok(app.juggler.stats().connections.closing > 0, 'one is below the limit')
})

t.test('what a connection has not sent is let go with it, also where the app keeps the connection', async (t) => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const { app, origin } = await startApp(t, { juggler: { maxBufferedBytes: 50_000_000 } })
  const kept: unknown[] = []
  app.juggler.onConnection((connection) => { kept.push(connection) })
  const before = process.memoryUsage().arrayBuffers
  for (let i = 0; i < 10; i++) {
    const { ws } = await connectPeer(t, `${origin}/ws`)
    ws.pause()
    for (const connection of app.juggler.connections) connection.notify('large', 'x'.repeat(10_000_000)).catch(() => {})
    await sleep(50)
    ws.terminate()
    while (app.juggler.connections.size > 0) await sleep(1)
  }
  await sleep(50)
  collect()
  await sleep(10)
  collect()
  const bytes = process.memoryUsage().arrayBuffers - before
  t.ok(bytes < 10_000_000, `${bytes} bytes of 100,000,000 for ${kept.length} connections`)
})
