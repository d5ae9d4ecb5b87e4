import t from 'tap'
import type { FastifyInstance } from 'fastify'
import type { RequestContext } from '../../../../types/server.ts'
import { createState } from '../../../../lib/index.ts'
import { Commands } from '../../../../lib/server/requests/commands/commands.ts'
import { Monitor } from '../../../../lib/server/operations/monitor.ts'
import { Outcomes } from '../../../../lib/server/operations/outcomes.ts'
import { LocalMemory } from '../../../../lib/server/requests/commands/local-memory.ts'
import { startApp } from '../../../helpers/app.ts'
import { basic, htpasswdFile } from '../../../helpers/htpasswd.ts'
import { connectPeer } from '../../../helpers/peer.ts'
import { command, serveApp } from '../../../helpers/served.ts'

/** An app with a command that counts its runs. */
function counting (): { setup: (app: FastifyInstance) => void, runs: () => number } {
  let runs = 0
  return {
    setup (app) {
      app.juggler.handle('start', { once: true }, async (_connection, data) => ({ run: ++runs, data }))
      app.juggler.handle('plain', () => { runs++ })
    },
    runs: () => runs
  }
}

const code = (answer: Record<string, unknown>): unknown => (answer['data'] as { code?: unknown }).code

t.test('a repeat gets the first outcome, and the answers name the memory and the clock', async (t) => {
  const { setup, runs } = counting()
  const { peer, origin } = await serveApp(t, setup, {}, '?journal=me')
  const first = await command(peer, 'start', { id: 7 }, { key: 'k' })
  t.match(first, { type: 'response', id: 1, success: true, data: { run: 1, data: { id: 7 } }, journal: /^[-\w]{12}$/, now: Number })
  const again = await connectPeer(t, `${origin}/ws?journal=me`)
  const second = await command(again, 'start', { id: 7 }, { key: 'k', journal: first['journal'], expires: first['now'] as number + 1000 })
  t.strictSame(second['data'], first['data'])
  t.equal(runs(), 1)
  t.strictSame(await command(again, 'start', { id: 7 }, {}), { type: 'response', id: 1, success: true, data: { run: 2, data: { id: 7 } } }, 'without a key it runs plainly')
  t.match(await command(again, '', 'probe', { key: '?' }), { success: true, data: 'probe', journal: first['journal'], now: Number }, 'an echo with a key tells both')
  t.strictSame(await command(again, '', 'probe', {}), { type: 'response', id: 1, success: true, data: 'probe' })
})

t.test('a repeat waits for the first one that still runs, on another connection too', async (t) => {
  let finish!: (value: unknown) => void
  let context!: RequestContext
  let started!: () => void
  const running = new Promise<void>((resolve) => { started = resolve })
  const { peer, origin } = await serveApp(t, (app) => {
    app.juggler.handle('start', { once: true }, (_connection, _data, given) => {
      context = given
      started()
      return new Promise((resolve) => { finish = resolve })
    })
  }, {}, '?journal=me')
  const again = await connectPeer(t, `${origin}/ws?journal=me`)
  peer.send('{"type":"request","id":1,"name":"start","data":null,"key":"k"}')
  await running
  const second = command(again, 'start', null, { key: 'k' })
  const { signal } = context
  peer.ws.terminate()
  await peer.closed
  t.notOk(signal.aborted, 'a lost connection is no reason to stop')
  finish('done')
  t.match(await second, { success: true, data: 'done' })
})

