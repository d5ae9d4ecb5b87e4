/** A session on a socket that the test plays, so that every order of events can be had. */
import { mock } from 'node:test'
import t from 'tap'
import type { Environment } from '../../lib/client/environment.ts'
import { settingsOf } from '../../lib/client/options.ts'
import type { Settings } from '../../lib/client/options.ts'
import { openSession } from '../../lib/client/session.ts'
import type { SessionEvents, SessionOptions } from '../../lib/client/session.ts'
import { closeCodes } from '../../lib/protocol/close-codes.ts'
import { ProtocolFault } from '../../lib/protocol/fault.ts'
import type { ConnectOptions } from '../../types/client.ts'
import { PlayedSocket } from '../helpers/client/played-socket.ts'

/** A session of a sure, plain framing, where nothing else is said. */
function openSessionTo (environment: Environment, settings: Settings, others: Partial<SessionOptions>, events: SessionEvents) {
  return openSession({ environment, settings, events, url: 'ws://host/', plain: true, prove: false, patience: 1, ...others })
}

function play (options: ConnectOptions & { prove?: boolean, framing?: 'plain' | 'segmented' } = {}) {
  const socket = new PlayedSocket()
  const log: unknown[] = []
  const environment: Environment = {
    check () {},
    open (_url, _settings, onFault) {
      fault = onFault
      return socket
    }
  }
  let fault!: Parameters<Environment['open']>[2]
  const settings = settingsOf({ pingDelay: null, ...options })
  const plain = options.framing !== 'segmented'
  const session = openSessionTo(environment, settings, { plain, prove: options.prove ?? false }, {
    onOpen: () => log.push('open') > 0,
    onMessage: (message) => log.push(message.type),
    onLost: (info, fault) => log.push(fault === undefined ? info : [info, fault.code])
  })
  session.ended.then(() => log.push('ended'))
  return { socket, log, session, fault }
}

/** Long enough for what waits until the caller of `connect` has had a turn. */
const turn = () => new Promise((resolve) => setTimeout(resolve, 5))

t.test('opens, speaks, is lost', async (t) => {
  const { socket, log, session } = play()
  t.equal(session.openedAt, undefined)
  socket.onopen!()
  t.ok(session.openedAt! > 0)
  session.send('{}')
  socket.onmessage!({ data: '{"type":"state","diff":[]}' })
  socket.onclose!({ code: 1001, reason: 'bye' })
  await turn()
  t.same(log, ['open', 'state', { code: 1001, reason: 'bye' }, 'ended'])
  t.equal(socket.log[0], '{}')
  t.same(session.info, { code: 1001, reason: 'bye' })
})

t.test('an address that the platform refuses ends it', async (t) => {
  const environment: Environment = { check () {}, open () { throw new Error('SecurityError') } }
  const never = () => t.fail('it never was')
  const session = openSessionTo(environment, settingsOf({}), {}, { onOpen: never as never, onMessage: never, onLost: never })
  await session.ended
  t.same([session.openedAt, session.info], [undefined, { code: 1006, reason: '' }])
  t.match(session.trouble, { message: 'SecurityError' })
  session.end({ code: 1000, reason: '' })
})

t.test('once it is closed by us, nothing more is heard of it', async (t) => {
  const { socket, log, session } = play()
  socket.onopen!()
  session.end({ code: 1000, reason: 'enough' })
  session.end({ code: 4000, reason: 'again' })
  socket.onmessage!({ data: '{"type":"state","diff":[]}' })
  socket.onmessage!({ data: 'nonsense' })
  socket.onclose!({ code: 1000, reason: '' })
  await turn()
  t.same(log, ['open', 'ended'])
  t.same(socket.log, [[1000, 'enough']])
  t.same(session.info, { code: 1000, reason: 'enough' })
})

t.test('given up while it connects', async (t) => {
  const { socket, log, session } = play()
  session.end({ code: 1000, reason: '' })
  socket.onopen!()
  socket.onclose!({ code: 1006, reason: '' })
  await turn()
  t.same(log, ['ended'])
})

t.test('a close that nobody answers ends by itself', async (t) => {
  mock.timers.enable({ apis: ['setTimeout'] })
  const { socket, log, session } = play()
  socket.onopen!()
  session.end({ code: 1000, reason: '' })
  mock.timers.tick(1000)
  mock.timers.reset()
  await session.ended
  t.same(socket.log, [[1000, '']])
  t.same(log, ['open', 'ended'])
})

