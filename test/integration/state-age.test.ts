/** What a screen shows may be late, but not old: state that a peer has not read yet is bounded, wherever it waits. */
import { once } from 'node:events'
import t from 'tap'
import { createState } from '../../lib/index.ts'
import type { Connection } from '../../types/server.ts'
import type { FastifyJugglerOptions } from '../../types/options.ts'
import { startApp } from '../helpers/app.ts'
import { Logs } from '../helpers/logs.ts'
import { connectPeer } from '../helpers/peer.ts'
import type { Peer } from '../helpers/peer.ts'

const bulk = (n: number) => String(n).padEnd(20_000, 'x')

/** A plant of which 20 kB change every 5 ms. */
function storm () {
  const plant = createState({ n: 0, bulk: bulk(0) })
  const change = () => plant.update((data) => {
    data.n++
    data.bulk = bulk(data.n)
  })
  /** Resolves after some changes. */
  const run = (changes: number) => new Promise<void>((resolve) => {
    const timer = setInterval(() => {
      change()
      if (--changes > 0) return
      clearInterval(timer)
      resolve()
    }, 5)
  })
  return { plant, change, run }
}

/** Answers the pings of segmented framing, and puts its messages together. */
async function follow (peer: Peer, framing = 'plain') {
  const seen = { n: -1, messages: 0, pings: 0 }
  let parts = ''
  let wake = () => {}
  peer.ws.on('ping', () => { seen.pings++ })
  const take = (text: string) => {
    if (framing === 'segmented') {
      if (text[0] === '2') {
        seen.pings++
        peer.send(`3${text.slice(1)}`)
        return
      }
      parts += text.slice(1)
      if (text[0] === '1') return
      text = parts
      parts = ''
    }
    const message = JSON.parse(text)
    if (message.type !== 'state') return
    seen.messages++
    for (const { path, value } of message.diff) seen.n = path === '' ? value.n : path === '/n' ? value : seen.n
    wake()
  }
  // what came before anybody looked
  const early = await Promise.all(Array.from({ length: peer.pending }, () => peer.nextText()))
  peer.ws.on('message', (data: Buffer) => take(data.toString()))
  for (const text of early) take(text)
  const until = async (done: () => boolean) => { while (!done()) await new Promise<void>((resolve) => { wake = resolve }) }
  return { seen, until }
}

const options = (juggler: FastifyJugglerOptions) => ({ juggler: { autoflushDelay: 5, ...juggler } })

for (const [framing, compression] of [['plain', false], ['segmented', false], ['plain', true]] as const) {
  t.test(`a peer that stops reading has little before the newest state when it reads again: ${framing}${compression ? ', deflated' : ''}`, async (t) => {
    const { plant, run } = storm()
    const { app, origin } = await startApp(t, options({ state: plant, compression }))
    const [one, other] = [await connectPeer(t, `${origin}/ws?framing=${framing}`), await connectPeer(t, `${origin}/ws?framing=${framing}`)]
    const [slow, quick] = [await follow(one, framing), await follow(other, framing)]
    await slow.until(() => slow.seen.n === 0)
    await run(20)
    one.ws.pause()
    const before = slow.seen.messages
    await run(600)
    const newest = plant.get('/n') as number
    await quick.until(() => quick.seen.n === newest)
    t.ok(quick.seen.messages > 100, `${quick.seen.messages} messages to who reads`)
    one.ws.resume()
    await slow.until(() => slow.seen.n === newest)
    // those of 1.5 s at most, of 3 s, and the last one; without a bound it would be all
    t.ok(slow.seen.messages - before < 400, `${slow.seen.messages - before} messages waited`)
    t.equal(app.juggler.connections.size, 2)
  })
}

t.test('an answer does not wait for the state, and a notification behind the state does', async (t) => {
  const { plant, run } = storm()
  const { app, origin } = await startApp(t, options({ state: plant }))
  const peer = await connectPeer(t, `${origin}/ws`, { autoPong: false })
  const { seen, until } = await follow(peer)
  await until(() => seen.n === 0)
  const [connection] = app.juggler.connections as ReadonlySet<Connection>
  const pong = once(peer.ws, 'ping')
  await run(200)
  const [payload] = await pong
  const stuck = seen.n
  t.ok(stuck < (plant.get('/n') as number), 'no answer has come, so that state waits')
  peer.request(7, '', 'still there')
  const messages: Array<{ id?: number, name?: string }> = []
  peer.ws.on('message', (data: Buffer) => messages.push(JSON.parse(data.toString())))
  while (!messages.some(({ id }) => id === 7)) await once(peer.ws, 'message')
  const told = connection!.notify('note', 1, { flush: true })
  t.notOk(messages.some(({ name }) => name === 'note'))
  peer.ws.pong(payload)
  await told
  while (!messages.some(({ name }) => name === 'note')) await once(peer.ws, 'message')
  t.equal(seen.n, plant.get('/n'))
})

t.test('a peer that talks and answers no pings gets its state all the same, and that is logged', async (t) => {
  const logs = new Logs()
  const { plant, run, change } = storm()
  const { origin } = await startApp(t, { ...options({ state: plant, pingTimeout: 300 }), fastify: { logger: logs.logger } })
  const peer = await connectPeer(t, `${origin}/ws`, { autoPong: false })
  const { seen, until } = await follow(peer)
  await until(() => seen.n === 0)
  const talk = setInterval(() => peer.request(1, '', 'nothing'), 20)
  t.teardown(() => clearInterval(talk))
  await run(200)
  change()
  await until(() => seen.n === plant.get('/n'))
  await run(200)
  await until(() => seen.n === plant.get('/n'))
  t.ok(seen.messages > 100, `${seen.messages} messages`)
  t.equal(logs.matching(/answers no pings/).length, 1)
})

t.test('without pings nothing is asked and nothing waits', async (t) => {
  const { plant, run } = storm()
  const { origin } = await startApp(t, options({ state: plant, pingDelay: null }))
  const { seen, until } = await follow(await connectPeer(t, `${origin}/ws`))
  await until(() => seen.n === 0)
  await run(300)
  await until(() => seen.n === plant.get('/n'))
  t.equal(seen.pings, 0)
})

t.test('a connection whose requests wait, so that it is not read, follows the state', async (t) => {
  const { plant, run } = storm()
  const { app, origin } = await startApp(t, options({ state: plant, parallelRequests: false, shutdownTimeout: 100 }))
  app.juggler.handle('hang', () => new Promise(() => {}))
  const peer = await connectPeer(t, `${origin}/ws`)
  const { seen, until } = await follow(peer)
  await until(() => seen.n === 0)
  for (let i = 0; i < 3000; i++) peer.request(i, 'hang')
  await run(300)
  await until(() => seen.n === plant.get('/n'))
  t.ok(seen.messages > 100, `${seen.messages} messages`)
})

t.test('pings are few', async (t) => {
  const plant = createState({ n: 0 })
  const { origin } = await startApp(t, options({ state: plant }))
  const { seen, until } = await follow(await connectPeer(t, `${origin}/ws`))
  await until(() => seen.n === 0)
  const start = performance.now()
  for (let n = 1; n <= 300; n++) {
    plant.set('/n', n)
    await until(() => seen.n === n)
  }
  const seconds = (performance.now() - start) / 1000
  t.ok(seen.pings <= seconds + 1, `${seen.pings} pings in ${seconds.toFixed(1)} s`)
})
