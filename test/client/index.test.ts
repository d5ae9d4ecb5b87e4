import t from 'tap'
import { connect, ConnectionClosedError, JugglerError } from '../../lib/client/index.ts'
import { scriptedServer } from './helpers/scripted-server.ts'

t.test('state, requests, notifications and close, end to end', async (t) => {
  const server = await scriptedServer(t)
  const notes: unknown[] = []
  const client = await connect(server.url, { onNotify: (...note) => notes.push(note) })
  const peer = await server.peer()
  t.equal(client.status, 'open')
  t.equal(client.state.data, null)

  const changed = new Promise<void>((resolve) => client.state.onChange(() => resolve()))
  peer.whole({ pumps: [1, 2] })
  await changed
  t.same(client.state.data, { pumps: [1, 2] })

  const answer = client.send('start', { id: 7 })
  t.same(await peer.message(), { type: 'request', id: 1, name: 'start', data: { id: 7 } })
  peer.say({ type: 'notify', name: 'started', data: 7 })
  peer.say({ type: 'response', id: 1, success: true, data: { ok: true } })
  t.same(await answer, { ok: true })
  t.same(notes, [['started', 7]])

  const refused = client.send('stop')
  t.same(await peer.message(), { type: 'request', id: 2, name: 'stop', data: null })
  peer.say({ type: 'response', id: 2, success: false, data: { why: 'locked' } })
  await t.rejects(refused, new JugglerError({ why: 'locked' }))

  const unanswered = client.send('slow')
  await client.close()
  t.equal(client.status, 'closed')
  t.same(await client.closed, { code: 1000, reason: '' })
  await t.rejects(unanswered, ConnectionClosedError)
  await t.rejects(client.send('late'), ConnectionClosedError)
  t.same(await peer.closed, { code: 1000, reason: '' })
})
