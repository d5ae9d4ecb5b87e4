import t from 'tap'
import { JugglerError } from '../../../lib/index.ts'
import type { HookRequest, RequestOutcome } from '../../../types/server.ts'
import { serveApp } from '../../helpers/served.ts'

t.test('preRequest authorises, in order, before anything is checked', async (t) => {
  const order: string[] = []
  const { peer } = await serveApp(t, (app) => {
    app.juggler.addHook('preRequest', async (connection, { name, data, id }) => {
      order.push(`first ${name} ${JSON.stringify(data)} ${String(id)} ${connection.request.url}`)
      if (name === 'secret') throw new JugglerError({ code: 'FORBIDDEN' })
    })
    app.juggler.addHook('preRequest', (_connection, { name }) => { order.push(`second ${name}`) })
    app.juggler.handle('secret', { schema: { data: { type: 'number' } } }, () => order.push('ran'))
    app.juggler.handle('open', () => 'yes')
  })
  t.strictSame(await peer.ask(7, 'secret', 'x'), { type: 'response', id: 7, success: false, data: { code: 'FORBIDDEN' } })
  t.match(await peer.ask(8, 'open'), { success: true, data: 'yes' })
  t.match(await peer.ask(9, 'missing'), { success: false, data: 'request handler not implemented' })
  t.match(await peer.ask(10, '', 'echo'), { data: 'echo' }, 'an echo is no request of the app')
  t.same(order, ['first secret "x" 7 /ws', 'first open null 8 /ws', 'second open', 'first missing null 9 /ws', 'second missing'])
})

t.test('onResponse tells who asked what, with which outcome; what it throws is logged', async (t) => {
  const told: Array<Partial<RequestOutcome> & Partial<HookRequest>> = []
  const { peer, logs } = await serveApp(t, (app) => {
    app.juggler.addHook('onResponse', (_connection, { name, id, key }, { success, data, error, duration, repeated }) => {
      t.ok(duration >= 0 && duration < 10_000)
      told.push({ name, id, key, success, data, repeated, error: error instanceof Error ? error.message : error })
    })
    app.juggler.addHook('onResponse', () => { throw new Error('hook one') })
    app.juggler.addHook('onResponse', async () => { throw new Error('hook two') })
    app.juggler.handle('good', async () => ({ a: 1 }))
    app.juggler.handle('bad', () => { throw new Error('no') })
  })
  await peer.ask(1, 'good')
  await peer.ask(2, 'bad')
  await peer.echo()
  t.strictSame(told, [
    { name: 'good', id: 1, key: undefined, success: true, data: { a: 1 }, error: undefined, repeated: false },
    { name: 'bad', id: 2, key: undefined, success: false, data: 'no', error: 'no', repeated: false }
  ])
  t.equal(logs.matching(/an onResponse hook failed/).length, 4)
})

t.test('onError maps errors, one after the other', async (t) => {
  const seen: unknown[] = []
  const { peer, logs } = await serveApp(t, (app) => {
    app.juggler.addHook('onError', (_connection, { name }, error) => {
      seen.push([name, (error as Error).message])
      return name === 'mapped' ? new JugglerError({ code: 'MAPPED' }) : undefined
    })
    app.juggler.addHook('onError', async (_connection, _request, error) => { seen.push((error as Error).message) })
    app.juggler.addHook('onError', () => { throw new Error('the hook is broken') })
    app.juggler.onRequest((_connection, name) => { throw new Error(name) })
  })
  t.strictSame((await peer.ask(1, 'mapped')).data, { code: 'MAPPED' })
  t.strictSame((await peer.ask(2, 'other')).data, 'other')
  t.same(seen, [['mapped', 'mapped'], 'request failed', ['other', 'other'], 'other'])
  t.equal(logs.matching(/an onError hook failed/).length, 2)
})

t.test('hooks that are none', async (t) => {
  const { app } = await serveApp(t, () => {})
  t.throws(() => app.juggler.addHook('onRequest' as never, () => {}), { code: 'FST_JUGGLER_ARGUMENT_INVALID', message: /'onRequest'/ })
  t.throws(() => app.juggler.addHook('onError', null as never), { code: 'FST_JUGGLER_ARGUMENT_INVALID' })
})

t.test('hooks see the data as it was sent, whatever becomes of it', async (t) => {
  const seen: unknown[] = []
  const { peer } = await serveApp(t, (app) => {
    const schema = { data: { type: 'object', properties: { mode: { default: 'auto' } } } }
    app.juggler.addHook('preRequest', (_connection, { data }) => { seen.push(structuredClone(data)) })
    app.juggler.addHook('onError', (_connection, { data }) => { seen.push(data) })
    app.juggler.addHook('onResponse', (_connection, { data }) => { seen.push(data) })
    app.juggler.handle('set', { schema }, (_connection, data) => {
      (data as { id: number }).id = 2
      throw new Error('no')
    })
    app.juggler.handle('none', () => {})
  })
  await peer.ask(1, 'set', { id: 1 })
  peer.send('{"type":"request","id":2,"name":"none"}')
  await peer.next()
  t.strictSame(seen, [{ id: 1 }, { id: 1 }, { id: 1 }, null, null])
})