t.test('a code that a page may not send becomes the one for protocol errors', async (t) => {
  const { socket, log } = play({ maxPayload: 10 })
  socket.onopen!()
  socket.onmessage!({ data: '{"type":"state","diff":[]}' })
  await turn()
  t.same(log, ['open', [{ code: 1009, reason: 'message is too large' }, 'JUGGLER_PROTOCOL_ERROR']])
  t.same(socket.log, [[1009, 'message is too large'], [4400, 'message is too large']])
})

t.test('a framing in doubt is open when the server has spoken it', async (t) => {
  const { socket, log, session } = play({ prove: true, framing: 'segmented' })
  socket.onopen!()
  t.equal(session.openedAt, 0)
  t.same([log, socket.log], [[], ['2']])
  socket.onmessage!({ data: '1{"type":' })
  t.same(log, ['open'])
  socket.onmessage!({ data: '2x' })
  socket.onmessage!({ data: '0"notify","name":""}' })
  await turn()
  t.same(log, ['open', 'notify'])
  t.same(socket.log, ['2', '3x'])
})

t.test('what comes with the opening waits until everybody who waited for it has had a turn', async (t) => {
  for (const prove of [false, true]) {
    const { socket, log } = play({ prove })
    socket.onopen!()
    for (const type of ['notify","name":"', 'state","diff":[],"x":"']) socket.onmessage!({ data: `{"type":"${type}"}` })
    socket.onmessage!({ data: 'nonsense' })
    socket.onmessage!({ data: '{"type":"state","diff":[]}' })
    socket.onmessage!({ data: new ArrayBuffer(1) })
    for (let i = 0; i < 50; i++) await null
    t.same(log, ['open'], 'whoever follows promises is first')
    await turn()
    t.same(log, ['open', 'notify', 'state', [{ code: 4400, reason: 'no state, response or notification' }, 'JUGGLER_PROTOCOL_ERROR']])
  }
})

t.test('a server that says something and closes is heard before it is lost', async (t) => {
  const { socket, log } = play()
  socket.onopen!()
  socket.onmessage!({ data: '{"type":"notify","name":"kicked"}' })
  socket.onclose!({ code: 4401, reason: 'out' })
  await turn()
  t.same(log, ['open', 'notify', { code: 4401, reason: 'out' }, 'ended'])
})

t.test('a fault of any kind comes after what was right before it', async (t) => {
  for (const framing of ['plain', 'segmented'] as const) {
    const header = framing === 'plain' ? '' : '0'
    for (const bad of ['binary', 'frame', 'fault']) {
      const { socket, log, fault } = play({ framing, maxPayload: 100 })
      socket.onopen!()
      await turn()
      socket.onmessage!({ data: `${header}{"type":"notify","name":""}` })
      if (bad === 'binary') socket.onmessage!({ data: new ArrayBuffer(1) })
      else if (bad === 'frame') socket.onmessage!({ data: `${header}${'x'.repeat(101)}` })
      else fault(new ProtocolFault())
      socket.onmessage!({ data: `${header}{"type":"notify","name":""}` })
      await turn()
      const { code, reason } = { binary: closeCodes.unsupportedData, frame: closeCodes.tooLarge, fault: closeCodes.protocolError }[bad]!
      t.same(log, ['open', 'notify', [{ code, reason }, 'JUGGLER_PROTOCOL_ERROR']], `${framing}: ${bad}`)
    }
  }
})

t.test('the time for an answer grows with the patience, that for the handshake does not', async (t) => {
  t.teardown(() => mock.timers.reset())
  const times = (patience: number, opens: boolean) => {
    mock.timers.reset()
    mock.timers.enable({ apis: ['setTimeout', 'Date'] })
    const socket = new PlayedSocket()
    let lost = false
    const environment: Environment = { check () {}, open: () => socket }
    openSessionTo(environment, settingsOf({ pingDelay: 100, pingTimeout: 100 }), { patience }, { onOpen: () => true, onMessage () {}, onLost () { lost = true } })
    if (opens) socket.onopen!()
    for (let time = 0; ; time += 25) {
      if (lost) return time
      mock.timers.tick(25)
    }
  }
  t.same([times(1, true), times(2, true), times(16, true)], [200, 300, 1700])
  t.same([times(1, false), times(16, false)], [200, 200])
})
