/** When the client tries which address, and how long it waits, with sockets that the test plays and a clock that it moves. */
import { mock } from 'node:test'
import t from 'tap'
import type { Test } from 'tap'
import type { Environment, PageEvents } from '../../lib/client/environment.ts'
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
async function play (
  t: Test,
  options: ConnectOptions,
  addresses: string | string[] = 'ws://host/',
  renewLogin?: Environment['renewLogin']
) {
  const { environment, sockets } = recording()
  /** What a page calls; undefined: nobody watches. */
  let events: PageEvents | undefined
  const page: Environment = {
    ...environment,
    ...(renewLogin && { renewLogin }),
    watchPage (given) {
      events = given
      return () => { events = undefined }
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
    sockets,
    wake: () => events?.onWake(),
    leave: () => events?.onLeave(),
    comeBack: () => events?.onReturn(),
    watched: () => events !== undefined,

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
    async lose (code: number, lasted = 0, meanwhile: () => unknown = () => {}) {
      mock.timers.tick(lasted)
      socket().onclose!({ code, reason: '' })
      await turn()
      mock.timers.tick(1)
      await turn()
      await meanwhile()
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

const patient: ConnectOptions = { pingDelay: null, reconnect: { minDelay: 100, maxDelay: 100 } }

t.test('whose credentials are no longer valid is let wait 30 s and more, and stays reconnecting', async (t) => {
  const { client, lose, sockets } = await play(t, patient)
  const told: unknown[] = []
  client.onStatus((...change) => told.push(change))
  // Jitter at its most patient: twice the least wait.
  t.same([await lose(4401), await lose(4401), await lose(4401), await lose(4401)], [60_000, 120_000, 240_000, 300_000])
  t.same(told.splice(0, 2), [['reconnecting', { code: 4401, reason: '' }], ['open', undefined]])
  told.length = 0

  await lose(4401, 5000, async () => {
    // An upgrade that is refused ends without a code, and tells nobody anything new.
    const before = sockets.length
    mock.timers.tick(60_000)
    await turn()
    t.equal(sockets.length, before + 1)
    sockets.at(-1)!.onclose!({ code: 1006, reason: '' })
    await turn()
    t.equal(client.status, 'reconnecting')
    mock.timers.tick(119_999)
    await turn()
    t.equal(sockets.length, before + 1, 'the wait has doubled')
  })
  t.same(told, [['reconnecting', { code: 4401, reason: '' }], ['open', undefined]])
  t.equal(await lose(1001), 100, 'let in, it waits as usual')
})

t.test('with reconnect: false, 4401 is the end', async (t) => {
  const { client, socket } = await play(t, { pingDelay: null, reconnect: false })
  socket().onclose!({ code: 4401, reason: 'out' })
  mock.timers.tick(1)
  t.same(await client.closed, { code: 4401, reason: 'out' })
})

t.test('neither a page that is shown again nor one that comes back shortens the wait below 30 s', async (t) => {
  const { socket, sockets, lose, wake, leave, comeBack } = await play(t, patient)
  for (const hurry of [wake, () => { leave(); comeBack() }]) {
    const before = sockets.length
    const took = await lose(4401, 0, async () => {
      mock.timers.tick(1000)
      hurry()
      await turn()
      mock.timers.tick(28_000)
      await turn()
      t.equal(sockets.length, before)
    })
    t.ok(took <= 31_000, 'but to 30 s it does')
    socket()
  }
})

t.test('a page that is left closes at once, and connects again when it comes back', async (t) => {
  const { client, socket, sockets, leave, comeBack, next } = await play(t, patient)
  const told: unknown[] = []
  client.onStatus((...change) => told.push(change))
  socket().onmessage!({ data: '{"type":"state","diff":[{"op":"replace","path":"","value":1}]}' })
  mock.timers.tick(1)
  await turn()
  const lost = client.send('in flight')
  leave()
  leave()
  t.same(socket().log.at(-1), [1000, 'the page was left'])
  const info = { code: 1000, reason: 'the page was left' }
  t.same(told.splice(0), [['reconnecting', info]])
  t.same([client.stale, client.state.data], [true, 1])
  await t.rejects(lost, { code: 'JUGGLER_CONNECTION_CLOSED', closeCode: 1000 })
  await turn()
  mock.timers.tick(600_000)
  await turn()
  t.equal(sockets.length, 1, 'nothing is tried while the page is away')
  comeBack()
  comeBack()
  t.equal(await next(1), 0, 'it tries at once')
  t.same(told, [['open', undefined]])
})

t.test('a page that is left while its client waits, or tries, goes on when it comes back', async (t) => {
  const { client, socket, sockets, leave, comeBack, next } = await play(t, patient)
  mock.timers.tick(1)
  socket().onclose!({ code: 1006, reason: '' })
  await turn()
  leave()
  await turn()
  mock.timers.tick(600_000)
  await turn()
  t.equal(sockets.length, 1)
  comeBack()
  await next(1)
  t.equal(sockets.length, 2)
  socket().onclose!({ code: 1006, reason: '' })
  await turn()
  mock.timers.tick(100)
  await turn()
  t.equal(sockets.length, 3)
  leave()
  await turn()
  comeBack()
  t.equal(await next(1), 0)
  t.equal(client.status, 'open')
})

t.test('a page that is left before the first connection fails nobody', async (t) => {
  const { environment, sockets } = recording()
  let events!: PageEvents
  const connecting = connectIn({ ...environment, watchPage: (given) => { events = given; return () => {} } }, 'ws://host/', patient)
  events.onLeave()
  await turn()
  events.onReturn()
  await turn()
  t.equal(sockets.length, 2)
  sockets[1]!.onopen!()
  const client = await connecting
  const closing = client.close()
  mock.timers.tick(1)
  await closing
})

t.test('a client that is closed, or does not reconnect, stays closed when its page comes back', async (t) => {
  const closed = await play(t, patient)
  closed.leave()
  await closed.close()
  t.equal(closed.client.status, 'closed')
  const once = await play(t, { ...patient, reconnect: false })
  once.leave()
  mock.timers.tick(1)
  t.same(await once.client.closed, { code: 1000, reason: 'the page was left' })
  t.notOk(once.watched())
})

t.test('after an upgrade that failed without a code it asks for a new login once before the next', async (t) => {
  const asked: string[] = []
  const { sockets, lose, socket, next } = await play(t, patient, 'wss://host/ws', async (url) => {
    asked.push(`${url.replace(/&journal=[-\d]+(?:&epoch=.*)?$/, '')} before ${sockets.length}`)
    return 'renewed'
  })
  await lose(1006)
  t.same(asked, [], 'a connection that was open is no upgrade that failed')
  await lose(1006, 0, async () => {
    for (let i = 0; i < 2; i++) {
      mock.timers.tick(100)
      await turn()
      socket().onclose!({ code: 1006, reason: '' })
      await turn()
    }
  })
  t.same(asked, [3, 4].map((n) => `wss://host/ws?framing=plain&announce=1 before ${n}`))
  await lose(1001)
  t.equal(asked.length, 2)
  t.equal(typeof next, 'function')
})

t.test('what refuses the login is told once, and spends no upgrade', async (t) => {
  const errors: string[] = []
  let asked = 0
  let answer: 'refused' | 'redirect' | 'renewed' = 'refused'
  const { client, sockets, socket, lose } = await play(t, { ...patient, onError: (error) => errors.push((error as { code: string }).code) }, 'ws://host/ws',
    async () => {
      asked++
      return answer
    })
  await lose(1001, 0, async () => {
    mock.timers.tick(100)
    await turn()
    socket().onclose!({ code: 1006, reason: '' })
    await turn()
    const before = sockets.length
    for (let i = 1; i <= 3; i++) {
      mock.timers.tick(100)
      await turn()
      await turn()
      t.equal(asked, i, 'one request a try')
    }
    t.equal(sockets.length, before)
    t.same(errors.splice(0), ['JUGGLER_LOGIN_REQUIRED'])
    t.equal(client.status, 'reconnecting')

    answer = 'redirect'
    for (let i = 1; i <= 2; i++) {
      mock.timers.tick(100)
      await turn()
      await turn()
      t.equal(sockets.length, before + i, 'what is in front may let an upgrade pass')
      socket().onclose!({ code: 1006, reason: '' })
      await turn()
    }
    t.same(errors.splice(0), ['JUGGLER_LOGIN_REDIRECTED'])
    answer = 'renewed'
  })
  t.equal(client.status, 'open')
  t.same(errors, [])
})

t.test('the first connection: a new login gives it a second try, an obstacle is why it fails', async (t) => {
  for (const answer of ['renewed', 'refused', 'login', 'redirect', undefined] as const) {
    const { environment, sockets } = recording()
    const errors: unknown[] = []
    const connecting = connectIn({ ...environment, renewLogin: async () => answer }, 'ws://host/ws', { ...patient, onError: (error) => errors.push(error) })
    const failed = connecting.then(() => undefined, (error) => error)
    sockets[0]!.onclose!({ code: 1006, reason: '' })
    for (let i = 0; i < 3; i++) await turn()
    if (answer === 'renewed') {
      sockets[1]!.onopen!()
      const client = await connecting
      const closing = client.close()
      mock.timers.tick(1)
      await closing
      continue
    }
    const code = answer === undefined ? 'JUGGLER_CONNECTION_CLOSED' : answer === 'redirect' ? 'JUGGLER_LOGIN_REDIRECTED' : 'JUGGLER_LOGIN_REQUIRED'
    t.match(await failed, { code: 'JUGGLER_CONNECT_FAILED', cause: { code } }, String(answer))
    t.equal(sockets.length, 1)
    t.equal(errors.length, answer === undefined ? 0 : 1)
  }
})

t.test('a request for a login ends with the client, and when nobody answers it', async (t) => {
  const signals: AbortSignal[] = []
  const { client, lose, socket, sockets, close } = await play(t, patient, 'ws://host/ws', (_url, signal) => new Promise((_resolve, reject) => {
    signals.push(signal)
    signal.addEventListener('abort', () => reject(signal.reason))
  }))
  await lose(1001, 0, async () => {
    mock.timers.tick(100)
    await turn()
    socket().onclose!({ code: 1006, reason: '' })
    await turn()
    mock.timers.tick(100)
    await turn()
    const before = sockets.length
    t.equal(signals.length, 1)
    mock.timers.tick(10_000)
    await turn()
    await turn()
    t.equal(sockets.length, before + 1, 'the upgrade is tried all the same')
    t.ok(signals[0]!.aborted)
  })
  socket().onclose!({ code: 1001, reason: '' })
  await turn()
  mock.timers.tick(100)
  await turn()
  socket().onclose!({ code: 1006, reason: '' })
  await turn()
  mock.timers.tick(100)
  await turn()
  t.equal(signals.length, 2)
  await close()
  t.ok(signals[1]!.aborted)
  t.equal(client.status, 'closed')
})

t.test('a server that closes when it is sent something, and says nothing, is suspected once', async (t) => {
  for (const framing of ['plain', 'segmented'] as const) {
    const errors: Error[] = []
    const { client, lose } = await play(t, { ...patient, framing, onError: (error) => errors.push(error as Error) })
    await lose(1000)
    t.same(errors, [], 'nothing had been sent')
    client.send('a').catch(() => {})
    await lose(1006)
    t.same(errors, [], 'a connection that broke is no close')
    for (let i = 0; i < 2; i++) {
      client.send('a').catch(() => {})
      await lose(1000)
    }
    t.equal(errors.length, 1)
    t.match(errors[0], { code: 'JUGGLER_FRAMING_SUSPECTED', message: /try framing: 'auto'/ })
  }
  const errors: unknown[] = []
  const { client, lose, socket } = await play(t, { ...patient, onError: (error) => errors.push(error) })
  client.send('a').catch(() => {})
  await lose(1000, 0)
  t.equal(errors.length, 1)
  errors.length = 0
  socket().onmessage!({ data: '{"type":"notify","name":"x"}' })
  client.send('a').catch(() => {})
  await lose(1000)
  t.same(errors, [], 'a server that spoke')
})
