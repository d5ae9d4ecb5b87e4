import t from 'tap'
import { Router } from '../../../lib/server/requests/router.ts'
import type { Connection, RequestContext } from '../../../types/server.ts'

const connection = {} as Connection
const context = {} as RequestContext
const call = (router: Router, name: string, data: unknown) => router.route(name).call(connection, name, data, context)

t.test('a request goes to the handler of its name, else to the fallback', async (t) => {
  const router = new Router()
  router.handle('a', {}, (...args) => ['a', ...args])
  router.onRequest((...args) => ['fallback', ...args])
  t.strictSame(call(router, 'a', 1), ['a', connection, 1, context])
  t.strictSame(call(router, 'b', 2), ['fallback', connection, 'b', 2, context])
  t.ok(router.has('a'))
  t.notOk(router.has('b'))
})

t.test('without either the error is the reference\'s', async (t) => {
  const router = new Router()
  for (const name of ['a', 'constructor', '__proto__', 'toString']) {
    t.throws(() => call(router, name, null), { code: 'JUGGLER_REQUEST_FAILED', data: 'request handler not implemented' })
  }
})

t.test('names that objects inherit can have handlers', async (t) => {
  const router = new Router()
  for (const name of ['constructor', '__proto__']) {
    router.handle(name, {}, () => name)
    t.equal(call(router, name, null), name)
  }
})
