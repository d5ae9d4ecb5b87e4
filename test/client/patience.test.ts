/** How long the client waits: for servers that fall silent, and between two connections, with a clock that the test moves. */
import { mock } from 'node:test'
import t from 'tap'
import type { Test } from 'tap'
import type { Environment } from '../../lib/client/environment.ts'
import { connectIn } from '../../lib/client/client.ts'
import type { ConnectOptions } from '../../types/client.ts'
import { PlayedSocket } from '../helpers/client/played-socket.ts'

mock.timers.enable({ apis: ['setTimeout', 'Date'] })
// The mock takes no timer without a delay for one that is due.
const { setTimeout: mocked } = globalThis
globalThis.setTimeout = ((call: () => void, delay = 0) => mocked(call, delay)) as typeof setTimeout
const { random } = Math
// The whole of each wait, so that it is known.
Math.random = () => 1
t.teardown(() => {
  mock.timers.reset()
  Math.random = random
})

const turn = () => new Promise((resolve) => setImmediate(resolve))

/** Where every socket that a client opens is for the test to play. */
function recording () {
  const sockets: PlayedSocket[] = []
  const environment: Environment = {
    check () {},
    open () {
      sockets.push(new PlayedSocket(true))
      return sockets.at(-1)!
    }
  }
  return { environment, sockets }
}

/** A client on sockets that the test plays. */
async function play (t: Test, options: ConnectOptions, addresses: string | string[] = 'ws://host/') {
  const { environment, sockets } = recording()
  /** What a page calls when it may have slept; undefined: nobody watches. */
  let wake: (() => void) | undefined
  const page: Environment = {
    ...environment,
    watchWake (call) {
      wake = call
      return () => { wake = undefined }
    }
  }
  const connecting = connectIn(page, addresses, options)
  const socket = () => sockets.at(-1)!
  socket().onopen!()
  const client = await connecting
  const close = async () => {
    const closing = client.close()
    mock.timers.tick(1)
    await closing
  }
  t.teardown(close)

  /** Waits until there is another connection, and opens it. @returns how long that took */
  const next = async (step: number) => {
    const before = socket()
    const start = Date.now()
    while (socket() === before) {
      await turn()
      if (socket() === before) mock.timers.tick(step)
    }
    socket().onopen!()
    return Date.now() - start
  }

  return {
    client,
    close,
    next,
    socket,
    wake: () => wake?.(),
    watched: () => wake !== undefined,

    /** How long the connection lasts if nothing happens; then there is a new one. */
    async lasts () {
      const start = Date.now()
      while (client.status === 'open') {
        mock.timers.tick(25)
        await turn()
      }
      const time = Date.now() - start
      await next(1)
      return time
    },

    /** Ends the connection after `lasted` ms. @returns how long it took until there was another, which is open then */
    async lose (code: number, lasted = 0, meanwhile = () => {}) {
      mock.timers.tick(lasted)
      socket().onclose!({ code, reason: '' })
      await turn()
      mock.timers.tick(1)
      await turn()
      meanwhile()
      return next(10)
    }
  }
}

const slow: ConnectOptions = { pingDelay: 100, pingTimeout: 100, reconnect: { minDelay: 1, maxDelay: 1 } }

t.test('each connection on which nothing comes in time gives the next twice as long', async (t) => {
  const { lasts, lose } = await play(t, slow)
  const times: number[] = []
  for (let i = 0; i < 7; i++) times.push(await lasts())
  t.same(times, [200, 300, 500, 900, 1700, 1700, 1700], 'up to 16 times')
  await lose(4408)
  t.equal(await lasts(), 200, 'the usual time after a connection that ended in another way')
})

t.test('one address\'s silence costs the others nothing', async (t) => {
  const { lasts } = await play(t, slow, ['ws://one/', 'ws://two/'])
  const times: number[] = []
  for (let i = 0; i < 6; i++) times.push(await lasts())
  t.same(times, [200, 200, 300, 300, 500, 500])
})

