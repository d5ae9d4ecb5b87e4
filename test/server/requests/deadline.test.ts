import { getEventListeners } from 'node:events'
import t from 'tap'
import type { Connection } from '../../../types/server.ts'
import { HandlerDeadline } from '../../../lib/server/requests/deadline.ts'
import { serveApp } from '../../helpers/served.ts'

t.test('a handler that takes too long is answered, its signal aborts, and the next request runs', async (t) => {
  let aborted: unknown
  const { peer } = await serveApp(t, (app) => {
    app.juggler.handle('slow', { timeout: 20 }, (_connection, _data, { signal }) => {
      signal.addEventListener('abort', () => { aborted = signal.reason })
      return new Promise(() => {})
    })
    app.juggler.handle('late', { timeout: 20 }, (_connection, _data, { signal }) => new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(new Error('given up')))
    }))
    app.juggler.handle('quick', { timeout: 60_000 }, (_connection, data) => data)
    app.juggler.handle('bad', { timeout: 60_000 }, async () => { throw new Error('bad') })
  })
  const message = /not carried out within 20 ms/
  t.match(await peer.ask(1, 'slow'), { success: false, data: { code: 'JUGGLER_HANDLER_TIMEOUT', message } })
  t.match(aborted, { data: { code: 'JUGGLER_HANDLER_TIMEOUT' } })
  t.match(await peer.ask(2, 'late'), { success: false, data: { code: 'JUGGLER_HANDLER_TIMEOUT' } }, 'what it says after that is too late')
  t.match(await peer.ask(3, 'quick', 5), { success: true, data: 5 })
  t.match(await peer.ask(4, 'bad'), { success: false, data: 'bad' })
})

t.test('nothing is left behind, and an aborted source is told at once', async (t) => {
  const { signal } = new AbortController()
  const connection = { signal } as Connection
  const deadline = new HandlerDeadline(connection, 60_000, false, AbortSignal.abort())
  t.notOk(deadline.signal.aborted)
  t.equal(getEventListeners(signal, 'abort').length, 1)
  t.equal(await deadline.limit(async () => 1), 1)
  deadline.end()
  t.equal(getEventListeners(signal, 'abort').length, 0)
  const command = new HandlerDeadline(connection, undefined, true, AbortSignal.abort(new Error('shutdown')))
  t.match(command.signal, { aborted: true, reason: { message: 'shutdown' } }, 'a command looks at the server alone')
})
