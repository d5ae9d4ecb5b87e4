/** A command that no server can take must not have its client come and go for ever. */
import t from 'tap'
import { connect } from '../../lib/client/index.ts'
import { startApp } from '../helpers/app.ts'

t.test('one that is too large, and the others go on', async (t) => {
  const { app, origin } = await startApp(t, { juggler: { maxPayload: 10_000 } })
  let runs = 0
  app.juggler.handle('start', { once: true }, (_connection, data) => {
    runs++
    return (data as string).length
  })
  const client = await connect(`${origin}/ws`, { reconnect: { minDelay: 1, maxDelay: 10 } })
  t.teardown(() => client.close())
  const codes: unknown[] = []
  client.onStatus((_status, info) => { if (info !== undefined) codes.push(info.code) })
  const large = client.send('start', 'x'.repeat(20_000), { key: true })
  const small = client.send('start', 'x', { key: true })
  t.match(await large.catch((error: unknown) => error), { data: { code: 'JUGGLER_OUTCOME_UNKNOWN' } })
  t.equal(await small, 1)
  t.same(codes, [1009, 1009, 1009])
  t.equal(runs, 1)
})