t.test('failures are outcomes as well, and what was refused is none', async (t) => {
  let runs = 0
  const state = createState<{ running: boolean }>({ running: true })
  const { peer } = await serveApp(t, (app) => {
    app.juggler.handle('fail', { once: true }, () => { throw new Error(`failed ${++runs}`) })
    app.juggler.handle('checked', { once: true, schema: { data: { type: 'integer' } } }, () => ++runs)
    app.juggler.addHook('preRequest', (_connection, { name, data }) => { if (name === 'checked' && data === 13) throw new Error('unlucky') })
  }, { state })
  await peer.next()
  for (let i = 0; i < 2; i++) t.match(await command(peer, 'fail', null, { key: 'f' }), { success: false, data: 'failed 1' })
  t.equal(code(await command(peer, 'checked', 'x', { key: 'k' })), 'JUGGLER_DATA_INVALID')
  t.match(await command(peer, 'checked', 13, { key: 'k' }), { success: false, data: 'unlucky' })
  t.strictSame((await command(peer, 'checked', 1, { key: 'k', expect: { path: '/running', value: false } }))['data'], {
    code: 'JUGGLER_CONFLICT', message: 'the command has not been run: the state has another value', path: '/running', value: true
  })
  t.equal(runs, 1)
  state.set('/running', false)
  t.match(await peer.next(), { type: 'state' })
  t.match(await command(peer, 'checked', 1, { key: 'k', expect: { path: '/running', value: false } }), { success: true, data: 2 }, 'the key was not used up')
  state.set('/running', true)
  await peer.next()
  t.match(await command(peer, 'checked', 1, { key: 'k', expect: { path: '/running', value: false } }), { success: true, data: 2 }, 'a repeat is not run, so nothing is expected any more')
})

t.test('deadlines are those of the server\'s clock', async (t) => {
  const { setup, runs } = counting()
  const { peer } = await serveApp(t, setup, { onceWindow: 5000 })
  const { now } = await command(peer, '', null, { key: '?' }) as { now: number }
  t.equal(code(await command(peer, 'start', 1, { key: 'late', expires: now - 10 })), 'JUGGLER_EXPIRED')
  t.equal(code(await command(peer, 'start', 1, { key: 'late', expires: now - 6000 })), 'JUGGLER_OUTCOME_UNKNOWN')
  t.equal(code(await command(peer, 'start', 1, { key: 'far', expires: now + 60_000 })), 'JUGGLER_COMMAND_INVALID')
  t.equal(runs(), 0)
  t.match(await command(peer, 'start', 1, { key: 'late', expires: now + 4000 }), { success: true, data: { run: 1 } }, 'nothing was remembered of it')
  t.match(await command(peer, 'start', 1, { key: 'late', expires: now - 6000 }), { success: true, data: { run: 1 } }, 'what has run is told, however late')
})

t.test('a command that waited too long behind others is not run', async (t) => {
  let open!: (value: unknown) => void
  let runs = 0
  const { peer } = await serveApp(t, (app) => {
    app.juggler.handle('slow', () => new Promise((resolve) => { open = resolve }))
    app.juggler.handle('start', { once: true }, () => { runs++ })
  })
  const { now } = await command(peer, '', null, { key: '?' }) as { now: number }
  peer.request(1, 'slow')
  peer.send(JSON.stringify({ type: 'request', id: 2, name: 'start', data: null, key: 'k', expires: now + 30 }))
  await new Promise((resolve) => setTimeout(resolve, 60))
  open(null)
  t.match(await peer.next(), { id: 1 })
  t.match(await peer.next(), { id: 2, success: false, data: { code: 'JUGGLER_EXPIRED' } })
  t.equal(runs, 0)
})

t.test('what makes no command is refused, not run', async (t) => {
  const { setup, runs } = counting()
  const { peer } = await serveApp(t, setup)
  const cases: Array<[string, object, string]> = [
    ['plain', { key: 'k' }, 'JUGGLER_KEY_REFUSED'],
    ['missing', { key: 'k' }, 'JUGGLER_KEY_REFUSED'],
    ['start', { key: '' }, 'JUGGLER_COMMAND_INVALID'],
    ['start', { key: 'x'.repeat(129) }, 'JUGGLER_COMMAND_INVALID'],
    ['start', { key: 7 }, 'JUGGLER_COMMAND_INVALID'],
    ['start', { key: null }, 'JUGGLER_COMMAND_INVALID'],
    ['start', { expires: 1 }, 'JUGGLER_COMMAND_INVALID'],
    ['plain', { expect: { path: '', value: 1 } }, 'JUGGLER_COMMAND_INVALID'],
    ['start', { key: 'k', expires: 'soon' }, 'JUGGLER_COMMAND_INVALID'],
    ['start', { key: 'k', expect: 1 }, 'JUGGLER_COMMAND_INVALID'],
    ['start', { key: 'k', expect: { path: '' } }, 'JUGGLER_COMMAND_INVALID'],
    ['start', { key: 'k', expect: { path: 'nope', value: 1 } }, 'JUGGLER_COMMAND_INVALID'],
    ['start', { key: 'k', expect: { path: { a: 1 }, value: 1 } }, 'JUGGLER_COMMAND_INVALID'],
    ['start', { key: 'k', journal: 7 }, 'JUGGLER_COMMAND_INVALID'],
    ['start', { key: 'k', journal: 'of another server' }, 'JUGGLER_OUTCOME_UNKNOWN']
  ]
  for (const [name, members, expected] of cases) {
    const answer = await command(peer, name, 1, members)
    t.match(answer, { success: false, journal: String }, JSON.stringify(members))
    t.equal(code(answer), expected, JSON.stringify(members).slice(0, 60))
  }
  t.equal(runs(), 0)
  t.match(await command(peer, 'start', 1, { key: 'k' }), { success: true })
  t.equal(code(await command(peer, 'start', 2, { key: 'k' })), 'JUGGLER_KEY_REUSED')
})

