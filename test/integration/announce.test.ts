/** A state that is null is silence on the wire; a client may ask to be told, so that it knows that nothing is missing. */
import t from 'tap'
import { connect } from '../../lib/client/index.ts'
import { createState } from '../../lib/index.ts'
import type { JsonValue } from '../../types/json.ts'
import { startApp } from '../helpers/app.ts'
import { connectPeer } from '../helpers/peer.ts'

t.test('who asks is told that the state is null; who does not is sent nothing', async (t) => {
  const state = createState<JsonValue>(null)
  const { origin } = await startApp(t, { juggler: { state, autoflushDelay: 10 } })
  const asking = await connectPeer(t, `${origin}/ws?announce=1`)
  const silent = await connectPeer(t, `${origin}/ws`)
  t.same(await asking.next(), { type: 'state', diff: [] })
  await silent.echo()
  state.set('', 1)
  t.same(await asking.next(), { type: 'state', diff: [{ op: 'replace', path: '', value: 1 }] })
  t.same(await silent.next(), { type: 'state', diff: [{ op: 'replace', path: '', value: 1 }] })
})

t.test('a state that became null while a client was away is not stale for ever', async (t) => {
  const state = createState<JsonValue>({ a: 1 })
  const { app, origin } = await startApp(t, { juggler: { state, autoflushDelay: 10 } })
  const client = await connect(`${origin}/ws`, { reconnect: { minDelay: 1, maxDelay: 20 } })
  t.teardown(() => client.close())
  const seen: unknown[] = []
  const until = (done: () => boolean) => new Promise<void>((resolve) => {
    const end = client.state.onChange(() => {
      seen.push(client.state.data)
      if (!done()) return
      end()
      resolve()
    })
  })
  if (client.state.data === null) await until(() => client.state.data !== null)
  const current = until(() => !client.stale && client.state.data === null)
  const lost = new Promise<void>((resolve) => client.onStatus((status) => { if (status === 'reconnecting') resolve() }))
  for (const connection of app.juggler.connections) connection.close(4408, 'gone')
  await lost
  t.same(client.state.data, { a: 1 }, 'the last state stays readable')
  t.ok(client.stale)
  state.set('', null)
  await current
  t.equal(client.state.data, null)
  t.notOk(client.stale)
})
