import t from 'tap'
import { serveApp } from '../../helpers/served.ts'

t.test('what a handler returns, by whatever way, is answered', async (t) => {
  const { peer } = await serveApp(t, (app) => {
    const data = { type: 'integer' }
    app.juggler.handle('sync', () => 1)
    app.juggler.handle('async', async () => 2)
    app.juggler.handle('checked sync', { schema: { data, result: data } }, (_connection, data) => data)
    app.juggler.handle('checked async', { schema: { data, result: data } }, async (_connection, data) => data)
    app.juggler.handle('checked, unsendable', { schema: { result: {} } }, () => 1n)
  })
  t.match(await peer.ask(1, 'sync'), { success: true, data: 1 })
  t.match(await peer.ask(1, 'async'), { success: true, data: 2 })
  t.match(await peer.ask(1, 'checked sync', 3), { success: true, data: 3 })
  t.match(await peer.ask(1, 'checked async', 4), { success: true, data: 4 })
  t.match(await peer.ask(1, 'checked, unsendable'), { success: false, data: /BigInt/ })
})

t.test('members called __proto__ are refused before a validator sees them', async (t) => {
  let seen = false
  const { peer } = await serveApp(t, (app) => {
    app.setValidatorCompiler(() => () => { seen = true; return true })
    app.juggler.handle('checked', { schema: { data: { any: true } } }, () => {})
    app.juggler.handle('timed', { schema: { data: { any: true } }, timeout: 1000 }, () => {})
  })
  for (const name of ['checked', 'timed']) {
    peer.send(`{"type":"request","id":1,"name":"${name}","data":{"__proto__":{"a":1}}}`)
    t.match(await peer.next(), { success: false, data: /forbidden member/ })
  }
  t.notOk(seen)
})