t.test('a key is its user\'s, else its client\'s, else its connection\'s', async (t) => {
  const { setup, runs } = counting()
  const { origin } = await serveApp(t, setup)
  for (const [query, expected] of [['?journal=a', 1], ['?journal=a', 1], ['?journal=b', 2], ['', 3], ['', 4], ['?journal=', 5], [`?journal=${'x'.repeat(200)}`, 6]] as const) {
    t.match(await command(await connectPeer(t, `${origin}/ws${query}`), 'start', null, { key: 'k' }), { data: { run: expected } }, query)
  }
  t.equal(runs(), 6)
  const byName = counting()
  const named = await serveApp(t, byName.setup, { user: (request) => request.headers['x-user'] as string | undefined })
  for (const [user, expected] of [['ann', 1], ['bob', 2], ['ann', 1]] as const) {
    const peer = await connectPeer(t, `${named.origin}/ws?journal=${Math.random()}`, { headers: { 'x-user': user } })
    t.match(await command(peer, 'start', null, { key: 'k' }), { data: { run: expected } }, user)
  }
})

t.test('the user of the password file, and a function that returns something else', async (t) => {
  const { setup } = counting()
  const file = htpasswdFile(t.testdir(), { ann: 'secret', bob: 'secret' })
  const { origin } = await startApp(t, { juggler: { htpasswdFile: file }, after: setup })
  for (const [user, expected] of [['ann', 1], ['bob', 2], ['ann', 1]] as const) {
    const peer = await connectPeer(t, `${origin}/ws?journal=${Math.random()}`, { headers: { authorization: basic(user, 'secret') } })
    t.match(await command(peer, 'start', null, { key: 'k' }), { data: { run: expected } }, user)
  }
  const odd = await serveApp(t, counting().setup, { user: () => 7 as never })
  t.match(await command(odd.peer, 'start', null, { key: 'k' }), { success: false, data: /option 'user' returned 7/ })
})

t.test('the first message of the state names the memory for who asks, and for nobody else', async (t) => {
  const state = createState({ a: 1 })
  const { origin } = await serveApp(t, () => {}, { state })
  const stock = await connectPeer(t, `${origin}/ws`)
  t.equal(await stock.nextText(), '{"type":"state","diff":[{"op":"replace","path":"","value":{"a":1}}]}')
  const asking = await connectPeer(t, `${origin}/ws?journal=`)
  t.match(await asking.nextText(), /^\{"type":"state","diff":\[\{"op":"replace","path":"","value":\{"a":1\}\}\],"journal":"[-\w]{12}"\}$/)
  state.set('/a', 2)
  for (const peer of [stock, asking]) t.equal(await peer.nextText(), '{"type":"state","diff":[{"op":"replace","path":"/a","value":2}]}')
})

t.test('where no more can be remembered commands are refused, and the log says so once', async (t) => {
  const warnings: string[] = []
  const commands = new Commands({ memory: new LocalMemory(1), onceWindow: 1000, user: undefined, monitor: new Monitor(() => {}), warn: (text) => warnings.push(text) })
  const connection = { id: 'c1', request: { query: {} } } as never
  const begin = (key: string) => {
    const request = { type: 'request', id: 1, name: 'n', data: null, key } as const
    return commands.begin(connection, request, { options: { once: true }, outcomes: new Outcomes(), call () {} }, commands.digest(request))
  }
  const { name } = await begin('a')
  await commands.settle(name!, { success: true, text: '1' })
  t.strictSame(await begin('a'), { kind: 'known', outcome: { success: true, text: '1' } })
  for (const key of ['b', 'c']) t.throws(() => begin(key), { data: { code: 'JUGGLER_COMMANDS_FULL' } } as unknown as Error)
  t.equal(warnings.length, 1)
})

