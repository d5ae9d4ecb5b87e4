import t from 'tap'
import { serveApp } from '../../../helpers/served.ts'

t.test('a handler that comes when the app is ready is checked from its first request on', async (t) => {
  const { app, peer } = await serveApp(t, () => {})
  app.juggler.handle('late', { schema: { data: { type: 'integer' } } }, (_connection, data) => data)
  t.match(await peer.ask(1, 'late', 1), { success: true })
  t.match(await peer.ask(2, 'late', 'x'), { success: false, data: { code: 'JUGGLER_DATA_INVALID' } })
})

t.test('handlers of one scope and of others, each once', async (t) => {
  const { peer } = await serveApp(t, async (app) => {
    for (const name of ['a', 'b']) app.juggler.handle(name, { schema: { data: { type: 'integer' } } }, () => name)
    await app.register(async (scope) => { scope.juggler.handle('c', { schema: { data: { type: 'string' } } }, () => 'c') })
  })
  for (const [name, data] of [['a', 1], ['b', 2], ['c', 'x']] as const) t.match(await peer.ask(1, name, data), { success: true, data: name })
  for (const [name, data] of [['a', 'x'], ['b', null], ['c', 3]] as const) t.match(await peer.ask(1, name, data), { success: false })
})

t.test('a handler whose schema cannot be used is none, also when the app is ready', async (t) => {
  const { app, peer } = await serveApp(t, () => {})
  for (const schema of [{ data: { type: 'nothing' } }, { data: {}, result: { $ref: 'nowhere#' } }]) {
    t.throws(() => app.juggler.handle('late', { schema }, () => 'unchecked'), { code: 'FST_JUGGLER_SCHEMA_INVALID' })
    t.match(await peer.ask(1, 'late'), { success: false, data: 'request handler not implemented' })
  }
  app.juggler.handle('late', { schema: { data: {} } }, () => 'checked')
  t.match(await peer.ask(1, 'late'), { success: true, data: 'checked' })
})
