/** A session on a socket that the test plays, so that every order of events can be had. */
import { mock } from 'node:test'
import t from 'tap'
import type { Environment, Socket } from '../../lib/client/environment.ts'
import { settingsOf } from '../../lib/client/options.ts'
import { openSession } from '../../lib/client/session.ts'
import type { ConnectOptions } from '../../types/client.ts'

class PlayedSocket implements Socket {
  onopen: (() => void) | null = null
  onmessage: ((event: { data: unknown }) => void) | null = null
  onclose: ((event: { code: number, reason: string }) => void) | null = null
  onerror: ((event: { error?: unknown }) => void) | null = null
  readonly log: unknown[] = []

  send (text: string): void {
    this.log.push(text)
  }

  close (code: number, reason: string): void {
    this.log.push([code, reason])
    if (code < 3000 && code !== 1000) throw new Error('InvalidAccessError')
  }

  terminate (): void {
    this.log.push('dropped')
  }
}

function play (options: ConnectOptions & { prove?: boolean, framing?: 'plain' | 'segmented' } = {}) {
  const socket = new PlayedSocket()
  const log: unknown[] = []
  const environment: Environment = {
    check () {},
    open: () => socket
  }
  const session = openSession(environment, 'ws://host/', options.framing ?? 'plain', options.prove ?? false, settingsOf({ pingDelay: null, ...options }), {
    onOpen: () => log.push('open'),
    onMessage: (message) => log.push(message.type),
    onLost: (info, fault) => log.push(fault === undefined ? info : [info, fault.code])
  })
  session.ended.then(() => log.push('ended'))
  return { socket, log, session }
}

const turn = () => new Promise((resolve) => setImmediate(resolve))

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
  const session = openSession(environment, 'ws://host/', 'plain', false, settingsOf({}), { onOpen: never, onMessage: never, onLost: never })
  await session.ended
  t.same([session.openedAt, session.info], [undefined, { code: 1006, reason: '' }])
  t.match(session.error, { message: 'SecurityError' })
  session.end({ code: 1000, reason: '' })
})

t.test('once it is closed by us, nothing more is heard of it', async (t) => {
  const { socket, log, session } = play()
  socket.onopen!()
  session.end({ code: 1000, reason: 'enough' })
  session.end({ code: 4000, reason: 'again' })
  socket.onmessage!({ data: '{"type":"state","diff":[]}' })
  socket.onmessage!({ data: 'nonsense' })
  socket.onerror!({ error: new Error('late') })
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
  socket.onerror!({ error: new Error('closed before it was open') })
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
  t.same(socket.log, [[1000, ''], 'dropped'])
  t.same(log, ['open', 'ended'])
})

t.test('a code that a page may not send becomes the one for protocol errors', async (t) => {
  const { socket, log } = play({ maxPayload: 10 })
  socket.onopen!()
  socket.onmessage!({ data: '{"type":"state","diff":[]}' })
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
  t.same(log, ['open', 'notify'])
  t.same(socket.log, ['2', '3x'])
})
