// own process: it measures what the whole process holds
/** What a client leaves behind: nothing, however often one comes and goes. */
import { getEventListeners } from 'node:events'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import t from 'tap'
import { connect } from '../../lib/client/index.ts'
import { createRequests } from '../../lib/client/requests.ts'
import type { Client } from '../../types/client.ts'
import { ScriptedServers } from '../helpers/client/control.ts'
import { message } from '../helpers/client/suite.ts'

setFlagsFromString('--expose_gc')
const collect = runInNewContext('gc') as () => void

const turn = () => new Promise((resolve) => setImmediate(resolve))

/** Bytes in use once everything that can go has gone. */
async function heap (): Promise<number> {
  for (let i = 0; i < 3; i++) {
    await turn()
    collect()
  }
  return process.memoryUsage().heapUsed
}

/** Sockets and timers of this process, by kind. */
async function handles (): Promise<Record<string, number>> {
  // A closed socket leaves the list a turn or two later.
  for (let i = 0; i < 5; i++) await turn()
  const counts: Record<string, number> = {}
  for (const kind of process.getActiveResourcesInfo()) counts[kind] = (counts[kind] ?? 0) + 1
  return counts
}

t.test('1,000 rounds leave heap and handles as they were', async (t) => {
  const control = new ScriptedServers()
  const { url } = await control.listen()
  t.teardown(() => control.end())
  const abort = new AbortController()
  const clients: Array<WeakRef<Client>> = []
  const round = async () => {
    const client = await connect(url, { signal: abort.signal, onNotify: () => {} })
    clients.push(new WeakRef(client))
    const peer = await control.next()
    const seen = new Promise<void>((resolve) => client.state.onChange(() => resolve()))
    await control.say(peer, message.whole({ list: [1, 2, 3] }))
    await seen
    const lost = client.send('never answered', null, { timeout: 60_000, signal: abort.signal })
    lost.catch(() => {})
    await client.close()
    await control.closed(peer)
    control.forget()
  }
  const rounds = async (n: number) => { for (let i = 0; i < n; i++) await round() }
  await rounds(300)
  const before = { heap: await heap(), handles: await handles() }
  await rounds(1000)
  const after = { heap: await heap(), handles: await handles() }
  const perRound = (after.heap - before.heap) / 1000
  // Bare `ws` moves by 500 either way in such a loop; a client that stays holds many times that.
  t.ok(perRound < 3000, `the heap grew by ${Math.round(perRound)} bytes a round`)
  t.equal(clients.filter((client) => client.deref() !== undefined).length, 0, 'every client was collected')
  t.equal(getEventListeners(abort.signal, 'abort').length, 0, 'nobody listens to the signal')
  t.same(after.handles, before.handles)
})

t.test('requests of a long-lived client leave nothing, however they end', async (t) => {
  let id = 0
  const requests = createRequests(() => () => { id++ })
  const many = async () => {
    for (let i = 0; i < 20_000; i++) {
      const answer = requests.send('echo', null, i % 3 === 0 ? { signal: AbortSignal.timeout(60_000) } : undefined)
      if (i % 2 === 0) requests.answer({ type: 'response', id, success: i % 4 === 0, data: null })
      else requests.lost({ code: 1006, reason: '' }, false)
      await answer.catch(() => {})
    }
  }
  await many()
  const before = await heap()
  await many()
  const perRequest = (await heap() - before) / 20_000
  t.ok(perRequest < 40, `the heap grew by ${Math.round(perRequest)} bytes a request`)
})

t.test('rounds that fail leave nothing either', async (t) => {
  const control = new ScriptedServers()
  const { server, url } = await control.listen()
  await control.stop(server)
  const silent = await control.silent()
  t.teardown(() => control.end())
  const round = async () => {
    await t.rejects(connect([url, url]), { code: 'JUGGLER_CONNECT_FAILED' })
    const abort = new AbortController()
    const attempt = connect([url, silent], { signal: abort.signal })
    setImmediate(() => abort.abort())
    await t.rejects(attempt, { name: 'AbortError' })
  }
  for (let i = 0; i < 5; i++) await round()
  const before = await handles()
  for (let i = 0; i < 50; i++) await round()
  const after = await handles()
  t.same(after.Timeout, before.Timeout)
  t.same(after.TCPSocketWrap, before.TCPSocketWrap)
})

t.test('clients that wait to reconnect leave nothing when they are closed', async (t) => {
  const control = new ScriptedServers()
  const { server, url } = await control.listen()
  t.teardown(() => control.end())
  const before = await handles()
  const clients = await Promise.all(Array.from({ length: 20 }, () => connect(url, { reconnect: { minDelay: 2 ** 31 - 1, maxDelay: 2 ** 31 - 1 } })))
  await control.stop(server)
  await Promise.all(clients.map((client) => client.status === 'open' && new Promise<void>((resolve) => client.onStatus(() => resolve()))))
  // The status comes first; a moment later each socket is gone, and the wait has begun.
  await new Promise((resolve) => setTimeout(resolve, 50))
  await Promise.all(clients.map((client) => client.close()))
  const after = await handles()
  t.same(after.Timeout, before.Timeout)
  t.same(after.TCPSocketWrap, before.TCPSocketWrap)
})