t.test('silence before the first connection makes nobody more patient', async (t) => {
  const { environment, sockets } = recording()
  const connecting = connectIn(environment, ['ws://one/', 'ws://two/'], { framing: 'auto', pingDelay: 100, pingTimeout: 100 })
  const start = Date.now()
  let code: string | undefined
  connecting.catch((error) => { code = error.code })
  for (let i = 0; code === undefined && i < 1000; i++) {
    const socket = sockets.at(-1)!
    if (socket.log.length === 0) socket.onopen!()
    mock.timers.tick(10)
    await turn()
  }
  t.equal(code, 'JUGGLER_CONNECT_FAILED')
  t.equal(sockets.length, 4, 'two guesses for each')
  const took = Date.now() - start
  t.ok(took >= 800 && took < 900, `${took} ms`)
})

t.test('a guess at the framing has as long as an attempt, and twice that when nothing came in time', async (t) => {
  const { environment, sockets } = recording()
  const connecting = connectIn(environment, 'ws://host/', { framing: 'auto', pingDelay: 100, pingTimeout: 100, reconnect: { minDelay: 1, maxDelay: 1 } })
  sockets[0]!.onopen!()
  sockets[0]!.onmessage!({ data: '{"type":"response","id":0,"success":true,"data":null}' })
  mock.timers.tick(1)
  const client = await connecting
  t.teardown(async () => {
    const closing = client.close()
    mock.timers.tick(1)
    await closing
  })
  sockets[0]!.onclose!({ code: 1006, reason: '' })

  const given: number[] = []
  // The line is slow: nothing comes in time of what is plain, and what is segmented is refused.
  for (let i = 1; given.length < 3; i++) {
    while (sockets.length === i) {
      await turn()
      if (sockets.length === i) mock.timers.tick(1)
    }
    const socket = sockets[i]!
    socket.onopen!()
    if (i % 2 === 0) {
      socket.onclose!({ code: 4406, reason: 'plain is spoken here' })
      continue
    }
    const start = Date.now()
    while (socket.log.length < 2) {
      mock.timers.tick(25)
      await turn()
    }
    given.push(Date.now() - start)
  }
  t.same(given, [200, 400, 800])
  t.equal(client.status, 'reconnecting', 'that the other guess was wrong is no reason to stop')
})

t.test('each loss doubles the wait, and a connection that lasted makes it short again', async (t) => {
  const { lose } = await play(t, { pingDelay: null, reconnect: { minDelay: 100, maxDelay: 100_000 } })
  t.same([await lose(1006), await lose(1006), await lose(1006), await lose(1006, 4000)], [100, 200, 400, 800])
  t.equal(await lose(1006, 5000), 100)
})

t.test('a server over its limit is given eight times as long', async (t) => {
  const { lose } = await play(t, { pingDelay: null, reconnect: { minDelay: 100, maxDelay: 100_000 } })
  t.equal(await lose(4429), 800)
})

t.test('waking up asks an open server at once, and shortens a wait', async (t) => {
  const { close, socket, wake, lose, watched } = await play(t, { pingDelay: 100_000, reconnect: { minDelay: 100, maxDelay: 100_000 } })
  wake()
  t.same(socket().log.map((text) => JSON.parse(text as string)), [{ type: 'request', id: 0, name: '', data: null }])
  for (let i = 0; i < 5; i++) await lose(1006)
  t.equal(await lose(1006, 0, wake), 100)
  await close()
  t.notOk(watched(), 'nobody watches for a client that is closed')
})

t.test('after a reconnect nothing waits for a timer, which is late in a hidden page', async (t) => {
  const { client, socket, lose } = await play(t, { pingDelay: null, reconnect: { minDelay: 100, maxDelay: 100 } })
  const say = (value: number) => socket().onmessage!({ data: JSON.stringify({ type: 'state', diff: [{ op: 'replace', path: '', value }] }) })
  say(1)
  await turn()
  t.equal(client.state.data, null, 'at first whoever waited for connect has a turn')
  mock.timers.tick(1)
  await turn()
  t.equal(client.state.data, 1)
  await lose(1006)
  say(2)
  await turn()
  t.equal(client.state.data, 2)
})
