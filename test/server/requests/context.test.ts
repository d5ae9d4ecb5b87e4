import t from 'tap'
import type { RequestContext } from '../../../types/server.ts'
import { serveApp } from '../../helpers/served.ts'

t.test('a handler is told the name and id of its request, and logs under them', async (t) => {
  const { peer, logs } = await serveApp(t, (app) => {
    app.juggler.handle('a', (_connection, _data, { name, id, log }) => {
      log.info('from the handler')
      return { name, id }
    })
    app.juggler.onRequest((_connection, name, _data, context) => [name, context.name, context.id])
  })
  t.strictSame((await peer.ask('seven', 'a')).data, { name: 'a', id: 'seven' })
  t.strictSame((await peer.ask(8, 'b')).data, ['b', 'b', 8])
  t.match(logs.matching(/from the handler/), [{ request: 'a', requestId: 'seven', connection: /^c\d+$/ }])
})

t.test('the signal is that of the connection', async (t) => {
  let context!: RequestContext
  const started = deferred()
  const { peer } = await serveApp(t, (app) => {
    app.juggler.handle('wait', (connection, _data, given) => {
      t.equal(given.signal, connection.signal)
      context = given
      started.resolve(undefined)
      return new Promise(() => {})
    })
  })
  peer.request(1, 'wait')
  await started.promise
  const aborted = new Promise((resolve) => context.signal.addEventListener('abort', resolve))
  peer.ws.terminate()
  await aborted
})

function deferred () {
  let resolve!: (value: unknown) => void
  return { promise: new Promise((_resolve) => { resolve = _resolve }), resolve }
}
