/** Who may not see a part of the state is never sent it, in whatever way the state leaves the server. */
import t from 'tap'
import type { Test } from 'tap'
import { createState } from '../../lib/index.ts'
import { connect } from '../../lib/client/index.ts'
import type { FastifyJugglerOptions } from '../../types/options.ts'
import type { JsonValue } from '../../types/json.ts'
import type { State } from '../../types/state.ts'
import { startApp } from '../helpers/app.ts'
import { Logs } from '../helpers/logs.ts'
import { connectPeer, refusal } from '../helpers/peer.ts'

const plant = () => createState<JsonValue>({
  pumps: { 7: { speed: 1450, service: 'secret-1' }, 8: { speed: 900, service: 'secret-2' } },
  alarms: [{ text: 'hot', by: 'secret-3' }],
  users: { ann: 'secret-4' }
})

const views: NonNullable<FastifyJugglerOptions['views']> = {
  operator: { allow: ['/**'] },
  guest: { allow: ['/pumps'], deny: ['/pumps/*/service'] },
  nobody: { allow: [] }
}

const view: NonNullable<FastifyJugglerOptions['view']> = ({ query }) => (query as { as: string }).as

async function serve (t: Test, state: State<never> | State, options: FastifyJugglerOptions = {}) {
  return await startApp(t, { juggler: { state: state as State, autoflushDelay: 0, view, views, ...options } })
}

const guestState = '{"type":"state","diff":[{"op":"replace","path":"","value":{"pumps":{"7":{"speed":1450},"8":{"speed":900}}}}]}'

t.test('each view gets what it may see, and hears only of that', async (t) => {
  const state = plant()
  const { origin } = await serve(t, state)
  const operator = await connectPeer(t, `${origin}/ws?as=operator`)
  const guest = await connectPeer(t, `${origin}/ws?as=guest`)
  const nobody = await connectPeer(t, `${origin}/ws?as=nobody&announce=1`)
  t.match(await operator.next(), { diff: [{ op: 'replace', path: '', value: plant().data }] })
  t.equal(await guest.nextText(), guestState)
  t.equal(await nobody.nextText(), '{"type":"state","diff":[]}', 'which is null')
  state.set('/pumps/7/service', 'secret-5')
  state.set('/users/ann', 'secret-6')
  state.set('/pumps/7/speed', 0)
  for (const path of ['/pumps/7/service', '/users/ann']) t.match(await operator.next(), { diff: [{ path }] })
  t.equal(await guest.nextText(), '{"type":"state","diff":[{"op":"replace","path":"/pumps/7/speed","value":0}]}')
  state.set('/pumps/9', { speed: 1, service: 'secret-7' })
  t.equal(await guest.nextText(), '{"type":"state","diff":[{"op":"add","path":"/pumps/9","value":{"speed":1}}]}')
  state.patch([{ op: 'move', from: '/users/ann', path: '/pumps/9/speed' }])
  t.equal(await guest.nextText(), '{"type":"state","diff":[{"op":"replace","path":"/pumps/9/speed","value":"secret-6"}]}', 'what moves there may be seen')
  state.set('/pumps', [])
  t.equal(await guest.nextText(), '{"type":"state","diff":[{"op":"remove","path":"/pumps"}]}', 'an array is hidden whole')
  await nobody.echo()
  t.equal(nobody.pending, 0)
})

t.test('a key without rules is refused, and logged; so is what is no key', async (t) => {
  const logs = new Logs()
  const state = plant()
  const { app, origin } = await startApp(t, { fastify: { logger: logs.logger }, juggler: { state: state as State, view: (request) => view(request) ?? 5 as never, views } })
  for (const as of ['admin', '', '__proto__', 'constructor']) t.equal(await refusal(t, `${origin}/ws?as=${as}`), 403, as)
  t.equal(await refusal(t, `${origin}/ws`), 403)
  t.equal(logs.lines.filter(({ msg }) => /no rules for what 'view' returned/.test(String(msg))).length, 5)
  t.match(logs.lines.find(({ view }) => view !== undefined), { view: "'admin'" })
  t.equal(app.juggler.connections.size, 0)
})

t.test('what view throws refuses the upgrade', async (t) => {
  const { origin } = await serve(t, plant(), { view: async () => { throw Object.assign(new Error('no'), { statusCode: 418 }) } })
  t.equal(await refusal(t, `${origin}/ws`), 418)
})

t.test('handlers ask what a client may see; a condition of a command is no way to guess', async (t) => {
  const state = plant()
  const { app, origin } = await serve(t, state)
  app.juggler.handle('ask', (connection, data) => {
    const path = data as string
    return [connection.view.key, connection.view.allows(path), connection.view.get(path), connection.view.stringify(path)]
  })
  app.juggler.handle('stop', { once: true }, () => 'stopped')
  const guest = await connect(`${origin}/ws?as=guest`)
  t.teardown(() => guest.close())
  await guest.ready
  t.same(await guest.send('ask', '/pumps/7/speed'), ['guest', true, 1450, '1450'])
  t.same(await guest.send('ask', '/pumps/7'), ['guest', false, { speed: 1450 }, '{"speed":1450}'])
  t.same(await guest.send('ask', '/users/ann'), ['guest', false, null, 'null'])
  t.same(await guest.send('ask', '/alarms/0'), ['guest', false, null, 'null'])
  const outcome = async (path: string, value: unknown) => await guest.send('stop', null, { key: true, expect: { path, value: value as never } }).catch((error) => error.data)
  const right = await outcome('/users/ann', 'secret-4')
  const wrong = await outcome('/users/ann', 'other')
  t.match(right, { code: 'JUGGLER_CONFLICT', value: null })
  t.same(right, wrong)
  t.match(await outcome('/pumps/7', 1), { code: 'JUGGLER_CONFLICT', value: { speed: 1450 } })
  t.equal(await outcome('/pumps/7/speed', 1450), 'stopped')
})