t.test('a repeat that is refused is not told that the command has not run', async (t) => {
  let allowed = true
  let runs = 0
  const repeated: boolean[] = []
  const setup = (hooked: boolean) => (app: FastifyInstance): void => {
    app.setValidatorCompiler((() => async () => allowed) as never)
    if (hooked) {
      app.juggler.addHook('preRequest', ({ request }) => { if (!allowed && (request.query as { hook?: unknown }).hook === '1') throw new Error('too often') })
      app.juggler.addHook('onResponse', (_connection, _request, outcome) => { repeated.push(outcome.repeated) })
    }
    app.juggler.handle('start', { once: true, schema: { data: {} } }, () => ++runs)
  }
  for (const hooked of [false, true]) {
    allowed = true
    runs = 0
    const { peer, origin } = await serveApp(t, setup(hooked), {}, '?journal=me')
    t.match(await command(peer, 'start', null, { key: 'k' }), { success: true, data: 1 })
    allowed = false
    t.match(await command(peer, 'start', null, { key: 'k' }), { success: true, data: 1 }, 'whatever a check says now: it has run')
    t.equal(code(await command(peer, 'start', null, { key: 'l' })), 'JUGGLER_DATA_INVALID')
    t.equal(code(await command(peer, 'start', null, { key: 'k', journal: 'other' })), 'JUGGLER_OUTCOME_UNKNOWN')
    if (hooked) {
      const again = await connectPeer(t, `${origin}/ws?journal=me&hook=1`)
      t.equal(code(await command(again, 'start', null, { key: 'k' })), 'JUGGLER_OUTCOME_UNKNOWN', 'nor is the outcome told against the will of a hook')
      t.match(await command(again, 'start', null, { key: 'l' }), { success: false, data: 'too often' })
      t.strictSame(repeated, [false, true, false, false, false, false])
    }
    t.equal(runs, 1)
  }
})

t.test('hooks that change the data make no other command of a repeat', async (t) => {
  let calls = 0
  const { peer } = await serveApp(t, (app) => {
    app.juggler.addHook('preRequest', (_connection, { data }) => { (data as { calls: number }).calls = ++calls })
    app.juggler.handle('start', { once: true }, (_connection, data) => data)
  })
  for (let i = 0; i < 2; i++) t.match(await command(peer, 'start', { id: 1 }, { key: 'k' }), { success: true, data: { id: 1, calls: 1 } })
})

t.test('what comes in late on a connection that its client has given up is not run', async (t) => {
  const { setup, runs } = counting()
  const { peer, origin } = await serveApp(t, setup, {}, '?journal=me')
  const late = await connectPeer(t, `${origin}/ws?journal=me`)
  await command(peer, '', null, { key: '?' })
  await command(peer, 'start', null, { key: 'first' })
  await command(late, '', null, { key: '?' })
  t.equal(code(await command(peer, 'start', null, { key: 'k' })), 'JUGGLER_OUTCOME_UNKNOWN')
  t.match(await command(peer, 'start', null, { key: 'first' }), { success: true, data: { run: 1 } }, 'what is known is told')
  t.match(await command(late, 'start', null, { key: 'k' }), { success: true, data: { run: 2 } })
  await command(peer, '', null, { key: '?' })
  t.match(await command(late, 'start', null, { key: 'l' }), { success: true, data: { run: 3 } }, 'a question that comes in late changes nothing')
  late.ws.terminate()
  await late.closed
  t.equal(code(await command(peer, 'start', null, { key: 'm' })), 'JUGGLER_OUTCOME_UNKNOWN', 'nor that the newer one is gone')
  const next = await connectPeer(t, `${origin}/ws?journal=me`)
  await command(next, '', null, { key: '?' })
  t.match(await command(next, 'start', null, { key: 'm' }), { success: true, data: { run: 4 } })
  t.equal(runs(), 4)
})