t.test('who comes back as somebody else gets the whole of what that one may see', async (t) => {
  const state = plant()
  const { origin } = await serve(t, state)
  const at = (as: string, epoch: unknown = '', revision: unknown = '') => `${origin}/ws?as=${as}&announce=1&epoch=${epoch}&revision=${revision}`
  const operator = await connectPeer(t, at('operator'))
  const { epoch, revision } = await operator.next() as unknown as { epoch: string, revision: number }
  const guest = await connectPeer(t, at('guest'))
  const own = await guest.next() as unknown as { epoch: string, revision: number }
  t.not(own.epoch, epoch)
  const back = await connectPeer(t, at('guest', epoch, revision))
  t.match(await back.next(), { diff: [{ path: '', value: { pumps: { 7: { speed: 1450 } } } }], since: undefined })
  guest.ws.terminate()
  state.set('/users/ann', 'secret-8')
  state.set('/pumps/8/speed', 5)
  const again = await connectPeer(t, at('guest', own.epoch, own.revision))
  t.match(await again.next(), { diff: [{ path: '/pumps/8/speed', value: 5 }], since: own.revision, revision: own.revision + 1, epoch: own.epoch })
})

t.test('an array of which a part is hidden is mentioned in the log, once', async (t) => {
  const logs = new Logs()
  const state = plant()
  const { origin } = await startApp(t, {
    fastify: { logger: logs.logger },
    juggler: { state: state as State, autoflushDelay: 0, view: () => 'all', views: { all: { allow: ['/**'], deny: ['/alarms/*/by'] } } }
  })
  const peer = await connectPeer(t, `${origin}/ws`)
  t.match(await peer.nextText(), /^(?!.*alarms)/)
  for (let i = 0; i < 3; i++) state.set('/alarms', [{ by: i }])
  await peer.echo()
  t.match(logs.lines.filter(({ path }) => path === '/alarms'), [{ view: 'all', msg: /hidden as a whole/ }])
  t.equal(logs.lines.filter(({ path }) => path === '/alarms').length, 1)
})

t.test('states of connections have views as well', async (t) => {
  const { app, origin } = await startApp(t, { juggler: { autoflushDelay: 0, view, views } })
  app.juggler.onConnection(({ state }) => { state.set('', { pumps: { 1: { service: 'secret', speed: 1 } }, b: 'secret' }) })
  const peer = await connectPeer(t, `${origin}/ws?as=guest`)
  t.match((await peer.nextText()), /"value":\{"pumps":\{"1":\{"speed":1\}\}\}/)
})

t.test('rules that cannot be are refused when the plugin is registered', async (t) => {
  const refused = async (options: FastifyJugglerOptions, code: string, message: RegExp) => {
    await t.rejects(startApp(t, { juggler: options }), { code, message }, String(message))
  }
  const withViews = (views: unknown): FastifyJugglerOptions => ({ view: () => 'a', views: views as never })
  await refused({ view }, 'FST_JUGGLER_OPTION_CONFLICT', /'view' does not go with missing 'views'/)
  await refused({ views }, 'FST_JUGGLER_OPTION_CONFLICT', /'views' does not go with a missing 'view'/)
  await refused({ view: 'guest' as never, views }, 'FST_JUGGLER_OPTION_INVALID', /'view'/)
  await refused(withViews([]), 'FST_JUGGLER_OPTION_INVALID', /'views'/)
  await refused(withViews({ a: [] }), 'FST_JUGGLER_OPTION_INVALID', /'views.a'/)
  await refused(withViews({ a: {} }), 'FST_JUGGLER_OPTION_INVALID', /'views.a.allow'/)
  await refused(withViews({ a: { allow: '/b' } }), 'FST_JUGGLER_OPTION_INVALID', /'views.a.allow'/)
  await refused(withViews({ a: { allow: [], denyy: [] } }), 'FST_JUGGLER_OPTION_UNKNOWN', /did you mean 'views.a.deny'/)
  await refused(withViews({ a: { allow: new Array(10_001).fill('/b') } }), 'FST_JUGGLER_OPTION_INVALID', /10000 patterns/)
  const patterns = ['b', 5, null, '/b~', '/**/b', '/b/__proto__', '/__proto__/**', '/a'.repeat(65)]
  for (const pattern of patterns) {
    await refused(withViews({ a: { allow: ['/ok', pattern] } }), 'FST_JUGGLER_OPTION_INVALID', /'views.a.allow\[1\]'/)
    await refused(withViews({ a: { allow: [], deny: [pattern] } }), 'FST_JUGGLER_OPTION_INVALID', /'views.a.deny\[0\]'/)
  }
})
